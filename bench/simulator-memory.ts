/**
 * How much memory runs of very different lengths take: `npm run bench:memory`, or with numbers of requests of one's own,
 * `npm run bench:memory -- 1e6 2e6`. Each is a process of the command itself.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printTable } from './report.js';

const CLI = fileURLToPath(new URL('../dist/sim/cli.js', import.meta.url));
const RATE_PER_MS = 8;
/** Makes any script say at its end how much memory it held at most and how long it kept a processor busy. */
const WATCH =
  'data:text/javascript,process.on("exit",()=>console.error(JSON.stringify(process.resourceUsage())))';
/** Just under what one run may have. */
const DEFAULT_REQUESTS = [1e6, 1e7, 0.9999e8];

interface Usage {
  /** In KiB. */
  readonly maxRSS: number;
  /** In microseconds. */
  readonly userCPUTime: number;
  readonly systemCPUTime: number;
}

interface Report {
  readonly policies: readonly [{ readonly requests: number }];
}

const asked = process.argv.slice(2).map(Number);
const sizes = asked.length > 0 ? asked : DEFAULT_REQUESTS;
const wrong = sizes.find((requests) => !(requests >= 1_000 && requests < 1e8));
if (wrong !== undefined) throw new Error(`requests must be 1000 to 99999999, got ${wrong}`);
const folder = mkdtempSync(join(tmpdir(), 'adaptive-pool-memory-'));
console.log(
  `Node ${process.version}; M/M/c: ${RATE_PER_MS} requests per millisecond that take 1 ms, 10 connections, a tick every 100 ms, littles-law`,
);
try {
  printTable(
    ['requests', 'peak memory, MiB', 'processor seconds', 'requests per second'],
    sizes.map((requests) => measure(requests)),
  );
} finally {
  rmSync(folder, { recursive: true });
}

function measure(requests: number): string[] {
  const file = join(folder, 'mmc.json');
  writeFileSync(
    file,
    JSON.stringify({
      version: 1,
      name: 'mmc',
      description: 'M/M/c, load 0.8.',
      durationMs: requests / RATE_PER_MS,
      workload: { kind: 'poisson', ratePerSecond: RATE_PER_MS * 1_000 },
      serviceMs: 'exp:1',
      createMs: 5,
      min: 10,
      max: 10,
      waitObjectiveMs: 10,
      acquireTimeoutMs: 1_000,
    }),
  );
  const command = ['simulate', '--scenario', file, '--policy', 'littles-law', '--json'];
  const child = spawnSync(process.execPath, ['--import', WATCH, CLI, ...command], {
    encoding: 'utf8',
  });
  if (child.status !== 0) throw new Error(child.stderr);
  const { policies } = JSON.parse(child.stdout) as Report;
  const [{ requests: done }] = policies;
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(child.stderr) as Usage;
  const seconds = (userCPUTime + systemCPUTime) / 1e6;
  return [
    done.toLocaleString('en'),
    (maxRSS / 1_024).toFixed(0),
    seconds.toFixed(1),
    Math.round(done / seconds).toLocaleString('en'),
  ];
}
