/** A pool that is told what will come: its connections are open when the callers are there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AdaptivePool, type ResourceFactory } from 'adaptive-pool';

/** Anything that takes long to open. */
const slowToOpen: ResourceFactory<{ readonly work: () => Promise<void> }> = {
  create: async ({ signal }) => {
    await sleep(100, undefined, { signal });
    return { work: () => sleep(20) };
  },
  destroy: () => {},
};

const pool = new AdaptivePool({ name: 'sale', factory: slowToOpen, min: 2, max: 40 });
pool.on('scale', ({ message }) => console.log(message));
await pool.ready();

const saleOpens = new Date(Date.now() + 1_000);
pool.expect({ concurrency: 20, at: saleOpens, forMs: 60_000 });
const second = pool.expect({ concurrency: 40, inMs: 30_000, forMs: 60_000 });
second.cancel(); // called off

await sleep(saleOpens.getTime() - Date.now() + 5);
console.log(`${pool.stats.idle} are open before the first caller comes`);
await Promise.all(Array.from({ length: 20 }, () => pool.use(({ work }) => work())));
console.log(`${pool.stats.acquired} served, ${pool.stats.created} opened`);

// For `initialState` of the next process.
const { version, policy } = pool.controllerState;
console.log(`what ${policy} has learnt, version ${version}`);
await pool.close();
