/** One connection, or a pool, or which? `npm run bench:redis -- [--peers a,b] [--rounds n] [--first-calls] [--json file]` */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { balanced } from './balanced.js';
import { chosen } from './chosen.js';
import { CONTENDERS, MAX, type Contender } from './redis-contenders.js';
import { becomeProxy, startServers, type Network } from './redis-servers.js';
import { stampede, type Stampede } from './redis-stampede.js';
import { WORKS, type Measured, type Work } from './redis-work.js';
import { median, printTable } from './report.js';

/** Until the compiler is done, also with those that have most to compile. */
const WARM_UPS = 6;
/** The same for what only an opening needs, which is done once in a round. */
const OPENING_WARM_UPS = 80;
/** As in the other tables, and enough for a pool to open too many. */
const STAMPEDE_MAX = [MAX, 64];

/** One contender with one work: medians, and medians of the rounds' own ratios to one connection. */
interface Cell {
  readonly network: string;
  readonly work: string;
  readonly contender: string;
  /** Null where it cannot be done. */
  readonly measured: Measured | null;
  /** To {@link Cell.base}. */
  readonly ratios: {
    readonly throughput: number;
    readonly p50: number;
    readonly p99: number;
  } | null;
  readonly base: string;
}

await becomeProxy();
const { values: flags } = parseArgs({
  options: {
    peers: { type: 'string' },
    rounds: { type: 'string', default: '9' },
    'first-calls': { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const ids = chosen(
  'peers',
  flags.peers,
  CONTENDERS.map(({ id }) => id),
);
const contenders = CONTENDERS.filter(({ id }) => ids.includes(id));
const ROUNDS = Number(flags.rounds);
const works = flags['first-calls'] ? [] : WORKS;
await main(flags.json);

async function main(file: string | undefined): Promise<void> {
  await using servers = await startServers();
  console.log(
    `Node ${process.version}, ${availableParallelism()} processors for client and server, ${ROUNDS} interleaved rounds, medians. Pools have ${MAX}
connections, this pool shared between 1 and ${MAX}. Ratios to the first line of a table: throughput higher, times lower is better.`,
  );
  const cells: Cell[] = [];
  const stampedes: Stampede[] = [];
  for (const network of servers.networks) {
    console.log(
      `\n${network.name}: a single round trip takes ${network.roundTripMs.toFixed(2)} ms`,
    );
    const opened = await Promise.all(
      contenders.map(async (contender) => ({
        contender,
        access: await contender.open(
          network.port,
          contender.name.includes('shared') ? 1 : MAX,
          MAX,
        ),
      })),
    );
    for (const work of works) {
      const rounds: Round[] = [];
      for (let round = 0; round < WARM_UPS + ROUNDS; round += 1) {
        const results: Round = new Map();
        for (const { contender, access } of balanced(opened, round)) {
          results.set(contender, await work.run(access));
        }
        if (round >= WARM_UPS) rounds.push(results);
      }
      const row = cellsOf(network, work, rounds);
      print(work.name, row);
      cells.push(...row);
    }
    for (const { access } of opened) await access.close();
    for (const max of STAMPEDE_MAX) {
      const warmUps = stampedes.length === 0 ? OPENING_WARM_UPS : 1;
      const rows = await stampede(contenders, servers, network, max, warmUps, ROUNDS);
      printStampede(max, rows);
      stampedes.push(...rows);
    }
  }
  if (file !== undefined) {
    writeFileSync(file, `${JSON.stringify({ rounds: ROUNDS, cells, stampedes }, null, 2)}\n`);
  }
}

type Round = Map<Contender, Measured | null>;

function cellsOf(network: Network, work: Work, rounds: readonly Round[]): readonly Cell[] {
  // Where one connection cannot, the first that can is the measure.
  const base = contenders.find((one) => rounds[0]?.get(one) !== null);
  return contenders.map((contender) => {
    const of = (field: keyof Measured): number =>
      median(rounds.map((round) => round.get(contender)?.[field] ?? Number.NaN));
    const ratio = (field: keyof Measured): number =>
      median(
        rounds.map((round) => {
          const one = base === undefined ? null : round.get(base);
          return (round.get(contender)?.[field] ?? Number.NaN) / (one?.[field] ?? Number.NaN);
        }),
      );
    const isPossible = rounds[0]?.get(contender) !== null;
    return {
      network: network.name,
      work: work.name,
      contender: contender.name,
      measured: isPossible
        ? {
            throughput: of('throughput'),
            meanMs: of('meanMs'),
            p50Ms: of('p50Ms'),
            p99Ms: of('p99Ms'),
          }
        : null,
      ratios: isPossible
        ? { throughput: ratio('throughput'), p50: ratio('p50Ms'), p99: ratio('p99Ms') }
        : null,
      base: base?.name ?? '',
    };
  });
}

function print(title: string, cells: readonly Cell[]): void {
  console.log('');
  printTable(
    [title, 'calls/s', 'p50 ms', 'p99 ms', 'throughput', 'p50', 'p99'],
    cells.map(({ contender, measured, ratios }) =>
      measured === null || ratios === null
        ? [contender, 'not safely possible']
        : [
            contender,
            measured.throughput.toFixed(0),
            measured.p50Ms.toFixed(2),
            measured.p99Ms.toFixed(2),
            ratios.throughput.toFixed(2),
            ratios.p50.toFixed(2),
            ratios.p99.toFixed(2),
          ],
    ),
  );
}

function printStampede(max: number, rows: readonly Stampede[]): void {
  console.log('');
  printTable(
    [
      `1,000 first calls at once, max ${max}`,
      'mean ms',
      'p99 ms',
      'warm mean ms',
      'cold / warm',
      'opened',
      'most',
    ],
    rows.map((row) => [
      row.name,
      row.coldMeanMs.toFixed(2),
      row.coldP99Ms.toFixed(2),
      row.warmMeanMs.toFixed(2),
      row.coldToWarm.toFixed(2),
      String(row.opened),
      String(row.mostOpened),
    ]),
  );
}
