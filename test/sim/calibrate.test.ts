import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AdaptivePool, recordScaling } from '../../src/index.js';
import { VirtualClock } from '../../src/testing/index.js';
import { main } from '../../sim/main.js';
import { StubFactory } from '../support/stub-factory.js';
import { randomFrom } from '../support/random.js';

const directory = mkdtempSync(join(tmpdir(), 'adaptive-pool-calibrate-'));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function record(file: string, requests: boolean): Promise<void> {
  const clock = new VirtualClock();
  const factory = new StubFactory(clock, { create: { slowMs: 15 } });
  const pool = new AdaptivePool({ name: 'web', factory, min: 1, max: 8, clock });
  const recording = recordScaling(pool, file, { requests });
  void pool.ready();
  const random = randomFrom(3);
  let at = 0;
  while ((at += -2 * Math.log(1 - random())) < 10_000) {
    await clock.advance(at - clock.now());
    const useMs = -13 * Math.log(1 - random());
    void pool.use(() => clock.sleep(useMs)).catch(() => {});
  }
  await clock.advance(500);
  await recording.stop();
  void pool.close({ deadlineMs: 0 });
  await clock.advance(10_000);
}

async function calibrate(...argv: readonly string[]): Promise<string> {
  let stdout = '';
  const status = await main(['calibrate', ...argv], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => expect(text).toBe('') },
    isTerminal: false,
    now: () => 0,
  });
  expect(status).toBe(0);
  return stdout;
}

interface Report {
  readonly figures: readonly {
    readonly figure: string;
    readonly recorded: number;
    readonly simulated: number;
    readonly bias: number;
    readonly error: number | null;
  }[];
  readonly meanError: number;
}

describe('adaptive-pool calibrate', () => {
  it('finds the simulator right about a pool that has no process around it', async () => {
    for (const [requests, most] of [
      [true, 0.03],
      [false, 0.15],
    ] as const) {
      const file = join(directory, `${requests}.jsonl`);
      await record(file, requests);
      const report = JSON.parse(await calibrate(file, '--json')) as Report;
      expect(report.figures.map(({ figure }) => figure)).toEqual([
        'wait p50',
        'wait p95',
        'wait p99',
        'wait + use p50',
        'wait + use p95',
        'wait + use p99',
        'mean size',
      ]);
      for (const { figure, recorded, simulated, bias, error } of report.figures) {
        expect(bias).toBeCloseTo(simulated - recorded, 5);
        // One wait in a hundred belongs to one or two queues, as long as by chance the uses in them were.
        if (!requests && figure === 'wait p99') continue;
        if (recorded > 0.5) expect(error, figure).toBeLessThan(most);
      }
      expect(report.meanError).toBeLessThan(most);
    }
  });

  it('prints a table', async () => {
    const file = join(directory, 'true.jsonl');
    const table = await calibrate(file);
    expect(table).toContain('recorded: every arrival and its use time exactly');
    expect(table).toMatch(/^ +recorded +simulated +bias +error$/m);
    expect(table).toMatch(/^wait \+ use p95, ms +\S+ +\S+ +[+-]?\S+ +\S+ %$/m);
    expect(table).toMatch(/^mean error \S+ %$/m);
  });
});
