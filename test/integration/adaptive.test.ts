import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runReplication } from '../../sim/run.js';
import { parseScenario } from '../../sim/scenario-file.js';
import { WaitTimes } from '../../sim/analysis/wait-times.js';
import {
  AdaptivePool,
  type AdaptivePoolOptions,
  type Reason,
  type ScaleDecision,
} from '../../src/index.js';
import { redisFactory } from '../../src/redis/index.js';
import { startRedisServer, type RedisServer } from '../../src/testing/index.js';

/** Why the pool grew, in order, each reason once in a row. */
function reasonsToGrow(decisions: readonly ScaleDecision[]): readonly Reason[] {
  const reasons = decisions
    .filter(({ direction }) => direction === 'grow')
    .map(({ reason }) => reason);
  return reasons.filter((reason, index) => reason !== reasons[index - 1]);
}

describe('the adaptive policy on a real redis-server', () => {
  let server: RedisServer;
  let pool: AdaptivePool<Redis>;
  let decisions: ScaleDecision[];

  beforeAll(async () => {
    server = await startRedisServer();
  });

  afterEach(async () => {
    await pool.close({ deadlineMs: 0 });
  });

  afterAll(async () => {
    await server.stop();
  });

  function open(options: Omit<AdaptivePoolOptions<Redis>, 'factory'>): void {
    decisions = [];
    pool = new AdaptivePool({ ...options, factory: redisFactory({ port: server.port }) });
    pool.on('decision', (decision) => decisions.push(decision));
  }

  it('stops growing when throughput stops growing, and says what stops it', async () => {
    open({ min: 1, max: 200, acquireTimeoutMs: 30_000 });
    await pool.ready();
    const over = new AbortController();
    // Callers without end for operations that take the server no time: soon this process is the bottleneck.
    const caller = async (): Promise<void> => {
      while (!over.signal.aborted) await pool.use((redis) => redis.get('nothing'));
    };
    const callers = Array.from({ length: 400 }, caller);
    await sleep(4_000);
    over.abort();
    await Promise.all(callers);
    expect(pool.stats.size).toBeLessThan(200);
    const limits = new Set(decisions.flatMap(({ limitedBy }) => limitedBy));
    const bottlenecks = ['client-saturated', 'backend-saturated', 'verifying'] as const;
    expect(bottlenecks.filter((limit) => limits.has(limit))).not.toEqual([]);
  }, 60_000);

  it('meets a spike as the simulator says: the same reasons in the same order', async () => {
    const [callers, useMs, warm] = [60, 400, 4];
    open({ min: warm, max: 40, acquireTimeoutMs: 30_000 });
    await pool.ready();
    await Promise.all(Array.from({ length: callers }, () => pool.use(() => sleep(useMs))));
    const live = reasonsToGrow(decisions);

    const scenario = parseScenario({
      version: 1,
      name: 'spike',
      description: 'Callers at one instant who hold on for long.',
      durationMs: 1_000,
      warmUpMs: 1_000,
      workload: { kind: 'batch', size: callers, startMs: 500, periodMs: 10_000 },
      serviceMs: useMs,
      createMs: 2,
      min: warm,
      max: 40,
      waitObjectiveMs: 10,
      acquireTimeoutMs: 30_000,
    });
    const simulated: ScaleDecision[] = [];
    const options = { seed: 1, replication: 0, discardMs: 0 };
    const onDecision = (decision: ScaleDecision): unknown => simulated.push(decision);
    runReplication(scenario, 'adaptive', { ...options, onDecision }, new WaitTimes());
    expect(live).toEqual(reasonsToGrow(simulated));
    expect(live.length).toBeGreaterThan(1);
  });
});
