/** What the simulator costs, beside a bare event loop in the same run: `npm run bench:sim`. */
import { parseScenario, simulate, type Scenario } from 'adaptive-pool/sim';
import { bareQueue } from './bare-queue.js';
import { LatencyWindow } from '../src/telemetry/latency-window.js';
import { cpuMs, median, printTable } from './report.js';

const ROUNDS = 5;
const REQUESTS = 2_000_000;
const RATE_PER_MS = 8;
const SERVERS = 10;
const TICK_MS = 100;

const MMC = parseScenario({
  version: 1,
  name: 'mmc',
  description: 'M/M/c, load 0.8.',
  durationMs: REQUESTS / RATE_PER_MS,
  workload: { kind: 'poisson', ratePerSecond: RATE_PER_MS * 1_000 },
  serviceMs: 'exp:1',
  createMs: 5,
  min: SERVERS,
  max: 2 * SERVERS,
  waitObjectiveMs: 10,
  acquireTimeoutMs: 1_000,
  tickMs: TICK_MS,
});
/** Nothing but ticks: one lease that never ends keeps the autoscaler awake. */
const IDLE: Scenario = {
  ...MMC,
  durationMs: 20_000_000,
  workload: { kind: 'batch', size: 1, startMs: 0, periodMs: Number.POSITIVE_INFINITY },
  serviceMs: { kind: 'constant', meanMs: 20_000_000 },
};

console.log(`Node ${process.version}, one thread`);
console.log(
  `\nM/M/c: ${RATE_PER_MS} requests per millisecond that take 1 ms, ${SERVERS} connections (littles-law: up to ${2 * SERVERS}), ${REQUESTS} requests, a tick every ${TICK_MS} ms; medians of ${ROUNDS} interleaved rounds, processor time`,
);
const speeds: Record<'bare' | 'fixed' | 'littles-law', number[]> = {
  bare: [],
  fixed: [],
  'littles-law': [],
};
for (let round = 0; round <= ROUNDS; round += 1) {
  const isWarmUp = round === 0;
  const time = (name: keyof typeof speeds, run: () => number): void => {
    const start = cpuMs();
    const requests = run();
    if (!isWarmUp) speeds[name].push((1_000 * requests) / (cpuMs() - start));
  };
  time('bare', () => {
    bareQueue(RATE_PER_MS, 1, SERVERS, REQUESTS, TICK_MS);
    return REQUESTS;
  });
  time('fixed', () => simulate(MMC, 'fixed').requests);
  time('littles-law', () => simulate(MMC, 'littles-law').requests);
}
const bare = median(speeds.bare);
printTable(
  ['', 'requests per second', 'of the bare loop'],
  Object.entries(speeds).map(([name, values]) => [
    name === 'bare' ? 'bare heap loop, same histogram records' : name,
    Math.round(median(values)).toLocaleString('en'),
    `${((100 * median(values)) / bare).toFixed(0)} %`,
  ]),
);
console.log('\nCost of a tick without requests');
printTable(['', 'µs'], tickCosts());

console.log(
  '\nPart of a tick that each window of durations costs; a pool has three, of wait, use and create',
);
printTable(
  ['recorded since the last tick', 'summary not read, µs', 'summary read, µs'],
  windowCosts(),
);

function tickCosts(): string[][] {
  return (['fixed', 'step', 'littles-law'] as const).map((policy) => {
    const costs: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const start = cpuMs();
      simulate(IDLE, policy);
      if (round > 0) costs.push((1_000 * (cpuMs() - start)) / (IDLE.durationMs / TICK_MS));
    }
    return [policy, median(costs).toFixed(2)];
  });
}

/** What a tick asks of a window: a new slice, and the summary if somebody reads it. */
function windowCosts(): string[][] {
  return [0, 80, 8_000].map((values) => [
    values.toLocaleString('en'),
    windowCost(values, false),
    windowCost(values, true),
  ]);
}

function windowCost(values: number, isRead: boolean): string {
  // A look at the clock costs as much as a tick of an empty window: hence several at once.
  const [looks, ticksPerLook] = values === 0 ? [1_000, 1_000] : [1_600_000 / values, 1];
  const costs: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const window = new LatencyWindow();
    let ms = 0;
    let spentMs = 0;
    for (let look = 0; look < looks; look += 1) {
      for (let index = 0; index < values; index += 1) {
        ms = (ms + 0.618) % 20;
        window.record(ms);
      }
      const start = performance.now();
      for (let tick = 0; tick < ticksPerLook; tick += 1) {
        window.rotate(1);
        if (isRead) window.summary();
      }
      spentMs += performance.now() - start;
    }
    if (round > 0) costs.push((1_000 * spentMs) / (looks * ticksPerLook));
  }
  return median(costs).toFixed(2);
}
