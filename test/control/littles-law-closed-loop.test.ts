import { describe, expect, test } from 'vitest';
import { resolvePolicy } from '../../src/control/policies/index.js';
import { always, NO_SAMPLES, signalsOf } from '../support/timeline.js';

/** A burst of callers at 0 ms, the pool they meet and the backend behind it. */
interface Burst {
  readonly callers: number;
  readonly useMs: number;
  readonly createMs: number;
  readonly min: number;
  readonly max: number;
  /** Connections that are open at 0 ms. */
  readonly warm: number;
}

interface Outcome {
  readonly opened: number;
  readonly finishedAt: number;
  /** Creates in flight over time: `[ms, count]` whenever it rose. */
  readonly creating: readonly (readonly [number, number])[];
}

/** The smallest pool that closes the loop: whole milliseconds, first come first served, no failures. */
function run(burst: Burst): Outcome {
  const { policy, config } = resolvePolicy('littles-law', { waitObjectiveMs: 10, tickMs: 100 });
  let state = policy.init(config);
  let { warm: idle, callers: pending } = burst;
  let target = Math.max(burst.warm, burst.min);
  let uses: number[] = [];
  let creates: number[] = [];
  let opened = 0;
  let finished = 0;
  let last = 0;
  let [arrivals, completions, inUseMs, created] = [burst.callers, 0, 0, 0];
  let nextTick = 100;
  let wakeAt = 0;
  const creating: (readonly [number, number])[] = [];
  for (let now = 0; now < 60_000; now += 1) {
    if (now > 0) inUseMs += uses.length;
    const returned = uses.filter((endsAt) => endsAt <= now).length;
    uses = uses.filter((endsAt) => endsAt > now);
    const ready = creates.filter((endsAt) => endsAt <= now).length;
    creates = creates.filter((endsAt) => endsAt > now);
    finished += returned;
    completions += returned;
    created += ready;
    idle += returned + ready;
    for (; idle > 0 && pending > 0; idle -= 1, pending -= 1) uses.push(now + burst.useMs);
    if (finished === burst.callers) return { opened, finishedAt: now, creating };
    if (now >= nextTick || now >= wakeAt || ready > 0) {
      const decision = policy.decide(
        signalsOf({
          now,
          min: burst.min,
          max: burst.max,
          target,
          creating: creates.length,
          idle,
          inUse: uses.length,
          pending,
          intervalMs: now - last,
          arrivals,
          completions,
          inUseMs,
          created,
          arrivalsPerMs: arrivals > 0 ? [arrivals] : [],
          oldestWaitMs: now,
          create: opened > creates.length || burst.warm > 0 ? always(burst.createMs) : NO_SAMPLES,
          use: finished > 0 ? always(burst.useMs) : NO_SAMPLES,
        }),
        state,
        config,
      );
      state = decision.state;
      target = decision.target;
      if (now >= nextTick) nextTick = now + 100;
      wakeAt = decision.wakeInMs === null ? Number.POSITIVE_INFINITY : now + decision.wakeInMs;
      last = now;
      [arrivals, completions, inUseMs, created] = [0, 0, 0, 0];
      const before = creates.length;
      while (idle + uses.length + creates.length < target) {
        creates.push(now + burst.createMs);
        opened += 1;
      }
      if (creates.length > before) creating.push([now, creates.length]);
    }
  }
  throw new Error('the burst was never served');
}

describe('the littles-law policy in a closed loop', () => {
  test('serves a burst of short calls with the warm connections alone', () => {
    const outcome = run({ callers: 50, useMs: 2, createMs: 150, min: 5, max: 50, warm: 5 });
    expect(outcome).toMatchObject({ opened: 0, finishedAt: 20 });
  });

  test('gives every caller a connection when a cold pool meets long calls', () => {
    const outcome = run({ callers: 20, useMs: 1_000, createMs: 1_000, min: 0, max: 20, warm: 0 });
    expect(outcome.creating).toEqual([
      [0, 4],
      [5, 10],
      [50, 20],
    ]);
    expect(outcome.finishedAt).toBeLessThanOrEqual(2_100);
  });

  test('opens many at once when a warm pool meets long calls and a new connection is cheap', () => {
    const outcome = run({ callers: 200, useMs: 200, createMs: 5, min: 5, max: 200, warm: 5 });
    // Two rounds of calls and the time in which the use time was unknown.
    expect(outcome.finishedAt).toBeLessThanOrEqual(700);
  });

  test('opens few on a cold pool when calls turn out to be short', () => {
    const outcome = run({ callers: 1_000, useMs: 1, createMs: 20, min: 0, max: 1_000, warm: 0 });
    expect(outcome.opened).toBeLessThanOrEqual(40);
    expect(outcome.finishedAt).toBeLessThanOrEqual(200);
  });
});
