import type { ExpectStatic } from 'vitest';
import type { LoopLag } from '../../support/loop-lag.js';
import { COMMAND_TIMEOUT_MS, OPTIONS, type Outcome } from './fault-cell.js';
import type { Call } from './fault-load.js';

/** The gate's first pause at its shortest, and the longest pause at its shortest: half of 50 and of 1,000 ms. */
const SHORTEST_PAUSE_MS = 25;
const SHORTEST_LAST_PAUSE_MS = 500;
const RECOVERY_MS = 1_000;

/** Creates that a doubling back-off lets begin in this time, whoever waits. */
export function mostAttempts(lastsMs: number): number {
  let attempts = 1;
  let pauseMs = SHORTEST_PAUSE_MS;
  for (let atMs = pauseMs; atMs <= lastsMs; atMs += pauseMs) {
    attempts += 1;
    pauseMs = Math.min(SHORTEST_LAST_PAUSE_MS, 2 * pauseMs);
  }
  return attempts;
}

/** Creates besides those of the connections that were hit: what the back-off allows, or else a new one after each timeout. */
function mostReplacements({ isOpenable, beganAt, endedAt }: Outcome): number {
  const lastedMs = endedAt - beganAt;
  if (!isOpenable) return mostAttempts(lastedMs);
  return OPTIONS.max * Math.ceil(lastedMs / COMMAND_TIMEOUT_MS);
}

/** Calls whose acquire settled after its deadline, or never, by more than the machine was late. */
export function lateCalls(
  calls: readonly Call[],
  acquireTimeoutMs: number,
  lag: Pick<LoopLag, 'allowanceMs'>,
): readonly object[] {
  return calls.flatMap(({ key, calledAt, settledAt }) => {
    const dueAt = calledAt + acquireTimeoutMs;
    const lateMs = (settledAt ?? Number.POSITIVE_INFINITY) - dueAt;
    const allowedMs = settledAt === null ? 0 : lag.allowanceMs(dueAt, settledAt);
    return lateMs > allowedMs ? [{ key, lateMs, allowedMs }] : [];
  });
}

/** What must hold whatever went wrong. */
export function expectSound(expect: ExpectStatic, outcome: Outcome): void {
  const { calls, lag, counts, stats, endedAt, firstAnswerAt } = outcome;

  const late = lateCalls(calls, OPTIONS.acquireTimeoutMs, lag);
  expect(late, 'acquires that settled after their deadline').toEqual([]);

  const twice = calls.filter(({ key }) => (counts.get(key) ?? 0) > 1);
  expect(twice, 'commands that ran twice').toEqual([]);
  const lost = calls.filter(
    ({ key, answer }) => answer !== null && (answer !== 1 || counts.get(key) !== 1),
  );
  expect(lost, 'answers to commands that the server does not know').toEqual([]);

  const most = OPTIONS.max + mostReplacements(outcome);
  expect(outcome.attempts.length, 'creates while it lasted').toBeLessThanOrEqual(most);
  expect(outcome.connects, 'connects while it lasted').toBeLessThanOrEqual(most);

  const dueAt = endedAt + RECOVERY_MS + outcome.backOffMs;
  expect(firstAnswerAt, 'an answer after it ended').not.toBeNull();
  const allowed = lag.allowanceMs(endedAt, firstAnswerAt ?? Number.POSITIVE_INFINITY);
  expect(firstAnswerAt, 'time of the first answer').toBeLessThanOrEqual(dueAt + allowed);

  expect(stats.size).toBeGreaterThanOrEqual(OPTIONS.min);
  expect(stats.size).toBeLessThanOrEqual(OPTIONS.max);
  expect(stats).toMatchObject({ creating: 0, checking: 0, inUse: 0, closing: 0, pending: 0 });
  expect(outcome.connections, 'connections that the server knows').toBe(stats.size);
  // Every request ended in one way, and every connection is open or closed.
  expect(stats.acquired).toBe(stats.released);
  expect(stats.acquired + stats.timeouts + stats.rejected + stats.aborted).toBe(calls.length);
  expect(stats.created - stats.destroyed).toBe(stats.size);
}
