import type { Peer } from './peer.js';

/** Every pool of the comparison: this one, no pool at all, and the others. */
export type PeerId =
  | 'adaptive'
  | 'bare'
  | 'databases'
  | 'generic'
  | 'node-redis'
  | 'lightning'
  | 'sequelize'
  | 'pg'
  | 'tarn'
  | 'effect';

/** Each is loaded only where it is measured. */
export const PEERS: Readonly<Record<PeerId, () => Promise<Peer>>> = {
  adaptive: async () => (await import('./adaptive.js')).peer,
  bare: async () => (await import('./bare.js')).peer,
  databases: async () => (await import('./databases.js')).peer,
  generic: async () => (await import('./generic.js')).peer,
  'node-redis': async () => (await import('./node-redis.js')).peer,
  lightning: async () => (await import('./lightning.js')).peer,
  sequelize: async () => (await import('./sequelize.js')).peer,
  pg: async () => (await import('./pg.js')).peer,
  tarn: async () => (await import('./tarn.js')).peer,
  effect: async () => (await import('./effect.js')).peer,
};
