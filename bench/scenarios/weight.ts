/** What a pool weighs: in memory, on the disk, at the start of a process. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { npmPackage } from '../../test/support/npm-package.js';
import { Connections } from '../peers/connections.js';
import type { Face, Peer, Setup } from '../peers/peer.js';
import { POOLS, turn, type Scenario } from './scenario.js';

const CONNECTIONS = 2_000;
const POOLS_AT_ONCE = 100;
const ROOT = dirname(createRequire(import.meta.url).resolve('adaptive-pool/package.json'));

export const memory: Scenario = {
  id: 'memory',
  title: `Memory: one of ${POOLS_AT_ONCE} empty pools after its first call, one of ${CONNECTIONS} idle connections`,
  metrics: [
    { name: 'per pool', unit: 'KiB', digits: 1 },
    { name: 'per idle connection', unit: 'bytes', digits: 0 },
  ],
  peers: POOLS.filter((id) => id !== 'node-redis'),
  acquireTimeoutsMs: [30_000],
  async run(peer, acquireTimeoutMs) {
    const setup = (max: number): Setup => ({
      min: 1,
      max,
      acquireTimeoutMs,
      idleMs: null,
      connections: new Connections(0),
    });
    const pools: Face[] = [await used(peer, setup(1), 1)];
    const before = await memoryUsed();
    for (let left = POOLS_AT_ONCE; left > 0; left -= 1) pools.push(await used(peer, setup(1), 1));
    const withPools = await memoryUsed();
    pools.push(await used(peer, { ...setup(CONNECTIONS), min: CONNECTIONS }, CONNECTIONS));
    const withConnections = await memoryUsed();
    const perPool = (withPools - before) / POOLS_AT_ONCE;
    return [perPool / 1_024, (withConnections - withPools - perPool) / CONNECTIONS];
  },
};

export const weight: Scenario = {
  id: 'weight',
  title:
    'Import time of a fresh process, beyond an empty one, and files of the package and what it depends on',
  metrics: [
    { name: 'import', unit: 'ms', digits: 0 },
    { name: 'package', unit: 'KiB', digits: 0 },
    { name: 'with dependencies', unit: 'KiB', digits: 0 },
    { name: 'dependencies', unit: '', digits: 0 },
  ],
  peers: POOLS,
  acquireTimeoutsMs: [null],
  run(peer) {
    const name = peer.package;
    if (name === undefined) throw new Error(`${peer.name} is no package`);
    const entry = name === 'effect' ? 'effect/Pool' : name;
    const importMs = startMs(`await import(${JSON.stringify(entry)})`) - startMs('');
    const found = new Map<string, number>();
    collect(name, ROOT, found);
    const all = [...found.values()].reduce((sum, bytes) => sum + bytes, 0);
    const own = found.get(name) ?? Number.NaN;
    return Promise.resolve([importMs, own / 1_024, all / 1_024, found.size - 1]);
  },
};

/** The pool after as many calls at once as it shall have connections. */
async function used(peer: Peer, setup: Setup, calls: number): Promise<Face> {
  const face = await peer.open(setup);
  await Promise.all(Array.from({ length: calls }, () => face.use(turn)));
  return face;
}

async function memoryUsed(): Promise<number> {
  await turn();
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function startMs(code: string): number {
  const begin = performance.now();
  execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: ROOT });
  return performance.now() - begin;
}

/** The size of a package and of everything it cannot do without. */
function collect(name: string, from: string, found: Map<string, number>): void {
  if (found.has(name)) return;
  const folder = folderOf(name, from);
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  // Of this package what would be published, not the checkout around it.
  found.set(name, folder === ROOT ? npmPackage(ROOT).unpackedSize : sizeOf(folder));
  for (const dependency of Object.keys(dependencies)) collect(dependency, folder, found);
}

function folderOf(name: string, from: string): string {
  if (name === 'adaptive-pool') return ROOT;
  for (const base of [from, ROOT]) {
    const folder = join(base, 'node_modules', name);
    if (statSync(folder, { throwIfNoEntry: false }) !== undefined) return realpathSync(folder);
  }
  throw new Error(`${name} is not installed`);
}

function sizeOf(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
