/**
 * Why a pool: a blocking command keeps its connection for itself. Six consumers wait for jobs with BLPOP; on one shared
 * connection the last of them could only begin when the five before it were done.
 */
import { AdaptivePool } from 'adaptive-pool';
import { redisFactory } from 'adaptive-pool/redis';
import { startRespServer } from 'adaptive-pool/testing';

const CONSUMERS = 6;

const server = await startRespServer();
const pool = new AdaptivePool({
  name: 'consumers',
  factory: redisFactory(server.url),
  min: 1,
  max: 10,
  // A consumer may find every connection taken by the others: it waits until one was opened for it.
  acquireTimeoutMs: 5_000,
});
pool.on('scale', (decision) => console.log(decision.message));
await pool.ready();

const jobs = Array.from({ length: CONSUMERS }, async () => {
  // BLPOP's own timeout and not the pool's: the pool's bounds the wait for the connection only.
  const reply = await pool.use((redis) => redis.blpop('jobs', 10));
  return reply?.[1] ?? 'nothing';
});

// Until all six block, each on a connection of its own.
while (pool.stats.inUse < CONSUMERS) await new Promise((resolve) => setTimeout(resolve, 5));
console.log(`${pool.stats.inUse} consumers block on ${pool.stats.size} connections`);

const names = Array.from({ length: CONSUMERS }, (_, index) => `job ${index}`);
await pool.use((redis) => redis.lpush('jobs', ...names));
console.log(`done: ${(await Promise.all(jobs)).toSorted().join(', ')}`);

await pool.close();
await server.close();
