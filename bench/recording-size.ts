/**
 * Room that a recording takes at 100 ms ticks: `npx tsx bench/recording-size.ts`. A virtual clock runs a pool under Poisson
 * load with use times of 5 ms in the mean, for two minutes after one of warming up; the growth is scaled to an hour.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdaptivePool, recordScaling } from 'adaptive-pool';
import { VirtualClock } from 'adaptive-pool/testing';
import { randomFrom } from '../test/support/random.js';
import { printTable } from './report.js';

// The same figures every time.
const random = randomFrom(1);

const WARM_UP_MS = 60_000;
const MEASURED_MS = 120_000;

/** Bytes that one recording of this load takes in an hour, and how many decisions it holds. */
async function measure(
  perSecond: number,
  requests: boolean,
): Promise<{ readonly bytes: number; readonly decisions: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'adaptive-pool-size-'));
  // As many digits as a clock has after a quarter of an hour.
  const clock = new VirtualClock();
  await clock.advance(1_234_567.123_457);
  const factory = {
    create: async (): Promise<object> => {
      await clock.sleep(7.3);
      return {};
    },
    destroy: (): void => {},
  };
  const pool = new AdaptivePool({ name: 'web', factory, min: 2, max: 64, clock });
  const file = join(directory, 'web.jsonl');
  let decisions = 0;
  pool.on('decision', () => {
    decisions += 1;
  });
  const ready = pool.ready();
  await clock.advance(100);
  await ready;
  await run(clock, pool, perSecond, WARM_UP_MS);
  decisions = 0;
  const recording = recordScaling(pool, file, { requests, maxBytes: 2 ** 40 });
  await run(clock, pool, perSecond, MEASURED_MS);
  await recording.stop();
  const bytes = statSync(file).size;
  void pool.close({ deadlineMs: 0 });
  await clock.advance(10_000);
  rmSync(directory, { recursive: true });
  const perHour = 3_600_000 / MEASURED_MS;
  return { bytes: bytes * perHour, decisions: decisions * perHour };
}

async function run(
  clock: VirtualClock,
  pool: AdaptivePool<object>,
  perSecond: number,
  forMs: number,
): Promise<void> {
  const end = clock.now() + forMs;
  let at = clock.now();
  for (;;) {
    at += perSecond === 0 ? forMs : exponential(1_000 / perSecond);
    if (at >= end) break;
    await clock.advance(at - clock.now());
    const useMs = exponential(5);
    void pool.use(() => clock.sleep(useMs)).catch(() => {});
  }
  await clock.advance(end - clock.now());
}

function exponential(meanMs: number): number {
  return -meanMs * Math.log(1 - random());
}

function inMebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

const rows: string[][] = [];
for (const perSecond of [0, 20, 200, 2_000]) {
  const plain = await measure(perSecond, false);
  const exact = await measure(perSecond, true);
  rows.push([
    String(perSecond),
    plain.decisions.toFixed(0),
    inMebibytes(plain.bytes),
    inMebibytes(exact.bytes),
  ]);
}
printTable(
  ['requests per second', 'decisions per hour', 'MiB per hour', 'MiB with `requests`'],
  rows,
);
