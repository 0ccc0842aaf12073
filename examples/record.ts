/** Records a pool's decisions and its load as JSON lines, and reads them back. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdaptivePool, recordScaling } from 'adaptive-pool';
import { redisFactory } from 'adaptive-pool/redis';
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

interface Header {
  readonly version: number;
  readonly pool: string;
  readonly columns: readonly string[];
}
const [first = '', ...rest] = (await readFile(file, 'utf8')).trimEnd().split('\n');
const header = JSON.parse(first) as Header;
const lines = rest.map((line) => JSON.parse(line) as readonly unknown[]);
const column = (name: string): number => header.columns.indexOf(name) + 1; // 0 is the "d"

let arrivals = 0;
for (const line of lines) {
  if (line[0] !== 'l') continue;
  for (const [, count] of line[2] as readonly [number, number][]) arrivals += count;
}
console.log(`format ${header.version}, pool ${header.pool}: ${arrivals} arrivals`);
for (const line of lines) {
  if (line[0] !== 'd' || line[column('from')] === line[column('to')]) continue;
  const [from, to, reason] = ['from', 'to', 'reason'].map((name) => String(line[column(name)]));
  console.log(`${from}→${to} ${reason}`);
}
await rm(directory, { recursive: true });
