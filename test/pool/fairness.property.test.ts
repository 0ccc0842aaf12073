import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AdaptivePool } from '../../src/adaptive-pool.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { StubFactory } from '../support/stub-factory.js';

const LONGEST_MS = 20;
const CREATE_MS = 5;

interface Caller {
  readonly kind: 'shared' | 'exclusive';
  readonly afterMs: number;
  readonly worksMs: number;
}

const caller: fc.Arbitrary<Caller> = fc.record({
  kind: fc.constantFrom('shared', 'exclusive'),
  afterMs: fc.nat(3),
  worksMs: fc.integer({ min: 1, max: LONGEST_MS }),
});

/** Callers one after the other on a pool of a fixed size; how long each of a kind waited. */
async function waits(
  callers: readonly Caller[],
  size: number,
  sharedPerConnection: number,
): Promise<{ kind: Caller['kind']; waitedMs: number; before: number }[]> {
  const clock = new VirtualClock();
  const factory = new StubFactory(clock, { create: { slowMs: CREATE_MS } });
  const pool = new AdaptivePool({
    factory,
    clock,
    min: size,
    max: size,
    sharedPerConnection,
    acquireTimeoutMs: Infinity,
  });
  const outcomes: { kind: Caller['kind']; waitedMs: number; before: number }[] = [];
  let unfinished = 0;
  for (const { kind, afterMs, worksMs } of callers) {
    await clock.advance(afterMs);
    const calledAt = clock.now();
    const before = unfinished;
    unfinished += 1;
    const work = async (): Promise<void> => {
      outcomes.push({ kind, waitedMs: clock.now() - calledAt, before });
      await clock.sleep(worksMs);
      unfinished -= 1;
    };
    void (kind === 'shared' ? pool.run(work) : pool.use(work));
  }
  await clock.advance((callers.length + 2) * LONGEST_MS + CREATE_MS);
  await pool.close();
  return outcomes;
}

it('nobody waits for more than those who came before, whatever kind they are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(caller, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(1, 2, 8),
      async (callers, size, perConnection) => {
        const outcomes = await waits(callers, size, perConnection);
        expect(outcomes).toHaveLength(callers.length);
        for (const { waitedMs, before } of outcomes) {
          // Each of those before takes one turn of the longest work at most; one more for what is under way.
          expect(waitedMs).toBeLessThanOrEqual(CREATE_MS + (before + 1) * LONGEST_MS);
        }
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);

it.each([1, 2, 3])(
  'an exclusive caller is served between shared ones that never end, on %i connections',
  async (size) => {
    // A new shared caller every millisecond, each for ten: without a rule no connection would ever be free.
    const stream = (count: number): Caller[] =>
      Array.from({ length: count }, () => ({ kind: 'shared', afterMs: 1, worksMs: 10 }));
    const exclusive: Caller = { kind: 'exclusive', afterMs: 0, worksMs: 10 };
    const outcomes = await waits([...stream(50), exclusive, ...stream(300)], size, 256);
    const waited = outcomes.find(({ kind }) => kind === 'exclusive')?.waitedMs;
    // It waits for what is under way on one connection.
    expect(waited).toBeLessThanOrEqual(10);
    expect(Math.max(...outcomes.map(({ waitedMs }) => waitedMs))).toBeLessThanOrEqual(21);
  },
);
