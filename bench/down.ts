import { writeFileSync } from 'node:fs';
import { EVERY_MS, runCaller } from './down-caller.js';
import { CONTENDERS } from './down-contenders.js';
import {
  ACQUIRE_TIMEOUT_MS,
  COMMAND_TIMEOUT_MS,
  CONNECT_TIMEOUT_MS,
  SCALE,
  scaled,
  SIZE,
} from './down-redis.js';
import { MODES, runOutage, type Result, type Times } from './down-run.js';
import { printTable } from './report.js';

const TIMES: Times = {
  beforeMs: scaled(10_000),
  downMs: scaled(40_000),
  afterMs: scaled(40_000),
};

/** One pool by name instead of all. */
const ONLY = process.env['POOL'];

const TITLES = {
  'black-hole': 'The network swallows everything; connections are accepted and never answered',
  refuse: 'Nothing listens; open connections ended',
  kill: 'The server is killed (SIGKILL) and started again',
} as const;

const [flag, name, port] = process.argv.slice(2);
if (flag === '--caller') await runCaller(name ?? '', Number(port));
else await main(flag === '--json' ? name : undefined);

/** HikariCP's experiment "database down": the same outage for every pool, one after the other. */
async function main(file: string | undefined): Promise<void> {
  const chosen = CONTENDERS.filter((one) => ONLY === undefined || one.name === ONLY);
  console.log(`Every time of the original divided by ${SCALE}: a call every ${EVERY_MS} ms, each with a connection of its own for one
INCR; ${TIMES.downMs / 1_000} s down, ${TIMES.afterMs / 1_000} s after. Every pool has ${SIZE} connections, an acquire timeout of ${ACQUIRE_TIMEOUT_MS} ms, a connect timeout
of ${CONNECT_TIMEOUT_MS} ms, a command timeout of the client of ${COMMAND_TIMEOUT_MS} ms, and its own means of staying healthy (times before division):`);
  for (const { name, health } of chosen) console.log(`  ${name}: ${health}`);
  const results: Result[] = [];
  for (const mode of MODES) {
    console.log(`\n${TITLES[mode]}`);
    const rows: Result[] = [];
    for (const contender of chosen) rows.push(await runOutage(contender.name, mode, TIMES));
    print(rows);
    results.push(...rows);
  }
  if (file !== undefined) {
    writeFileSync(file, `${JSON.stringify({ times: TIMES, results }, null, 2)}\n`);
  }
}

function print(results: readonly Result[]): void {
  printTable(
    [
      '',
      'calls',
      'ok',
      'stuck',
      'median ms',
      'worst ms',
      'connects/s',
      'first ok after ms',
      'failed after',
      'connections',
      'unhandled',
      'errors while down',
    ],
    results.map((result) => [
      result.pool,
      String(result.down.calls),
      String(result.down.succeeded),
      String(result.down.neverSettled),
      result.down.medianMs.toFixed(0),
      result.down.worstMs.toFixed(0),
      result.down.connectsPerSecond.toFixed(1),
      result.recoveredAfterMs?.toFixed(0) ?? 'never',
      String(result.failedAfterwards),
      String(result.connectionsLeft),
      String(result.unhandled),
      Object.entries(result.down.errors)
        .toSorted(([, a], [, b]) => b - a)
        .map(([kind, count]) => `${count} × ${kind}`)
        .join(', '),
    ]),
  );
}
