import { AdaptivePool } from 'adaptive-pool';
import genericPool from 'generic-pool';
import { median, printTable } from './report.js';

const CALLS = 200_000;
const ROUNDS = 7;
/** The same with `leakSampling: 1`, which takes so long that fewer calls do. */
const SAMPLED = { name: 'AdaptivePool acquire and release, sampled', calls: CALLS / 20 } as const;

interface Resource {
  readonly id: number;
}

/** Nanoseconds per acquire and release without contention, beside generic-pool and a bare array. */
export async function hotPath(): Promise<void> {
  let opened = 0;
  const create = (): Promise<Resource> => Promise.resolve({ id: (opened += 1) });
  const pool = new AdaptivePool<Resource>({ factory: { create, destroy }, min: 4, max: 4 });
  await pool.ready();
  const sampled = new AdaptivePool<Resource>({
    factory: { create, destroy },
    min: 4,
    max: 4,
    leakSampling: 1,
  });
  await sampled.ready();
  const generic = genericPool.createPool({ create, destroy }, { min: 4, max: 4 });
  await generic.ready();
  const array: Resource[] = [{ id: 1 }];

  const contenders: Record<string, () => Promise<void>> = {
    'bare array, pop and push': () => {
      for (let call = 0; call < CALLS; call += 1) {
        const resource = array.pop();
        if (resource !== undefined) array.push(resource);
      }
      return Promise.resolve();
    },
    'bare array behind a promise': async () => {
      for (let call = 0; call < CALLS; call += 1) {
        const resource = await Promise.resolve(array.pop());
        if (resource !== undefined) array.push(resource);
      }
    },
    'AdaptivePool tryAcquire and release': () => {
      for (let call = 0; call < CALLS; call += 1) pool.tryAcquire()?.release();
      return Promise.resolve();
    },
    'AdaptivePool acquire and release': async () => {
      for (let call = 0; call < CALLS; call += 1) (await pool.acquire()).release();
    },
    [SAMPLED.name]: async () => {
      for (let call = 0; call < SAMPLED.calls; call += 1) (await sampled.acquire()).release();
    },
    'AdaptivePool use': async () => {
      for (let call = 0; call < CALLS; call += 1) await pool.use((resource) => resource.id);
    },
    'generic-pool acquire and release': async () => {
      for (let call = 0; call < CALLS; call += 1) await generic.release(await generic.acquire());
    },
  };

  const samples = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, run] of Object.entries(contenders)) {
      const calls = name === SAMPLED.name ? SAMPLED.calls : CALLS;
      const start = performance.now();
      await run();
      // The first round warms up the compiler.
      if (round > 0) samples.get(name)?.push(((performance.now() - start) * 1e6) / calls);
    }
  }
  console.log(`\nHot path: one caller, ${CALLS} calls, median of ${ROUNDS} interleaved rounds`);
  printTable(
    ['', 'ns per call'],
    Array.from(samples, ([name, values]) => [name, median(values).toFixed(0)]),
  );
  await pool.close();
  await sampled.close();
  await generic.drain();
  await generic.clear();
}

function destroy(): Promise<void> {
  return Promise.resolve();
}
