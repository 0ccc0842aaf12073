/**
 * What this pool costs beside other pools of Node: `npm run bench -- [--only a,b] [--peers a,b] [--rounds n] [--json file]
 * [--svg file]`.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { speedChart } from './chart.js';
import { chosen } from './chosen.js';
import { machine, measure, type Result, type Spread } from './measure.js';
import { PEERS, type PeerId } from './peers/index.js';
import { printTable } from './report.js';
import { SCENARIOS } from './scenarios/index.js';
import type { Metric, Scenario } from './scenarios/scenario.js';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    peers: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    svg: { type: 'string' },
  },
});
const peers = chosen('peers', flags.peers, Object.keys(PEERS) as PeerId[]);
const ids = chosen(
  'only',
  flags.only,
  SCENARIOS.map(({ id }) => id),
);
const rounds = Number(flags.rounds);

const names = new Map<PeerId, string>();
const begin = performance.now();
const where = machine();
console.log(`Node ${where.node}, ${where.cores} × ${where.processor}, load before ${where.load}`);
console.log(
  `Medians of ${rounds} rounds (lowest … highest), every pool in a process of its own each round; nanoseconds are processor time.`,
);
console.log(
  'For plain GETs one pipelined ioredis connection beats any exclusive pool; this is the cost of the pool itself.',
);
const report: { scenario: Scenario; results: readonly Result[] }[] = [];
for (const scenario of SCENARIOS.filter(({ id }) => ids.includes(id))) {
  const results = await measure(scenario, peers, rounds, timeoutsOf);
  report.push({ scenario, results });
  print(scenario, results);
}
console.log(
  `\n${((performance.now() - begin) / 1_000).toFixed(0)} s, load after ${machine().load}`,
);
if (flags.json !== undefined) {
  const scenarios = report.map(({ scenario: { id, title, metrics }, results }) => ({
    id,
    title,
    metrics,
    results: results.map((result) => ({ name: nameOf(result, false), ...result })),
  }));
  writeFileSync(flags.json, `${JSON.stringify({ machine: where, rounds, scenarios }, null, 2)}\n`);
}
if (flags.svg !== undefined)
  writeFileSync(
    flags.svg,
    speedChart(report, (one) => nameOf(one, false)),
  );
const hasFailed = report.some(({ results }) =>
  results.some(({ failure }) => failure !== undefined),
);
// The loaded pools may keep timers.
process.exit(hasFailed ? 1 : 0);

function print(
  { id, title, metrics, acquireTimeoutsMs }: Scenario,
  results: readonly Result[],
): void {
  const ours = results.find(({ peer }) => peer === 'adaptive');
  console.log(`\n${title} (--only ${id})`);
  printTable(
    ['', ...metrics.map(({ name, unit }) => (unit === '' ? name : `${name}, ${unit}`)), 'to ours'],
    results.map((result) => [
      nameOf(result, acquireTimeoutsMs.length > 1),
      ...metrics.map((metric, index) => textOf(metric, result.spreads?.[index])),
      ratioTo(ours, result),
    ]),
  );
  for (const result of results) {
    if (result.failure !== undefined)
      console.log(`  ${nameOf(result, true)} failed: ${result.failure}`);
  }
}

function nameOf({ peer, acquireTimeoutMs }: Result, withTimeout: boolean): string {
  const name = names.get(peer) ?? peer;
  if (!withTimeout || peer === 'bare') return name;
  return `${name}, ${acquireTimeoutMs === null ? 'no timeout' : 'timeout'}`;
}

function textOf({ digits }: Metric, spread: Spread | undefined): string {
  if (spread === undefined) return 'failed';
  const { median, lowest, highest } = spread;
  const text = (value: number): string => value.toFixed(digits);
  return `${text(median)} (${text(lowest)} … ${text(highest)})`;
}

function ratioTo(ours: Result | undefined, { spreads }: Result): string {
  const base = ours?.spreads?.[0]?.median;
  const own = spreads?.[0]?.median;
  return base === undefined || own === undefined || base === 0
    ? ''
    : `${(own / base).toFixed(2)} ×`;
}

async function timeoutsOf(id: PeerId): Promise<'both' | 'always' | 'never'> {
  const { name, timeouts } = await PEERS[id]();
  names.set(id, name);
  return timeouts;
}
