/** Many callers who get nothing: how long the event loop stands still, how late the last one hears, what one weighs. */
import type { Face } from '../peers/peer.js';
import { fixedSize, POOLS, turn, type Scenario } from './scenario.js';

const SIZE = 10;
const WAITERS = 20_000;
const TIMEOUT_MS = 200;

export const timeouts: Scenario = {
  id: 'timeouts',
  title: `${WAITERS} callers time out after ${TIMEOUT_MS} ms, ${SIZE} connections held`,
  metrics: [
    { name: 'longest stall', unit: 'ms', digits: 1 },
    { name: 'last told after its deadline', unit: 'ms', digits: 0 },
    { name: "pool's own per waiter", unit: 'bytes', digits: 0 },
  ],
  peers: POOLS,
  acquireTimeoutsMs: [TIMEOUT_MS],
  async run(peer, acquireTimeoutMs) {
    const face = await held(await peer.open(fixedSize(SIZE, acquireTimeoutMs)));
    const callersOwn = await bytesOfCallers();
    const { bytes } = await crowd(face.wait, WAITERS, { isWeighed: true });
    const { stallMs, lastMs } = await crowd(face.wait, WAITERS);
    return [stallMs, lastMs - TIMEOUT_MS, bytes - callersOwn];
  },
};

export const abort: Scenario = {
  id: 'abort',
  title: `${WAITERS} callers stop waiting at once, by one signal`,
  metrics: [
    { name: 'until the last is told', unit: 'ms', digits: 1 },
    { name: 'longest stall', unit: 'ms', digits: 1 },
  ],
  peers: ['adaptive', 'tarn', 'effect'],
  acquireTimeoutsMs: [null],
  async run(peer, acquireTimeoutMs) {
    const face = await held(await peer.open(fixedSize(SIZE, acquireTimeoutMs)));
    const { waitAbortably } = face;
    if (waitAbortably === undefined) throw new Error(`${peer.name} cannot stop waiting`);
    const controller = new AbortController();
    let toldAt = 0;
    const wait: Face['wait'] = (settled) => waitAbortably(controller.signal, settled);
    const onceWaiting = (): void => {
      toldAt = performance.now();
      controller.abort();
    };
    const { stallMs, endedAt } = await crowd(wait, WAITERS, { onceWaiting });
    return [endedAt - toldAt, stallMs];
  },
};

interface Crowd {
  readonly stallMs: number;
  /** Longest time from a call to its end. */
  readonly lastMs: number;
  readonly endedAt: number;
  readonly bytes: number;
}

interface CrowdOptions {
  /** Collects garbage while they wait, which would spoil the times. */
  readonly isWeighed?: true;
  /** Called when all of them wait. */
  readonly onceWaiting?: () => void;
}

/** Lets so many callers wait until the last is told. */
async function crowd(
  wait: Face['wait'],
  count: number,
  { isWeighed, onceWaiting }: CrowdOptions = {},
): Promise<Crowd> {
  const calledAt = new Float64Array(count);
  let left = count;
  let lastMs = 0;
  let endedAt = 0;
  let ended: () => void;
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const before = await heap();
  for (let caller = 0; caller < count; caller += 1) {
    calledAt[caller] = performance.now();
    wait(() => {
      endedAt = performance.now();
      lastMs = Math.max(lastMs, endedAt - (calledAt[caller] ?? 0));
      left -= 1;
      if (left === 0) ended();
    });
  }
  const bytes = isWeighed ? (collected() - before) / count : 0;
  const stopMeter = meterStalls();
  if (onceWaiting !== undefined) {
    await turn();
    onceWaiting();
  }
  await end;
  return { stallMs: stopMeter(), lastMs, endedAt, bytes };
}

/** What a waiting caller's own promise and functions take. */
async function bytesOfCallers(): Promise<number> {
  const never: Promise<unknown>[] = [];
  const calledAt = new Float64Array(WAITERS);
  const before = await heap();
  for (let caller = 0; caller < WAITERS; caller += 1) {
    const settled = (): void => {
      calledAt[caller] = 0;
    };
    const promise = new Promise<number>(() => {});
    never.push(promise);
    promise.then((handle) => {
      calledAt[caller] = handle;
      settled();
    }, settled);
  }
  const bytes = (collected() - before) / WAITERS;
  // The array that holds them would not be a caller's.
  return never.length === WAITERS ? bytes - 8 : Number.NaN;
}

async function held(face: Face): Promise<Face> {
  await Promise.all(Array.from({ length: SIZE }, () => face.hold()));
  return face;
}

async function heap(): Promise<number> {
  await turn();
  return collected();
}

function collected(): number {
  if (globalThis.gc === undefined) throw new Error('needs node --expose-gc');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** The longest time between two turns of the event loop, until the function returned is called. */
function meterStalls(): () => number {
  let at = performance.now();
  let longestMs = 0;
  const look = (): void => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - at - 1);
    at = now;
  };
  const timer = setInterval(look, 1);
  return () => {
    look();
    clearInterval(timer);
    return longestMs;
  };
}
