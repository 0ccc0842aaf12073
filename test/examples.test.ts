import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** For a machine that is busy with other things. */
const LONGEST_MS = 60_000;

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Lines that an example must print, in this order, among others whose figures vary. */
const EXPECTED: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  'quickstart.ts': [
    'jobs grow 0→2 (max 16): the minimum of 2 is kept ready',
    /^jobs grow 2→\d+ \(max 16\): \d+ waiting/,
    // Who of those that block is served first may vary.
    /^\[ '[a-d]', '[a-d]', '[a-d]', '[a-d]' \]$/,
    /^[5-7] connections, 5 leases$/,
  ],
  'blocking-commands.ts': [
    'consumers grow 0→1 (max 10): the minimum of 1 is kept ready',
    /^consumers grow 1→\d+ \(max 10\): 5 waiting/,
    /^6 consumers block on ([6-9]|10) connections$/,
    'done: job 0, job 1, job 2, job 3, job 4, job 5',
  ],
  'any-resource.ts': ['one two three', '3 leases, 0 failed creates'],
  'custom-policy.ts': [
    /^littles-law: [\d.]+ % violations, p99 [\d.]+ ms, \d+ connection-seconds, \d+ creates$/,
    /^headroom: [\d.]+ % violations, p99 [\d.]+ ms, \d+ connection-seconds, \d+ creates$/,
    /^ {2}step grow \d+→\d+ \(max 64\): a quarter above the recent peak of [\d.]+$/,
  ],
  'policy-over-another.ts': [
    /^littles-law: p99 [\d.]+ ms, \d+ connection-seconds, \d+ creates$/,
    /^keep-half: p99 [\d.]+ ms, \d+ connection-seconds, \d+ creates$/,
  ],
  'graceful-shutdown.ts': [
    'SIGTERM: 2 in use, 1 waiting',
    'slow request finished',
    'PONG for the one that waited',
    'a new caller got ERR_POOL_CLOSED',
    /^connection \d was still held after the deadline$/,
    'closed: 2 leases came back, 0 are open',
  ],
  'simulate.ts': [
    /^min 2: \d+ of 185874 waited over 10 ms, p99 [\d.]+ ms, \d+ connection-seconds, \d+ creates$/,
    /^min 8: \d+ of 185874 /,
    /^min 16: \d+ of 185874 /,
  ],
  'hints.ts': [
    'sale grow 0→2 (max 40): the minimum of 2 is kept ready',
    'sale grow 2→23 (max 40): the announced load needs 23; 0/2 in use',
    '23 are open before the first caller comes',
    '20 served, 23 opened',
    'what adaptive has learnt, version 1',
  ],
  'record.ts': ['pool web', '0→2 floor', /^2→\d+ [a-z-]+$/, '200 arrivals'],
};

describe('examples', () => {
  it('are all run here', () => {
    const programs = readdirSync(new URL('../examples/', import.meta.url)).filter((file) =>
      file.endsWith('.ts'),
    );
    expect(programs.toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it.each(Object.entries(EXPECTED))(
    '%s ends well and prints what it says',
    async (file, lines) => {
      const args = ['--import', 'tsx', `examples/${file}`];
      // Rejects when the exit code is not 0.
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
        cwd: ROOT,
        timeout: LONGEST_MS,
      });
      const printed = stdout.split('\n');
      expect(stderr).toBe('');
      for (const line of lines) {
        const index = printed.findIndex((text) =>
          typeof line === 'string' ? text === line : line.test(text),
        );
        expect(index, `${String(line)} in what is left of:\n${stdout}`).toBeGreaterThanOrEqual(0);
        printed.splice(0, index + 1);
      }
    },
    LONGEST_MS,
  );
});
