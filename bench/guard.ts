/**
 * Fails when a hot path became more than a quarter slower than recorded, in relation to a bare array and queue in the
 * same process: `npm run bench:guard`. `-- --record` writes what it measures into the record.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { AdaptivePool } from 'adaptive-pool';
import { BarePool } from './peers/bare.js';
import type { Resource } from './peers/connections.js';
import { nothing } from './peers/peer.js';
import { cpuMs, printTable, quantile } from './report.js';
import { turn } from './scenarios/scenario.js';

const ALLOWED = 1.25;
const ATTEMPTS = 4;
const ROUNDS = 25;
const CALLS = 8_000;
const SIZE = 10;
const WORKERS = 1_000;

type Path = 'tryAcquire' | 'acquire' | 'use' | 'contended';
type Ratios = Record<Path, number>;

const root = dirname(createRequire(import.meta.url).resolve('adaptive-pool/package.json'));
const record = join(root, 'bench', 'guard.json');

let opened = 0;
const factory = {
  create: (): Resource => ({ id: (opened += 1) }),
  destroy: nothing,
};
const pool = new AdaptivePool<Resource>({ factory, min: SIZE, max: SIZE });
await pool.ready();
const bare = new BarePool(SIZE);

async function bareLoop(calls: number): Promise<void> {
  for (let left = calls; left > 0; left -= 1) bare.release(await bare.acquire());
}

async function ourLoop(calls: number): Promise<void> {
  for (let left = calls; left > 0; left -= 1) (await pool.acquire()).release();
}

async function workers(loop: (calls: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: WORKERS }, () => loop(CALLS / WORKERS)));
}

/** How often each path takes the time of the bare one, from what either took in its quieter rounds. */
async function measure(): Promise<Ratios> {
  const runs: Record<Path | 'bare' | 'bare contended', () => Promise<void>> = {
    bare: () => bareLoop(CALLS),
    tryAcquire: () => {
      for (let left = CALLS; left > 0; left -= 1) pool.tryAcquire()?.release();
      return Promise.resolve();
    },
    acquire: () => ourLoop(CALLS),
    use: async () => {
      for (let left = CALLS; left > 0; left -= 1) await pool.use(nothing);
    },
    'bare contended': () => workers(bareLoop),
    contended: () => workers(ourLoop),
  };
  const times = new Map<string, number[]>(Object.keys(runs).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, run] of Object.entries(runs)) {
      await turn();
      const begin = cpuMs();
      await run();
      times.get(name)?.push(cpuMs() - begin);
    }
  }
  const timeOf = (name: string): number => quantile(times.get(name) ?? [], 0.25);
  return {
    tryAcquire: timeOf('tryAcquire') / timeOf('bare'),
    acquire: timeOf('acquire') / timeOf('bare'),
    use: timeOf('use') / timeOf('bare'),
    contended: timeOf('contended') / timeOf('bare contended'),
  };
}

/** Of each path the ratio below which this share of the attempts lies. */
function ratiosAt(share: number): Ratios {
  const of = (path: Path): number =>
    quantile(
      attempts.map((ratios) => ratios[path]),
      share,
    );
  return {
    tryAcquire: of('tryAcquire'),
    acquire: of('acquire'),
    use: of('use'),
    contended: of('contended'),
  };
}

// Judged is the lowest, recorded the median: a record made in a lucky moment would be broken by the next bad one.
// The first measurement is for the compiler.
await measure();
const attempts: Ratios[] = [];
const isRecording = process.argv.includes('--record');
if (isRecording) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) attempts.push(await measure());
  const ratios = Object.entries(ratiosAt(0.5)).map(([path, value]) => [
    path,
    Number(value.toFixed(2)),
  ]);
  writeFileSync(record, `${JSON.stringify(Object.fromEntries(ratios), null, 2)}\n`);
}
const recorded = JSON.parse(readFileSync(record, 'utf8')) as Ratios;
let slow: Path[] = [];
do {
  if (!isRecording) attempts.push(await measure());
  const seen = ratiosAt(0);
  slow = (Object.keys(recorded) as Path[]).filter((path) => seen[path] > ALLOWED * recorded[path]);
} while (slow.length > 0 && attempts.length < ATTEMPTS);

const seen = ratiosAt(0);
printTable(
  ['times a bare array and queue', 'now', 'recorded', ''],
  (Object.keys(recorded) as Path[]).map((path) => [
    path,
    seen[path].toFixed(2),
    recorded[path].toFixed(2),
    slow.includes(path) ? 'TOO SLOW' : '',
  ]),
);
if (slow.length > 0) {
  console.log(
    `More than ${(100 * (ALLOWED - 1)).toFixed(0)} % slower than recorded in ${attempts.length} attempts. If that is meant: npm run bench:guard -- --record`,
  );
}
await pool.close();
process.exitCode = slow.length > 0 ? 1 : 0;
