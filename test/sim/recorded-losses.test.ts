import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { recordScaling } from '../../src/telemetry/recorder.js';
import { calibrate } from '../../sim/recording/calibrate.js';
import { recordedResult } from '../../sim/recording/recorded-result.js';
import type { RecordedRun } from '../../sim/recording/recorded-run.js';
import { loadRecording } from '../../sim/recording/recording.js';
import { provenance, simulateRecording } from '../../sim/recording/simulate-recording.js';
import { harness, type Harness } from '../support/pool-harness.js';

/** What a recording of `load` on two open connections says. */
async function recorded(
  options: Parameters<typeof harness>[0],
  load: (made: Harness) => Promise<void>,
): Promise<RecordedRun> {
  const folder = mkdtempSync(join(tmpdir(), 'adaptive-pool-losses-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const made = harness({ min: 2, max: 2, ...options }, { create: { slowMs: 5 } });
  const ready = made.pool.ready();
  await made.clock.advance(100);
  await ready;
  const recording = recordScaling(made.pool, join(folder, 'pool.jsonl'));
  await load(made);
  await recording.stop();
  return (await loadRecording(join(folder, 'pool.jsonl'))).run;
}

/** Ten callers at one instant, a hundred times; each holds its connection for `useMs`. */
async function crowds(
  { clock, pool }: Harness,
  everyMs: number,
  useMs: number,
  options: Parameters<typeof pool.use>[1] = {},
): Promise<void> {
  for (let crowd = 0; crowd < 100; crowd += 1) {
    const uses = Array.from({ length: 10 }, () =>
      pool.use(() => clock.sleep(useMs), options).catch(() => {}),
    );
    await clock.advance(everyMs);
    await Promise.all(uses);
  }
}

/** The figures that a recording and its simulation should have in common. */
function figures({
  requests,
  violations,
  timeouts,
  rejected,
  stillWaiting,
}: ReturnType<typeof recordedResult>): number[] {
  return [requests, violations, timeouts, rejected, stillWaiting];
}

describe('a recording in which callers got nothing', () => {
  it('leaves out tryAcquire without success, so that its simulation is what happened', async () => {
    const run = await recorded({}, async ({ clock, pool }) => {
      for (let crowd = 0; crowd < 100; crowd += 1) {
        const leases = Array.from({ length: 10 }, () => pool.tryAcquire());
        await clock.advance(5);
        for (const lease of leases) lease?.release();
        await clock.advance(5);
      }
    });
    expect(run.arrivals).toBe(1_000);
    expect(figures(recordedResult(run))).toEqual([200, 0, 0, 0, 0]);
    const { result, load } = simulateRecording(run);
    expect(figures(result)).toEqual([200, 0, 0, 0, 0]);
    expect(result.wait.maxMs).toBe(0);
    expect(load.left).toBe(800);
    expect(provenance(run, load).join('\n')).toContain(
      'left out: 800 callers who gave up by themselves (aborted, or tryAcquire without success), ',
    );
  });

  it('leaves out who was aborted while waiting', async () => {
    const run = await recorded({ acquireTimeoutMs: 10_000 }, async ({ clock, pool }) => {
      for (let crowd = 0; crowd < 50; crowd += 1) {
        const { signal, abort } = controller();
        const uses = Array.from({ length: 10 }, () =>
          pool.use(() => clock.sleep(50), { signal }).catch(() => {}),
        );
        await clock.advance(10);
        abort();
        await clock.advance(90);
        await Promise.all(uses);
      }
    });
    expect(figures(recordedResult(run))).toEqual([100, 0, 0, 0, 0]);
    expect(figures(simulateRecording(run).result)).toEqual([100, 0, 0, 0, 0]);
    expect(calibrate(run)).toMatchObject({ requests: 100 });
  });

  it('leaves out those who had come before it began, from nobody', async () => {
    const { signal, abort } = controller();
    const made = harness({ min: 1, max: 1 }, { create: { slowMs: 5 } });
    const holding = made.pool.use(() => made.clock.sleep(200));
    const waiting = made.pool.use(() => {}, { signal }).catch(() => {});
    await made.clock.advance(100);
    const folder = mkdtempSync(join(tmpdir(), 'adaptive-pool-losses-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const recording = recordScaling(made.pool, join(folder, 'pool.jsonl'));
    const served = made.pool.use(() => made.clock.sleep(5));
    abort();
    await made.clock.advance(300);
    await Promise.all([holding, waiting, served]);
    await recording.stop();
    const { run } = await loadRecording(join(folder, 'pool.jsonl'));
    expect([run.arrivals, run.leftCounts.values[0]]).toEqual([1, 1]);
    expect(recordedResult(run).requests).toBe(1);
  });

  it.each([0, 5])('counts timeouts after %d ms, below the objective, as violations', async (ms) => {
    const run = await recorded({ acquireTimeoutMs: ms }, (made) => crowds(made, 20, 8));
    expect(figures(recordedResult(run))).toEqual([1_000, 800, 800, 0, 0]);
    expect(figures(simulateRecording(run).result)).toEqual([1_000, 800, 800, 0, 0]);
  });

  it('knows how long those waited who had a timeout of their own', async () => {
    const run = await recorded({ acquireTimeoutMs: Number.POSITIVE_INFINITY }, (made) =>
      crowds(made, 100, 20, { timeoutMs: 20 }),
    );
    const { wait, timeouts } = recordedResult(run);
    expect(timeouts).toBe(800);
    // A bucket is at most 1.6 % wide.
    for (const ms of [wait.p50Ms, wait.p95Ms, wait.p99Ms, wait.maxMs])
      expect(ms).toBeCloseTo(20, 0);
    const { figures: compared, meanError, load } = calibrate(run);
    for (const { recorded: was, bias } of compared) {
      expect(Number.isFinite(was) && Number.isFinite(bias)).toBe(true);
    }
    expect(Number.isFinite(meanError)).toBe(true);
    expect(provenance(run, load).join('\n')).toContain('timeouts and priorities of single calls');
  });

  it('has the timeouts and rejections since the last decision, also of a pool that was closed', async () => {
    const late = await recorded({ acquireTimeoutMs: 30 }, async ({ clock, pool }) => {
      for (let nth = 0; nth < 32; nth += 1) void pool.use(() => clock.sleep(500)).catch(() => {});
      await clock.advance(40);
    });
    expect(figures(recordedResult(late))).toEqual([32, 30, 30, 0, 0]);
    const closed = await recorded({}, async ({ clock, pool }) => {
      for (let nth = 0; nth < 32; nth += 1) void pool.use(() => clock.sleep(100)).catch(() => {});
      await clock.advance(5);
      const closing = pool.close({ pending: 'reject', deadlineMs: 1_000 });
      await clock.advance(3_000);
      await closing;
    });
    expect(figures(recordedResult(closed))).toEqual([32, 30, 0, 30, 0]);
  });

  it('counts who still waits at its end as a violation', async () => {
    const run = await recorded({}, async ({ clock, pool }) => {
      for (let nth = 0; nth < 5; nth += 1) void pool.use(() => clock.sleep(1_000)).catch(() => {});
      await clock.advance(500);
    });
    expect(figures(recordedResult(run))).toEqual([5, 3, 0, 0, 3]);
  });

  it('counts work on shared connections that got nothing, and says that it is not simulated', async () => {
    const options = { min: 1, max: 1, sharedPerConnection: 2, acquireTimeoutMs: 30 };
    const run = await recorded(options, async ({ clock, pool }) => {
      const works = Array.from({ length: 10 }, () =>
        pool.run(() => clock.sleep(60)).catch(() => {}),
      );
      await clock.advance(100);
      await Promise.all(works);
    });
    expect(figures(recordedResult(run))).toEqual([9, 8, 8, 0, 0]);
    const { load } = simulateRecording(run);
    expect(provenance(run, load).join('\n')).toContain('not simulated: 8 requests of callers');
  });

  it('leaves out connections that nobody waits for any more in the end', async () => {
    const options = { min: 1, max: 1, sharedPerConnection: 1 };
    const run = await recorded(options, async ({ clock, pool }) => {
      const { signal, abort } = controller();
      const works = [1, 2, 3].map(() =>
        pool.run(() => clock.sleep(50), { signal }).catch(() => {}),
      );
      await clock.advance(10);
      abort();
      await clock.advance(500);
      await Promise.all(works);
    });
    expect(recordedResult(run)).toMatchObject({ requests: 1, stillWaiting: 0, violations: 0 });
  });
});

function controller(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const made = new AbortController();
  return { signal: made.signal, abort: () => made.abort() };
}
