import type { PeerId } from '../peers/index.js';
import { Connections } from '../peers/connections.js';
import type { Peer, Setup } from '../peers/peer.js';

/** What is measured of every pool. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly digits: number;
}

/** One situation in which pools are compared, a fresh process each time. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** Less is better; the first one is set in relation to this pool's. */
  readonly metrics: readonly Metric[];
  readonly peers: readonly PeerId[];
  /** Null for a pool without a timeout. Both are measured of pools that can do both. */
  readonly acquireTimeoutsMs: readonly (number | null)[];
  /** It mostly sleeps, so that all pools of a round run at the same time. */
  readonly isQuiet?: true;
  /** The metrics in their order. */
  run(peer: Peer, acquireTimeoutMs: number | null): Promise<readonly number[]>;
}

/** A number in every measurement where the time limit is not the subject. */
export const USUAL_TIMEOUT_MS = 30_000;

export const POOLS: readonly PeerId[] = [
  'adaptive',
  'databases',
  'generic',
  'node-redis',
  'lightning',
  'sequelize',
  'pg',
  'tarn',
  'effect',
];

/** A pool of this many connections, all of them open, and what is needed to open more. */
export function fixedSize(size: number, acquireTimeoutMs: number | null): Setup {
  return { min: size, max: size, acquireTimeoutMs, idleMs: null, connections: new Connections(0) };
}

/** After the present turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
