import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a program with a pool whose connections hold no socket, and returns what it printed and its exit code. */
function run(body: string): Promise<{ printed: string; code: number | null }> {
  const program = `
    import { AdaptivePool } from './src/adaptive-pool.ts';
    const factory = { create: () => ({}), destroy: () => {} };
    const pool = new AdaptivePool({ min: 1, max: 1, acquireTimeoutMs: 400, factory });
    ${body}`;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', program],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'], timeout: 15_000 },
  );
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ printed, code }));
  });
}

describe('the process', () => {
  it('ends although a pool with idle connections is open', async () => {
    const ended = await run(`
      const lease = await pool.acquire();
      lease.release();
      setTimeout(() => console.log('still here'), 10_000).unref();
    `);
    expect(ended).toEqual({ printed: '', code: 0 });
  });

  it('lives while a caller waits', async () => {
    const ended = await run(`
      await pool.acquire();
      await pool.acquire().catch((error) => console.log(error.code));
    `);
    expect(ended).toEqual({ printed: 'ERR_POOL_ACQUIRE_TIMEOUT\n', code: 0 });
  });

  it('lives while the pool closes', async () => {
    const ended = await run(`
      await pool.acquire();
      const { heldLeases } = await pool.close({ deadlineMs: 200 });
      console.log(heldLeases.length);
    `);
    expect(ended).toEqual({ printed: '1\n', code: 0 });
  });

  it('lives until a goodbye that hangs has had its time, and not longer', async () => {
    const ended = await run(`
      factory.destroy = () => new Promise(() => {});
      pool.reconfigure({ destroyTimeoutMs: 300, leakThresholdMs: 60_000 });
      await pool.acquire();
      setTimeout(() => console.log('still here'), 10_000).unref();
      const { heldLeases } = await pool.close({ deadlineMs: 100 });
      console.log(heldLeases.length, pool.stats.closing);
    `);
    expect(ended).toEqual({ printed: '1 0\n', code: 0 });
  });

  it('ends although a lease is watched', async () => {
    const ended = await run(`
      pool.reconfigure({ leakThresholdMs: 9_000, leakSampling: 1 });
      globalThis.lease = await pool.acquire();
      setTimeout(() => console.log('still here'), 8_000).unref();
    `);
    expect(ended).toEqual({ printed: '', code: 0 });
  });

  it('hears of no file left open when a pool that records is forgotten', async () => {
    const ended = await run(`
      import { existsSync, mkdtempSync, rmSync } from 'node:fs';
      import { tmpdir } from 'node:os';
      import { setTimeout as sleep } from 'node:timers/promises';
      import { setFlagsFromString } from 'node:v8';
      import { runInNewContext } from 'node:vm';
      import { recordScaling } from './src/index.ts';
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc');
      process.on('warning', ({ message }) => console.log(message));
      const folder = mkdtempSync(tmpdir() + '/adaptive-pool-forgotten-');
      process.on('exit', () => rmSync(folder, { recursive: true }));
      const file = folder + '/recording';
      async function record() {
        const forgotten = new AdaptivePool({ min: 0, max: 1, factory });
        recordScaling(forgotten, file);
        await forgotten.use(() => {});
        await forgotten.close();
      }
      await record();
      while (!existsSync(file)) await sleep(5);
      for (let times = 0; times < 20; times += 1) {
        collect();
        await sleep(5);
      }
    `);
    expect(ended).toEqual({ printed: '', code: 0 });
  });
});
