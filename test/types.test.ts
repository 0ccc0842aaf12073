import { describe, expectTypeOf, it } from 'vitest';
import {
  AdaptivePool,
  type AcquireTimeoutError,
  type AnyPoolError,
  type CreateErrorEvent,
  type HeldLease,
  type Lease,
  type Policy,
  type PolicyConfig,
  type PoolStats,
  type ResourceFactory,
  type ScaleDecision,
  type TunableOptions,
} from '../src/index.js';

interface Connection {
  query(text: string): Promise<string>;
}

const factory: ResourceFactory<Connection> = {
  create: () => ({ query: (text) => Promise.resolve(text) }),
  destroy: () => {},
};

describe('types', () => {
  const pool = new AdaptivePool({ factory });

  it('infer the connection from the factory, also where create is asynchronous', () => {
    expectTypeOf(pool).toEqualTypeOf<AdaptivePool<Connection>>();
    const other = new AdaptivePool({ factory: { create: async () => 7, destroy: () => {} } });
    expectTypeOf(other).toEqualTypeOf<AdaptivePool<number>>();
    expectTypeOf(pool.tryAcquire()).toEqualTypeOf<Lease<Connection> | null>();
    expectTypeOf<Lease<Connection>['resource']>().toEqualTypeOf<Connection>();
  });

  it('infer what use returns from the work', () => {
    const text = (): Promise<string> => pool.use((connection) => connection.query('a'));
    const count = (): Promise<number> => pool.use(() => 7);
    const signal = (): Promise<AbortSignal | undefined> => pool.use((_, context) => context.signal);
    expectTypeOf(text).returns.resolves.toBeString();
    expectTypeOf(count).returns.resolves.toBeNumber();
    expectTypeOf(signal).returns.resolves.toEqualTypeOf<AbortSignal | undefined>();
  });

  it.each(['use', 'run'] as const)(
    'say what %s returns, also by name and through a wrapper',
    (way) => {
      const either = (is: boolean): Promise<string | number> =>
        pool[way](async () => (is ? 'a' : Promise.resolve(2)));
      const named = (): Promise<string> => pool[way]<string>(async (one) => one.query('a'));
      // Whoever wraps a pool passes on what it does not know.
      const wrapped = <R>(work: (one: Connection) => Promise<R> | R): Promise<R> => pool[way](work);
      const nothing = (): Promise<void> => pool[way](() => {});
      expectTypeOf(either).returns.resolves.toEqualTypeOf<string | number>();
      expectTypeOf(named).returns.resolves.toBeString();
      expectTypeOf(wrapped<Date>).returns.resolves.toEqualTypeOf<Date>();
      expectTypeOf(nothing).returns.resolves.toBeVoid();
      // @ts-expect-error -- a query answers with text
      const wrong = (): Promise<number> => pool[way]((one) => one.query('a'));
      expectTypeOf(wrong).toBeFunction();
    },
  );

  it('take the signal of a request as it is, null included', () => {
    const ask = (init: RequestInit): Promise<Lease<Connection>> =>
      pool.acquire({ signal: init.signal });
    expectTypeOf(ask).toBeFunction();
  });

  it('know what each event carries', () => {
    pool.on('scale', (decision) => expectTypeOf(decision).toEqualTypeOf<ScaleDecision>());
    pool.on('timeout', ({ error }) => expectTypeOf(error).toEqualTypeOf<AcquireTimeoutError>());
    pool.once('create-error', (event) => expectTypeOf(event).toEqualTypeOf<CreateErrorEvent>());
    // @ts-expect-error -- there is no such event
    pool.on('scaled', () => {});
    // @ts-expect-error -- a decision is no string
    pool.on('scale', (decision: string) => decision);
  });

  it('refuse wrong options', () => {
    const wrong = (): void => {
      // @ts-expect-error -- the factory is required
      void new AdaptivePool({ min: 1 });
      // @ts-expect-error -- there is no such option
      void new AdaptivePool({ factory, minimum: 1 });
      // @ts-expect-error -- numbers are numbers
      void new AdaptivePool({ factory, max: '10' });
      // @ts-expect-error -- there is no such policy
      void new AdaptivePool({ factory, policy: 'clever' });
      // @ts-expect-error -- an option of another policy
      void new AdaptivePool({ factory, policy: { name: 'fixed', stepSize: 2 } });
      // @ts-expect-error -- the factory stays what it is
      pool.reconfigure({ factory });
      // @ts-expect-error -- a factory needs destroy
      void new AdaptivePool({ factory: { create: () => 1 } });
    };
    expectTypeOf(wrong).toBeFunction();
  });

  it('let options be undefined', () => {
    expectTypeOf({ min: undefined, policy: undefined }).toExtend<TunableOptions>();
    expectTypeOf({ id: 1, heldForMs: 2, stack: undefined }).toExtend<HeldLease>();
    void new AdaptivePool({ factory, name: undefined, logger: undefined });
  });

  it('narrow errors by their code', () => {
    const timeoutOf = (error: AnyPoolError): number | null =>
      error.code === 'ERR_POOL_ACQUIRE_TIMEOUT' ? error.timeoutMs : null;
    const statsOf = (error: AnyPoolError): PoolStats | null =>
      error.code === 'ERR_POOL_QUEUE_FULL' ? error.stats : null;
    expectTypeOf(timeoutOf).returns.toEqualTypeOf<number | null>();
    expectTypeOf(statsOf).returns.toEqualTypeOf<PoolStats | null>();
  });

  it("take a user's own policy as it is", () => {
    const policy: Policy = {
      name: 'mine',
      init: () => null,
      decide: (signals, state) => ({
        target: signals.size,
        permits: null,
        reason: 'custom',
        limitedBy: [],
        candidates: {},
        state,
        wakeInMs: null,
      }),
    };
    void new AdaptivePool({ factory, policy });
    expectTypeOf(policy).toExtend<NonNullable<TunableOptions['policy']>>();
    const remembers: Policy<{ count: number }> = {
      name: 'counts',
      init: () => ({ count: 0 }),
      decide: (signals, state, config) => policy.decide(signals, state, config) as never,
    };
    expectTypeOf(remembers).toExtend<NonNullable<TunableOptions['policy']>>();
  });

  it('refuse a policy that wants a configuration which no pool gives', () => {
    interface Config extends PolicyConfig {
      readonly limits: { readonly deep: number };
    }
    type Demanding = Policy<number, Config>;
    expectTypeOf<Demanding>().not.toExtend<NonNullable<TunableOptions['policy']>>();
  });
});
