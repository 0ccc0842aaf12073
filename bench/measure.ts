import { execFile } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PeerId } from './peers/index.js';
import { quantile } from './report.js';
import type { Scenario } from './scenarios/scenario.js';

const CELL = fileURLToPath(new URL('cell.js', import.meta.url));
const run = promisify(execFile);

/** The values of one metric over all rounds. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** One pool in one scenario. */
export interface Result {
  readonly peer: PeerId;
  readonly acquireTimeoutMs: number | null;
  /** In the order of the scenario's metrics; null when the pool failed. */
  readonly spreads: readonly Spread[] | null;
  readonly failure?: string;
}

/** Where and under which load it was measured. */
export interface Machine {
  readonly node: string;
  readonly processor: string;
  readonly cores: number;
  /** Programs that wanted to run in the minute before, this one included. */
  readonly load: number;
}

export function machine(): Machine {
  const [{ model } = { model: 'unknown' }] = cpus();
  return {
    node: process.version,
    processor: model,
    cores: cpus().length,
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
  };
}

interface Cell {
  readonly peer: PeerId;
  readonly acquireTimeoutMs: number | null;
  readonly samples: (readonly number[])[];
  failure?: string;
}

/** Runs a scenario: every round measures each pool once, in a process of its own. */
export async function measure(
  scenario: Scenario,
  chosen: readonly PeerId[],
  rounds: number,
  timeoutsOf: (peer: PeerId) => Promise<'both' | 'always' | 'never'>,
): Promise<readonly Result[]> {
  const cells: Cell[] = [];
  for (const peer of scenario.peers.filter((id) => chosen.includes(id))) {
    const able = await timeoutsOf(peer);
    for (const acquireTimeoutMs of scenario.acquireTimeoutsMs) {
      const isOther = acquireTimeoutMs === null ? able === 'always' : able === 'never';
      if (isOther && scenario.acquireTimeoutsMs.length > 1) continue;
      cells.push({ peer, acquireTimeoutMs, samples: [] });
    }
  }
  for (let round = 0; round < rounds; round += 1) {
    if (scenario.isQuiet) await Promise.all(cells.map((cell) => sample(scenario, cell)));
    else for (const cell of cells) await sample(scenario, cell);
  }
  return cells.map(({ peer, acquireTimeoutMs, samples, failure }) => ({
    peer,
    acquireTimeoutMs,
    spreads:
      samples.length === 0
        ? null
        : scenario.metrics.map((_, index) => spreadOf(samples.map((values) => values[index] ?? 0))),
    ...(failure === undefined ? {} : { failure }),
  }));
}

async function sample(scenario: Scenario, cell: Cell): Promise<void> {
  const timeout = cell.acquireTimeoutMs === null ? 'none' : String(cell.acquireTimeoutMs);
  const flags = ['--expose-gc', '--no-warnings'];
  try {
    const { stdout } = await run(
      process.execPath,
      [...flags, CELL, scenario.id, cell.peer, timeout],
      { timeout: 60_000 },
    );
    cell.samples.push(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as number[]);
  } catch (error) {
    cell.failure = String(error).split('\n').slice(0, 3).join(' ');
  }
}

function spreadOf(values: readonly number[]): Spread {
  return {
    median: quantile(values, 0.5),
    lowest: Math.min(...values),
    highest: Math.max(...values),
  };
}
