/** How many connections are opened for a load, and how soon it is served. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connections } from '../peers/connections.js';
import type { Face, Peer, Setup } from '../peers/peer.js';
import { POOLS, USUAL_TIMEOUT_MS, type Metric, type Scenario } from './scenario.js';

interface Load {
  readonly callers: number;
  readonly createMs: number;
  readonly useMs: number;
  readonly min: number;
  readonly max: number;
}

const SERVED: Metric = { name: 'all served after', unit: 'ms', digits: 0 };
const OPENED: Metric = { name: 'opened for it', unit: '', digits: 0 };
const MOST_OPENING: Metric = { name: 'most at once', unit: '', digits: 0 };
const STORM: Load = { callers: 100, createMs: 20, useMs: 10, min: 0, max: 100 };
const SPIKE: Load = { callers: 50, createMs: 150, useMs: 2, min: 5, max: 50 };
const HOLD: Load = { callers: 20, createMs: 1_000, useMs: 1_000, min: 0, max: 20 };
const BURST: Load = { callers: 50, createMs: 20, useMs: 50, min: 2, max: 50 };
const TRICKLE_MS = 5_000;
const IDLE_MS = 1_000;

export const storm: Scenario = {
  id: 'storm',
  title: `${textOf(STORM)}, nothing open`,
  metrics: [SERVED, OPENED, MOST_OPENING],
  peers: POOLS,
  acquireTimeoutsMs: [USUAL_TIMEOUT_MS],
  run: (peer, timeoutMs) => serve(peer, STORM, timeoutMs),
};

/** HikariCP's: https://github.com/brettwooldridge/HikariCP/blob/dev/documents/Welcome-To-The-Jungle.md */
export const spike: Scenario = {
  id: 'spike',
  title: `Spike: ${textOf(SPIKE)}, 5 open`,
  metrics: [SERVED, OPENED],
  // The bare pool keeps its five, which is the ideal.
  peers: [...POOLS, 'bare'],
  acquireTimeoutsMs: [USUAL_TIMEOUT_MS],
  run: async (peer, timeoutMs) => (await serve(peer, SPIKE, timeoutMs)).slice(0, 2),
};

export const hold: Scenario = {
  id: 'hold',
  title: `Hold: ${textOf(HOLD)}, nothing open`,
  metrics: [SERVED, OPENED],
  peers: POOLS,
  acquireTimeoutsMs: [USUAL_TIMEOUT_MS],
  isQuiet: true,
  run: async (peer, timeoutMs) => (await serve(peer, HOLD, timeoutMs)).slice(0, 2),
};

export const shrink: Scenario = {
  id: 'shrink',
  title: `Shrink: ${textOf(BURST)}, then one call of 5 ms every 50 ms for ${TRICKLE_MS / 1_000} s; idle timeout ${IDLE_MS / 1_000} s where there is one`,
  metrics: [
    { name: 'open at the end', unit: '', digits: 0 },
    { name: 'connection-seconds', unit: '', digits: 1 },
    { name: 'opened', unit: '', digits: 0 },
  ],
  peers: POOLS,
  acquireTimeoutsMs: [USUAL_TIMEOUT_MS],
  isQuiet: true,
  async run(peer, timeoutMs) {
    const setup = setupOf(BURST, timeoutMs, IDLE_MS);
    const face = await opened(peer, setup, BURST.useMs);
    await all(BURST, face);
    const begin = performance.now();
    let openMs = 0;
    while (performance.now() - begin < TRICKLE_MS) {
      const at = performance.now();
      void face.use(() => sleep(5));
      await sleep(50);
      openMs += setup.connections.open * (performance.now() - at);
    }
    const { open } = setup.connections;
    return [open, openMs / 1_000, setup.connections.opened];
  },
};

async function serve(peer: Peer, load: Load, timeoutMs: number | null): Promise<readonly number[]> {
  const setup = setupOf(load, timeoutMs, null);
  const face = await opened(peer, setup, load.useMs);
  const before = setup.connections.opened;
  const begin = performance.now();
  await all(load, face);
  const servedMs = performance.now() - begin;
  const { opened: after, mostOpening } = setup.connections;
  return [servedMs, after - before, mostOpening];
}

/** The pool with `min` connections open, also where it opens them only for a caller; each was used once, as it will be. */
async function opened(peer: Peer, setup: Setup, useMs: number): Promise<Face> {
  const face = await peer.open(setup);
  await Promise.all(Array.from({ length: setup.min }, () => face.use(() => sleep(useMs))));
  while (setup.connections.opened < setup.min) await sleep(20);
  await sleep(setup.min > 0 ? 2 * setup.connections.createMs : 0);
  return face;
}

async function all({ callers, useMs }: Load, face: Face): Promise<void> {
  await Promise.all(Array.from({ length: callers }, () => face.use(() => sleep(useMs))));
}

function setupOf(load: Load, acquireTimeoutMs: number | null, idleMs: number | null): Setup {
  const { min, max, createMs } = load;
  return { min, max, acquireTimeoutMs, idleMs, connections: new Connections(createMs) };
}

function textOf({ callers, createMs, useMs, max }: Load): string {
  return `${callers} callers at once, connect ${createMs} ms, use ${useMs} ms, max ${max}`;
}
