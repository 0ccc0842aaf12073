/** What the pool itself costs while nobody waits for a connection to open, in processor time. */
import { nothing, type Face, type Peer } from '../peers/peer.js';
import { cpuMs, median } from '../report.js';
import {
  fixedSize,
  POOLS,
  turn,
  USUAL_TIMEOUT_MS,
  type Metric,
  type Scenario,
} from './scenario.js';

const SIZE = 10;
const CALLS = 20_000;
const WORKERS = 1_000;
const WAITERS = 50_000;
/** Until the compiler is done, also with the pool that has most to compile. */
const WARM_UP = 8;
const BATCHES = 5;
const NS: readonly Metric[] = [{ name: 'per call', unit: 'ns', digits: 0 }];
const BOTH = [USUAL_TIMEOUT_MS, null];

export const uncontended: Scenario = {
  id: 'uncontended',
  title: `Acquire and release, one caller, ${SIZE} free connections`,
  metrics: NS,
  peers: [...POOLS, 'bare'],
  acquireTimeoutsMs: BOTH,
  run: (peer, timeoutMs) => perCall(peer, timeoutMs, (face) => face.loop(CALLS)),
};

export const contended: Scenario = {
  id: 'contended',
  title: `Acquire and release, ${WORKERS} callers, ${SIZE} connections`,
  metrics: NS,
  peers: [...POOLS, 'bare'],
  acquireTimeoutsMs: BOTH,
  run: (peer, timeoutMs) =>
    perCall(peer, timeoutMs, async (face) => {
      await Promise.all(Array.from({ length: WORKERS }, () => face.loop(CALLS / WORKERS)));
    }),
};

export const use: Scenario = {
  id: 'use',
  title: `use(work), one caller, ${SIZE} free connections`,
  metrics: NS,
  peers: [...POOLS, 'bare'],
  acquireTimeoutsMs: [USUAL_TIMEOUT_MS],
  run: (peer, timeoutMs) =>
    perCall(peer, timeoutMs, async (face) => {
      for (let left = CALLS; left > 0; left -= 1) await face.use(nothing);
    }),
};

export const drain: Scenario = {
  id: 'drain',
  title: `${WAITERS} callers at once, ${SIZE} connections, each gives back at once`,
  metrics: NS,
  peers: [...POOLS, 'bare'],
  acquireTimeoutsMs: [USUAL_TIMEOUT_MS],
  async run(peer, acquireTimeoutMs) {
    const face = await warm(peer, acquireTimeoutMs);
    await burst(face, WAITERS / 10);
    await turn();
    const begin = cpuMs();
    await burst(face, WAITERS);
    return [((cpuMs() - begin) * 1e6) / WAITERS];
  },
};

async function perCall(
  peer: Peer,
  acquireTimeoutMs: number | null,
  batch: (face: Face) => Promise<void>,
): Promise<readonly number[]> {
  const face = await warm(peer, acquireTimeoutMs);
  const costs: number[] = [];
  for (let round = 0; round < WARM_UP + BATCHES; round += 1) {
    await turn();
    const begin = cpuMs();
    await batch(face);
    if (round >= WARM_UP) costs.push(((cpuMs() - begin) * 1e6) / CALLS);
  }
  return [median(costs)];
}

/** The pool with all its connections open, also where it opens them only for a caller. */
async function warm(peer: Peer, acquireTimeoutMs: number | null): Promise<Face> {
  const face = await peer.open(fixedSize(SIZE, acquireTimeoutMs));
  await Promise.all(Array.from({ length: SIZE }, () => face.use(turn)));
  return face;
}

function burst(face: Face, waiters: number): Promise<void> {
  return new Promise((resolve) => {
    let left = waiters;
    const settled = (): void => {
      left -= 1;
      if (left === 0) resolve();
    };
    for (let waiter = 0; waiter < waiters; waiter += 1) face.wait(settled);
  });
}
