/** SIGTERM: refuse new work, finish what runs, and say who did not finish in time. */
import { AdaptivePool, type CloseReport } from 'adaptive-pool';
import { redisFactory } from 'adaptive-pool/redis';
import { startRespServer } from 'adaptive-pool/testing';

const DEADLINE_MS = 500; // a little less than the orchestrator's grace period

const server = await startRespServer();
const pool = new AdaptivePool({ name: 'web', factory: redisFactory(server.url), min: 2, max: 2 });

process.once('SIGTERM', () => void shutDown());

async function shutDown(): Promise<void> {
  console.log(`SIGTERM: ${pool.stats.inUse} in use, ${pool.stats.pending} waiting`);
  // First stop what brings work (here it would be httpServer.close()), then the pool.
  const report = await pool.close({ deadlineMs: DEADLINE_MS });
  describe(report);
  await server.close();
}

function describe({ heldLeases }: CloseReport): void {
  for (const { id, heldForMs } of heldLeases) {
    const isLong = heldForMs >= DEADLINE_MS;
    console.log(`connection ${id} was still held ${isLong ? 'after the deadline' : 'briefly'}`);
  }
  console.log(`closed: ${pool.stats.released} leases came back, ${pool.stats.size} are open`);
}

await pool.ready();
// A lease that someone forgot, a slow request, and one that waits for a connection.
await pool.acquire();
const slow = pool.use(() => new Promise((resolve) => setTimeout(resolve, 50, 'slow request')));
const waiting = pool.use((redis) => redis.ping());
process.kill(process.pid, 'SIGTERM');
console.log(`${String(await slow)} finished`);
console.log(`${await waiting} for the one that waited`);
await pool.acquire().catch((error: unknown) => {
  console.log(`a new caller got ${(error as { readonly code: string }).code}`);
});
