/** The README's example: `npx tsx examples/quickstart.ts`. */
import { AdaptivePool } from 'adaptive-pool';
import { redisFactory } from 'adaptive-pool/redis';
import { startRespServer } from 'adaptive-pool/testing';

const server = await startRespServer(); // a small Redis in this process; use the URL of yours
const pool = new AdaptivePool({ name: 'jobs', factory: redisFactory(server.url), min: 2, max: 16 });
pool.on('scale', (decision) => console.log(decision.message));

await pool.ready(); // two connections are open and proven
const workers = [1, 2, 3, 4].map(() => pool.use((redis) => redis.blpop('queue', 5)));
await pool.use((redis) => redis.lpush('queue', 'd', 'c', 'b', 'a'));
console.log((await Promise.all(workers)).map((reply) => reply?.[1]));
console.log(`${pool.stats.size} connections, ${pool.stats.acquired} leases`);

await pool.close();
await server.close();
