import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';

const CLI = fileURLToPath(new URL('../../dist/sim/cli.js', import.meta.url));
/** Says so when the first thread starts: from then on the command simulates. */
const TELLS = `data:text/javascript,process.once('worker', () => process.stderr.write('busy'));`;

const folder = mkdtempSync(join(tmpdir(), 'adaptive-pool-interrupt-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Both would take many minutes. */
const ENDLESS = {
  compare: ['--scenario', 'nasa-http', '--policy', 'fixed,step', '--replications', '10000'],
  tune: ['--scenario', 'steady', '--duration-ms', '600000', '--objective', 'wait p99 < 10ms'],
} as const;

describe.each(Object.entries(ENDLESS))('Ctrl-C during %s', (command, argv) => {
  it('ends it at once, without a file and without a word', async () => {
    const file = join(folder, `${command}.html`);
    const child = spawn(process.execPath, [
      '--import',
      TELLS,
      CLI,
      command,
      ...argv,
      '--workers',
      '2',
      '--html',
      file,
    ]);
    onTestFinished(() => void child.kill('SIGKILL'));
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => resolve([status, signal]));
    });
    const first = await new Promise<string>((resolve) => {
      child.stderr.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      child.once('close', () => resolve('ended'));
    });
    expect(first).toBe('busy');
    child.kill('SIGINT');
    expect(await ended).toEqual([null, 'SIGINT']);
    expect(stdout).toBe('');
    expect(readdirSync(folder)).toEqual([]);
  });
});
