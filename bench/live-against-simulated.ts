/**
 * How far the simulator can be trusted: a pool on a real redis-server under three loads, recorded, and the recordings
 * simulated. Ends with status 1 when a figure is further off than it may be: `npm run bench:live`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { AdaptivePool, recordScaling } from 'adaptive-pool';
import { redisFactory } from 'adaptive-pool/redis';
import { calibrate, loadRecording, type Calibration } from 'adaptive-pool/sim';
import { startRedisServer } from 'adaptive-pool/testing';
import { printTable } from './report.js';

/** How far a figure may be off, whichever allows more. */
const MOST_ERROR = 0.15;
const MOST_BIAS_MS = 0.5;

/** The figures that have to be right; the waits alone are printed for information. */
const JUDGED = new Set(['wait + use p50', 'wait + use p95', 'mean size']);

/** A process that gets no processor for longer than this measures the machine and not the pool. */
const MOST_STALL_MS = 60;
const ATTEMPTS = 3;

const SECONDS = Number(process.env['SECONDS'] ?? 20);

interface Load {
  readonly name: string;
  /** Time from one arrival to the next, in milliseconds, and how many come at once. */
  gapMs(elapsedMs: number): number;
  readonly atOnce: number;
  /** How long the holder of a connection is busy besides one GET, in milliseconds. */
  workMs(): number;
}

const LOADS: readonly Load[] = [
  {
    name: 'Poisson, 300 per second, work exponential 12 ms',
    gapMs: () => exponential(1_000 / 300),
    atOnce: 1,
    workMs: () => exponential(12),
  },
  {
    name: 'step from 100 to 500 per second, work 5 to 25 ms',
    gapMs: (elapsedMs) => exponential(elapsedMs < 500 * SECONDS ? 10 : 2),
    atOnce: 1,
    workMs: () => 5 + 20 * Math.random(),
  },
  {
    name: 'batches of 30 every 200 ms, work 10 to 30 ms',
    gapMs: () => 200,
    atOnce: 30,
    workMs: () => 10 + 20 * Math.random(),
  },
];

const directory = mkdtempSync(join(tmpdir(), 'adaptive-pool-live-'));
const server = await startRedisServer();
const warmUp = LOADS[0];
// The first requests of a process run code that is not compiled yet.
if (warmUp !== undefined) await live(warmUp, join(directory, 'warm-up.jsonl'), 3);
let isGood = true;
for (const [index, load] of LOADS.entries()) {
  console.log(`\n${load.name}; ${SECONDS} s`);
  let file = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    file = join(directory, `${index}-${attempt}.jsonl`);
    const stalledMs = await live(load, file);
    if (stalledMs <= MOST_STALL_MS) break;
    const verdict = attempt === ATTEMPTS ? 'judged all the same' : 'measured again';
    console.log(`  this process stood still for ${stalledMs.toFixed(0)} ms: ${verdict}`);
  }
  const { run, decisions } = await loadRecording(file);
  const isSame = decisions.difference === null;
  console.log(
    `  ${run.arrivals} requests; ${decisions.identical} decisions replayed, ${isSame ? 'all identical' : 'then one differs'}`,
  );
  isGood = print(calibrate(run)) && isSame && isGood;
}
await server.stop();
rmSync(directory, { recursive: true });
console.log(isGood ? '\nall within bounds' : '\nNOT all within bounds');
process.exitCode = isGood ? 0 : 1;

/** Puts the load on a pool, records it from its first connection on, and returns the longest stall in milliseconds. */
async function live(load: Load, file: string, seconds = SECONDS): Promise<number> {
  const pool = new AdaptivePool({
    name: 'live',
    factory: redisFactory({ port: server.port }),
    min: 2,
    max: 24,
  });
  const recording = recordScaling(pool, file);
  await pool.ready();
  const stalls = monitorEventLoopDelay({ resolution: 5 });
  stalls.enable();
  const calls: Promise<void>[] = [];
  const begin = performance.now();
  let next = begin;
  while (next - begin < 1_000 * seconds) {
    next += load.gapMs(next - begin);
    // Those who are due have come, however late the timer was.
    if (next > performance.now()) await sleep(next - performance.now());
    for (let nth = 0; nth < load.atOnce; nth += 1) {
      const workMs = load.workMs();
      calls.push(
        pool.use(async (redis) => {
          await redis.get('key');
          await sleep(workMs);
        }),
      );
    }
  }
  await Promise.all(calls);
  stalls.disable();
  await recording.stop();
  await pool.close();
  return stalls.max / 1e6;
}

function print({ figures }: Calibration): boolean {
  let isGood = true;
  const rows = figures.map(({ figure, unit, recorded, simulated, bias, error }) => {
    const isClose =
      (error !== null && error <= MOST_ERROR) || (unit === 'ms' && Math.abs(bias) <= MOST_BIAS_MS);
    const isJudged = JUDGED.has(figure);
    if (isJudged && !isClose) isGood = false;
    return [
      `${figure}${unit === 'ms' ? ', ms' : ''}`,
      recorded.toFixed(2),
      simulated.toFixed(2),
      bias.toFixed(2),
      error === null ? '-' : `${(100 * error).toFixed(1)} %`,
      isJudged ? (isClose ? 'good' : 'BAD') : '',
    ];
  });
  printTable(['', 'live', 'simulated', 'bias', 'error', ''], rows);
  return isGood;
}

function exponential(meanMs: number): number {
  return -meanMs * Math.log(1 - Math.random());
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
