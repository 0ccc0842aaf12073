import { describe, expect, it } from 'vitest';
import { harness, settled, watch } from '../support/pool-harness.js';

/** More than are told of their place in one turn. */
const MANY = 300;

describe('many who wait for the first shared connection', () => {
  it('come onto it in the order of their calls, and nobody who calls later overtakes them', async () => {
    const { clock, pool } = harness({ min: 0, max: 1 }, { create: { slowMs: 20 } });
    const order: number[] = [];
    const call = (index: number): Promise<unknown> => pool.run(() => order.push(index));
    const all = Array.from({ length: MANY }, (_, index) => call(index));
    let isLaterCalled = false;
    pool.on('create', () => {
      isLaterCalled = true;
      all.push(call(MANY), call(MANY + 1));
    });
    await clock.advance(100);
    await Promise.all(all);
    expect(isLaterCalled).toBe(true);
    expect(order).toEqual(Array.from({ length: MANY + 2 }, (_, index) => index));
    expect(pool.stats.shared).toMatchObject({ inFlight: 0, pending: 0, served: MANY + 2 });
  });

  it('do not begin when they were aborted before they were told', async () => {
    const { clock, pool } = harness({ min: 0, max: 1 }, { create: { slowMs: 20 } });
    const abort = new AbortController();
    let begun = 0;
    const others = Array.from({ length: MANY }, () => pool.run(() => (begun += 1)));
    const last = watch(
      pool.run(() => (begun += 1), { signal: abort.signal }),
      clock,
    );
    pool.on('create', () => abort.abort('enough'));
    await clock.advance(100);
    await settled(Promise.all(others), clock);
    expect(last).toMatchObject({ state: 'rejected', reason: 'enough' });
    expect(begun).toBe(MANY);
    expect(pool.stats).toMatchObject({ inUse: 0, shared: { inFlight: 0 } });
  });
});
