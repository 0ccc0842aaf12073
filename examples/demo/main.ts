/**
 * The story of a pool under a burst, measured on this machine: `npm run demo [-- --redis URL]`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Logger } from 'adaptive-pool';
import { adaptive, generic, sequential, shared, type Run } from './contenders.js';
import { fillServer, findServer } from './server.js';

const ROUNDS = 9;
const KEYS = 1_000;
/** Those that the simulator runs on the same burst. */
const POLICIES = 'fixed,step,littles-law,adaptive';

interface Round {
  readonly runs: Readonly<Record<string, Run>>;
  readonly useMs: number;
  readonly createMs: number;
}

const NAMES = {
  sequential: 'one connection, one GET after the other',
  genericCold: 'generic-pool, max 1,000, cold',
  genericWarm: 'generic-pool, max 1,000, warm',
  adaptiveCold: 'AdaptivePool, min 10, first use',
  adaptiveWarm: 'AdaptivePool, warm',
  shared: 'one shared connection, pipelined',
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { redis: { type: 'string' } } });
  await using server = await findServer(values.redis);
  console.log(`1,000 GETs at once, on ${server.description}`);
  console.log(`Medians of ${ROUNDS} interleaved rounds after one that does not count\n`);
  await using _keys = await fillServer(server.url, KEYS);

  const scaling: string[] = [];
  await playRound(server.url, silent);
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push(await playRound(server.url, round === 0 ? collector(scaling) : silent));
  }
  printRuns(rounds);
  console.log(
    '\nFor plain GETs one pipelined connection beats every exclusive pool. Pools are for what cannot',
  );
  console.log('share: blocking commands, MULTI and WATCH, SUBSCRIBE, large replies, isolation.');

  console.log('\nWhat AdaptivePool did in the first round that counts, in its own words:');
  for (const line of scaling) console.log(`  ${line}`);

  const useMs = medianOf(rounds, (round) => round.useMs);
  const createMs = medianOf(rounds, (round) => round.createMs);
  simulateBurst(useMs, createMs);
}

async function playRound(url: string, logger: Logger): Promise<Round> {
  const alone = await sequential(url);
  const usual = await generic(url);
  const own = await adaptive(url, logger);
  const one = await shared(url);
  const runs: Record<keyof typeof NAMES, Run> = {
    sequential: alone,
    genericCold: usual.cold,
    genericWarm: usual.warm,
    adaptiveCold: own.cold,
    adaptiveWarm: own.warm,
    shared: one,
  };
  return { runs, useMs: own.useMs, createMs: own.createMs };
}

function printRuns(rounds: readonly Round[]): void {
  const head = ['', 'mean per call', 'p99', 'all done', 'opened', 'open'];
  const rows = Object.entries(NAMES).map(([key, name]) => {
    const of = (value: (run: Run) => number): number =>
      medianOf(rounds, ({ runs }) => value(runs[key] as Run));
    return [
      name,
      ms(of(({ latencies }) => mean(latencies))),
      ms(of(({ latencies }) => percentile(latencies, 0.99))),
      ms(of(({ wallMs }) => wallMs)),
      String(of(({ opened }) => opened)),
      String(of(({ open }) => open)),
    ];
  });
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(`  ${cells.join('   ')}`);
  }
}

/** The same burst in the simulator, with the use and create times just measured. */
function simulateBurst(useMs: number, createMs: number): void {
  const directory = mkdtempSync(join(tmpdir(), 'adaptive-pool-demo-'));
  const file = join(directory, 'burst.json');
  const scenario = {
    version: 1,
    name: 'demo-burst',
    description:
      '1,000 requests at once at 10 warm connections, with the use and create times measured above',
    durationMs: 1_000,
    warmUpMs: 1_000,
    workload: { kind: 'batch', size: 1_000 },
    serviceMs: Number(useMs.toPrecision(3)),
    createMs: Number(createMs.toPrecision(3)),
    min: 10,
    max: 1_000,
    waitObjectiveMs: 10,
    acquireTimeoutMs: 'Infinity',
  };
  try {
    writeFileSync(file, JSON.stringify(scenario));
    const flags = ['--scenario', file, '--policy', POLICIES, '--seed', '1'];
    console.log('\nThe same burst in the simulator: adaptive-pool simulate --scenario burst.json');
    console.log(`--policy ${POLICIES} --seed 1\n`);
    const cli = fileURLToPath(import.meta.resolve('adaptive-pool/sim')).replace(
      'index.js',
      'cli.js',
    );
    const { stdout, stderr } = spawnSync(process.execPath, [cli, 'simulate', ...flags], {
      encoding: 'utf8',
    });
    console.log(stdout.trimEnd() || stderr);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function collector(lines: string[]): Logger {
  const add = (_fields: object, message: string): void => void lines.push(message);
  return { debug: () => {}, info: add, warn: add, error: add };
}

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function medianOf(rounds: readonly Round[], value: (round: Round) => number): number {
  return percentile(rounds.map(value), 0.5);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
