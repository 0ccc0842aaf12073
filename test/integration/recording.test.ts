import type { Redis } from 'ioredis';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AdaptivePool, recordScaling, type Recording } from '../../src/index.js';
import { redisFactory } from '../../src/redis/index.js';
import { startRedisServer } from '../../src/testing/index.js';
import { loadRecording } from '../../sim/recording/recording.js';
import { randomFrom } from '../support/random.js';

const PASSWORD = 'wr0ng-secret';

describe('a recording of a pool on a real redis-server', () => {
  it('replays a thousand decisions and more under varied load, bit for bit', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'adaptive-pool-recording-'));
    const server = await startRedisServer({ args: ['--requirepass', PASSWORD] });
    const factory = redisFactory({ port: server.port, password: PASSWORD });
    const pool = new AdaptivePool({
      name: 'varied',
      factory,
      min: 1,
      max: 24,
      tickMs: 10,
      acquireTimeoutMs: 40,
      policy: { name: 'littles-law', idleBeforeCloseMs: 300 },
    });
    const errors: unknown[] = [];
    pool.on('error', (event) => errors.push(event));
    const seen: number[] = [];
    pool.on('decision', ({ seq }) => seen.push(seq));
    const whole = recordScaling(pool, join(directory, 'whole.jsonl'), { requests: true });
    const parts = recordScaling(pool, join(directory, 'parts.jsonl'), {
      maxBytes: 65_536,
      maxFiles: 20,
    });
    await pool.ready();
    let late: Recording | null = null;
    // Quiet and busy phases, bursts of one instant, options changed in between, connections killed.
    const phases = [20, 400, 100, 900, 30, 600, 200];
    for (const [phase, perSecond] of phases.entries()) {
      if (phase === 2) pool.reconfigure({ max: 16, waitObjectiveMs: 2 });
      if (phase === 3) late = recordScaling(pool, join(directory, 'late.jsonl'));
      if (phase === 4) pool.reconfigure({ policy: 'step' });
      if (phase === 5) pool.reconfigure({ policy: 'littles-law', min: 3 });
      await drive(pool, perSecond, 1_700, phase);
      if (phase === 1) await pool.use((redis) => redis.call('CLIENT', 'KILL', 'TYPE', 'normal'));
    }
    // On a busy machine ticks are late and decisions fewer.
    for (let phase = phases.length; seen.length <= 1_000; phase += 1) {
      await drive(pool, 300, 500, phase);
    }
    await pool.close();
    for (const recording of [whole, parts, late]) await recording?.stop();
    await server.stop();
    expect(errors).toEqual([]);

    expect(seen.length).toBeGreaterThan(1_000);
    const { decisions, run } = await loadRecording(join(directory, 'whole.jsonl'));
    expect(decisions).toEqual({ identical: seen.length, notReplayable: 0, difference: null });
    expect([run.changes, run.decisions, run.earlierRuns]).toEqual([3, seen.length, 0]);
    expect(run.arrivals).toBe(run.waits.count + run.timeouts + run.rejected);
    const rotated = readdirSync(directory).filter((file) => file.startsWith('parts'));
    expect(rotated.length).toBeGreaterThan(1);
    let inParts = 0;
    for (const file of rotated) {
      const part = await loadRecording(join(directory, file));
      expect(part.decisions, file).toMatchObject({ notReplayable: 0, difference: null });
      inParts += part.decisions.identical;
    }
    expect(inParts).toBe(seen.length);
    const middle = await loadRecording(join(directory, 'late.jsonl'));
    expect(middle.decisions).toMatchObject({ notReplayable: 0, difference: null });
    expect(middle.decisions.identical).toBeGreaterThan(100);

    for (const file of readdirSync(directory)) {
      expect(readFileSync(join(directory, file), 'utf8')).not.toContain(PASSWORD);
    }
    rmSync(directory, { recursive: true });
  }, 60_000);
});

/** Callers at random instants, some of them thirty at once. */
async function drive(
  pool: AdaptivePool<Redis>,
  perSecond: number,
  durationMs: number,
  seed: number,
): Promise<void> {
  const random = randomFrom(seed + 1);
  const calls: Promise<unknown>[] = [];
  const call = (): void => {
    const useMs = 15 * random();
    const work = pool.use(async (redis) => {
      await redis.get('key');
      await sleep(useMs);
    });
    calls.push(work.catch(() => {}));
  };
  const end = performance.now() + durationMs;
  let next = performance.now();
  while (performance.now() < end) {
    next += (-1_000 / perSecond) * Math.log(1 - random());
    if (next > performance.now()) await sleep(next - performance.now());
    const batch = random() < 0.01 ? 30 : 1;
    for (let nth = 0; nth < batch; nth += 1) call();
  }
  await Promise.all(calls);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
