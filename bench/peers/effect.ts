import { executing, nothing, type Peer } from './peer.js';
import type { EffectModule, Work } from './effect-types.js';

const PACKAGE: string = 'effect';
const { Effect, Pool, Scope } = (await import(PACKAGE)) as EffectModule;

export const peer: Peer = {
  name: 'Effect Pool',
  package: PACKAGE,
  timeouts: 'both',
  async open({ min, max, acquireTimeoutMs, idleMs, connections }) {
    const scope = Scope.makeUnsafe();
    const acquire = Effect.acquireRelease(Effect.promise(connections.create), () =>
      Effect.promise(connections.destroy),
    );
    const timeToLive = idleMs ?? 60_000;
    const made = Pool.makeWithTTL({ acquire, min, max, timeToLive, timeToLiveStrategy: 'usage' });
    const pool = await Effect.runPromise(Scope.provide(made, scope));
    /** With a timeout, a scope of its own, so that the time bounds the wait and not the work. */
    const lent = <R>(work: Work<R>): Work<R> =>
      acquireTimeoutMs === null
        ? Pool.use(pool, () => work)
        : Effect.scoped(
            Effect.andThen(Effect.timeout(Pool.get(pool), acquireTimeoutMs), () => work),
          );
    const once = lent(Effect.sync(nothing));
    return {
      ...executing((work) => Effect.runPromise(lent(Effect.promise(async () => work())))),
      // Who writes in Effect stays in it.
      loop: (calls) =>
        Effect.runPromise(
          Effect.gen(function* () {
            for (let left = calls; left > 0; left -= 1) yield* once;
          }),
        ),
      wait(settled) {
        Effect.runPromise(once).then(settled, settled);
      },
      waitAbortably(signal, settled) {
        Effect.runPromise(once, { signal }).then(settled, settled);
      },
    };
  },
};
