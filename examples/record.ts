/** Records a pool's decisions and its load as JSON lines, and reads them back. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdaptivePool, recordScaling } from 'adaptive-pool';
import { redisFactory } from 'adaptive-pool/redis';
import { readRecording } from 'adaptive-pool/sim';
import { startRespServer } from 'adaptive-pool/testing';

const directory = await mkdtemp(join(tmpdir(), 'adaptive-pool-record-'));
const file = join(directory, 'web.jsonl');

const server = await startRespServer({ latencyMs: 5 });
const pool = new AdaptivePool({ name: 'web', factory: redisFactory(server.url), min: 2, max: 16 });
const recording = recordScaling(pool, file);

await pool.ready();
await Promise.all(Array.from({ length: 200 }, () => pool.use((redis) => redis.get('page'))));
await pool.close();
await recording.stop();
await server.close();

let arrivals = 0;
for await (const entry of readRecording(file)) {
  if (entry.kind === 'header') console.log(`pool ${entry.header.pool}`);
  if (entry.kind === 'load') {
    for (const [, count] of entry.load.arrivals) arrivals += Math.abs(count);
  }
  if (entry.kind !== 'decision') continue;
  const { from, to, reason } = entry.decision;
  if (from !== to) console.log(`${from}→${to} ${reason}`);
}
console.log(`${arrivals} arrivals`);
await rm(directory, { recursive: true });
