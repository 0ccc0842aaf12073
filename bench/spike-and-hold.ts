import { AdaptivePool, type AdaptivePoolOptions } from 'adaptive-pool';
import genericPool from 'generic-pool';
import { printTable } from './report.js';

interface Load {
  readonly callers: number;
  readonly createMs: number;
  readonly useMs: number;
  readonly min: number;
  readonly max: number;
}

const SPIKE: Load = { callers: 50, createMs: 150, useMs: 2, min: 5, max: 50 };
const HOLD: Load = { callers: 20, createMs: 1_000, useMs: 1_000, min: 0, max: 20 };

/** Two opposite loads with real timers: few connections must do for one, many are needed for the other. */
export async function spikeAndHold(): Promise<void> {
  const rows: string[][] = [];
  for (const [name, load] of Object.entries({ spike: SPIKE, hold: HOLD })) {
    rows.push([`${name}: AdaptivePool`, ...(await adaptive(load))]);
    rows.push([`${name}: generic-pool`, ...(await generic(load))]);
  }
  console.log(
    '\nSpike: 50 callers at once at 5 warm connections, connect 150 ms, use 2 ms, max 50',
  );
  console.log('Hold: 20 callers at once at a cold pool, connect 1 s, use 1 s, max 20');
  printTable(['', 'all served after', 'connections opened'], rows);
}

async function adaptive(load: Load): Promise<[string, string]> {
  let opened = 0;
  const factory: AdaptivePoolOptions<object>['factory'] = {
    create: async () => {
      opened += 1;
      await sleep(load.createMs);
      return {};
    },
    destroy: () => {},
  };
  const { min, max } = load;
  await using pool = new AdaptivePool({ factory, min, max, acquireTimeoutMs: Infinity });
  await pool.ready();
  const tookMs = await timed(load, () => pool.use(() => sleep(load.useMs)));
  return [`${tookMs.toFixed(0)} ms`, String(opened)];
}

async function generic(load: Load): Promise<[string, string]> {
  let opened = 0;
  const create = async (): Promise<object> => {
    opened += 1;
    await sleep(load.createMs);
    return {};
  };
  const { min, max } = load;
  const pool = genericPool.createPool({ create, destroy }, { min, max });
  await pool.ready();
  const tookMs = await timed(load, () => pool.use(() => sleep(load.useMs)));
  await pool.drain();
  await pool.clear();
  return [`${tookMs.toFixed(0)} ms`, String(opened)];
}

async function timed(load: Load, call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await Promise.all(Array.from({ length: load.callers }, call));
  return performance.now() - start;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function destroy(): Promise<void> {
  return Promise.resolve();
}
