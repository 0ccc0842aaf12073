/**
 * Where the time of an acquire and its release goes: the same call with one more layer each time, interleaved, in one
 * process: `npm run bench:layers`.
 */
import { AdaptivePool, type AdaptivePoolOptions } from 'adaptive-pool';
import { PLAIN } from '../src/engine/config.js';
import { PoolEngine } from '../src/engine/pool-engine.js';
import type { EngineHost, EngineProbe } from '../src/engine/ports.js';
import { LatencyWindow } from '../src/telemetry/latency-window.js';
import { Sampler } from '../src/telemetry/sampler.js';
import { BarePool } from './peers/bare.js';
import type { Resource } from './peers/connections.js';
import { nothing } from './peers/peer.js';
import { cpuMs, printTable, quantile } from './report.js';
import { turn } from './scenarios/scenario.js';

const SIZE = 10;
const CALLS = 20_000;
const ROUNDS = 41;
const DEAF: EngineProbe = {
  arrived: nothing,
  granted: nothing,
  released: nothing,
  created: nothing,
};

const { performance: captured } = globalThis;
const bare = new BarePool(SIZE);
const waits = new LatencyWindow();
const uses = new LatencyWindow();
const deaf = engineWith(DEAF);
const heard = engineWith(new Sampler(100, 0));
const frozen = await poolWith({ leakSampling: 0, clock: frozenClock() });
const unsampled = await poolWith({ leakSampling: 0 });
const usual = await poolWith({});
const hunting = await poolWith({ leakSampling: 1 });

/** Each does what the one before does, and what its name says. */
const layers: Record<string, () => Promise<void> | void> = {
  'bare array and queue, behind a promise': async () => {
    for (let left = CALLS; left > 0; left -= 1) bare.release(await bare.acquire());
  },
  '+ its use timed and recorded: what measuring costs at least': async () => {
    for (let left = CALLS; left > 0; left -= 1) {
      const lentAt = captured.now();
      const resource = await bare.acquire();
      waits.record(0);
      bare.release(resource);
      uses.record(captured.now() - lentAt);
    }
  },
  'engine: queue, states, counters, integrals': () => engineLoop(deaf),
  '+ its wait and use times recorded': () => engineLoop(heard),
  '+ shell: lease, factory asked, what is due next (tryAcquire)': () => tryLoop(frozen),
  '+ the clock read twice': () => tryLoop(unsampled),
  '+ one acquire in 1,000 sampled for leaks': () => tryLoop(usual),
  '+ a promise (acquire)': async () => {
    for (let left = CALLS; left > 0; left -= 1) (await usual.acquire()).release();
  },
  '+ a function called in between (use)': async () => {
    for (let left = CALLS; left > 0; left -= 1) await usual.use(nothing);
  },
};

const samples = new Map<string, number[]>(Object.keys(layers).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, run] of Object.entries(layers)) {
    await turn();
    const begin = cpuMs();
    await run();
    samples.get(name)?.push(((cpuMs() - begin) * 1e6) / CALLS);
  }
}
console.log(
  `Node ${process.version}; processor time, lower quartile of ${ROUNDS} interleaved rounds of ${CALLS} calls`,
);
let before = 0;
printTable(
  ['', 'ns per call', 'more than the line above'],
  Array.from(samples, ([name, values]) => {
    const ns = quantile(values, 0.25);
    const row = [name, ns.toFixed(0), name.startsWith('+') ? (ns - before).toFixed(0) : ''];
    before = ns;
    return row;
  }),
);
console.log('\nClocks');
printTable(
  ['', 'ns per read'],
  [
    ['performance.now(), looked up each time', clockNs(() => performance.now())],
    ['performance.now(), the object kept', clockNs(() => captured.now())],
    ['Date.now()', clockNs(() => Date.now())],
    ['process.hrtime()', clockNs(() => process.hrtime()[1])],
    ['process.hrtime.bigint()', clockNs(() => Number(process.hrtime.bigint()))],
  ],
);
const begin = performance.now();
for (let left = CALLS; left > 0; left -= 1) (await hunting.acquire()).release();
const huntingNs = ((performance.now() - begin) * 1e6) / CALLS;
console.log(`\nacquire with leakSampling 1: ${(huntingNs / 1_000).toFixed(1)} µs per call`);
for (const pool of [unsampled, usual, hunting]) await pool.close();
process.exit(0);

function engineLoop(engine: PoolEngine<Resource, null>): void {
  for (let now = 0.25; now <= CALLS * 0.0005; now += 0.0005) {
    engine.release(engine.request(null, now + 1_000, now), 'clean', now);
  }
}

function tryLoop(pool: AdaptivePool<Resource>): void {
  for (let left = CALLS; left > 0; left -= 1) pool.tryAcquire()?.release();
}

function engineWith(probe: EngineProbe): PoolEngine<Resource, null> {
  const host: EngineHost<Resource, null> = {
    create: (slot) => engine.created(slot, { id: slot.id }, 0),
    check: nothing,
    destroy: nothing,
    grant: nothing,
    reject: nothing,
    isUsable: () => true,
    pressure: nothing,
  };
  const config = { ...PLAIN, max: SIZE, maxPending: SIZE, createConcurrency: SIZE };
  const engine = new PoolEngine<Resource, null>(config, host, probe, () => 0, 0);
  engine.steer(SIZE, null, 0);
  return engine;
}

async function poolWith(
  options: Partial<AdaptivePoolOptions<Resource>>,
): Promise<AdaptivePool<Resource>> {
  let opened = 0;
  const factory = { create: () => Promise.resolve({ id: (opened += 1) }), destroy: nothing };
  const pool = new AdaptivePool<Resource>({ factory, min: SIZE, max: SIZE, ...options });
  await pool.ready();
  return pool;
}

/** A clock that costs nothing, because it stands still. */
function frozenClock(): NonNullable<AdaptivePoolOptions<Resource>['clock']> {
  return {
    now: () => 1,
    epoch: () => 1,
    schedule: () => ({ cancel: nothing, keepAlive: nothing }),
    defer: (callback) => {
      setImmediate(callback);
    },
  };
}

function clockNs(read: () => number): string {
  const costs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    let sum = 0;
    const begin = performance.now();
    for (let left = CALLS; left > 0; left -= 1) sum += read();
    if (sum > 0) costs.push(((performance.now() - begin) * 1e6) / CALLS);
  }
  return quantile(costs, 0.25).toFixed(0);
}
