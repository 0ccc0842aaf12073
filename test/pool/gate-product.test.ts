import { describe, expect, it } from 'vitest';
import { expectConsistent, harness, watch } from '../support/pool-harness.js';
import type { Behaviour } from '../support/stub-factory.js';

const GATES: readonly (readonly [name: string, behaviour: Behaviour])[] = [
  ['ok', 'ok'],
  ['throws now', 'throws'],
  ['rejects', 'rejects'],
  ['slow', { slowMs: 70 }],
  ['never', 'never'],
];

/** Every combination of five ways in which four calls can go. */
const PRODUCT = GATES.flatMap((create) =>
  GATES.flatMap((validate) =>
    GATES.flatMap((destroy) => GATES.map((reset) => ({ create, validate, destroy, reset }))),
  ),
);

const TIMEOUT_MS = 100;

describe.each(GATES.map((gate) => gate[0]))('with a create that is %s', (createName) => {
  const cases = PRODUCT.filter(({ create }) => create[0] === createName).map((gates) => ({
    ...gates,
    title: `validate ${gates.validate[0]}, destroy ${gates.destroy[0]}, reset ${gates.reset[0]}`,
  }));

  it.each(cases)('every caller is answered in time and nothing leaks: $title', async (gates) => {
    const { clock, factory, pool } = harness(
      {
        min: 1,
        max: 3,
        acquireTimeoutMs: TIMEOUT_MS,
        createTimeoutMs: 60,
        validateTimeoutMs: 30,
        validateAfterIdleMs: 5,
        resetTimeoutMs: 30,
        destroyTimeoutMs: 40,
      },
      { create: gates.create[1], validate: gates.validate[1], reset: gates.reset[1] },
    );
    factory.behaviours.destroy = gates.destroy[1];
    for (let round = 0; round < 3; round += 1) {
      const start = clock.now();
      const controller = new AbortController();
      const { signal } = controller;
      const callers = Array.from({ length: 6 }, (_, index) => {
        const acquiring = pool.acquire(index === 5 ? { signal } : {}).then(async (lease) => {
          const at = clock.now();
          await clock.sleep(7);
          lease.resource.needsReset = index % 2 === 0;
          if (index === 3) lease.destroy();
          else lease.release();
          return at;
        });
        return watch(acquiring, clock);
      });
      for (let step = 0; step < 11; step += 1) {
        await clock.advance(10);
        if (step === 4) controller.abort();
        expectConsistent(pool.stats);
        expect(pool.stats.createFailures + pool.stats.created).toBeLessThanOrEqual(factory.creates);
      }
      for (const caller of callers) {
        expect(caller.state).not.toBe('pending');
        const answeredAt = caller.state === 'fulfilled' ? caller.value : caller.at;
        expect(answeredAt).toBeLessThanOrEqual(start + TIMEOUT_MS);
      }
      await clock.advance(20);
    }
    const before = pool.stats;
    expect(before).toMatchObject({ pending: 0, inUse: 0 });
    expect(before.acquired).toBe(before.released);
    expect(before.acquired + before.timeouts + before.aborted + before.rejected).toBe(18);

    const closed = watch(pool.close({ deadlineMs: 200 }), clock);
    await clock.advance(1_000);
    const after = pool.stats;
    expect(closed).toMatchObject({ state: 'fulfilled', value: { heldLeases: [] } });
    expect(after).toMatchObject({ size: 0, closing: 0, pending: 0 });
    expect(after.created).toBe(after.destroyed);
    expect(after.created + after.createFailures + after.createsGivenUp).toBe(factory.creates);
    expect(factory.live).toBe(0);
    expect(clock.scheduled).toBe(0);
  });
});
