import { balanced } from './balanced.js';
import { median } from './report.js';
import type { Contender } from './redis-contenders.js';
import { burst } from './redis-work.js';
import type { Network, Servers } from './redis-servers.js';

/** The first 1,000 calls of one that has no connection yet, and the same calls once it has. */
export interface Stampede {
  readonly name: string;
  readonly network: string;
  /** Most connections allowed. */
  readonly max: number;
  readonly coldMeanMs: number;
  readonly warmMeanMs: number;
  /** Median of the rounds' own ratios. */
  readonly coldToWarm: number;
  readonly coldP99Ms: number;
  /** Connections that were opened, median and most. */
  readonly opened: number;
  readonly mostOpened: number;
}

/** Bursts that make a pool warm. */
const WARMING_BURSTS = 2;

/** Interleaved rounds over the contenders; before them `warmUps` that do not count. */
export async function stampede(
  contenders: readonly Contender[],
  servers: Servers,
  network: Network,
  max: number,
  warmUps: number,
  rounds: number,
): Promise<readonly Stampede[]> {
  const seen = new Map(contenders.map(({ name }) => [name, [] as Round[]]));
  for (let round = 0; round < warmUps + rounds; round += 1) {
    for (const contender of balanced(contenders, round)) {
      // To close many is work for both sides, and not that of who comes next.
      await servers.allClosed();
      const before = await servers.accepted();
      const access = await contender.open(network.port, 0, max);
      const cold = await burst(access);
      const opened = (await servers.accepted()) - before;
      for (let time = 0; time < WARMING_BURSTS; time += 1) await burst(access);
      const warm = await burst(access);
      await access.close();
      if (round >= warmUps) {
        const { meanMs: coldMs, p99Ms } = cold;
        seen.get(contender.name)?.push({ coldMs, p99Ms, warmMs: warm.meanMs, opened });
      }
    }
  }
  return contenders.map(({ name }) => {
    const results = seen.get(name) ?? [];
    const mid = (of: (round: Round) => number): number => median(results.map(of));
    return {
      name,
      network: network.name,
      max,
      coldMeanMs: mid(({ coldMs }) => coldMs),
      warmMeanMs: mid(({ warmMs }) => warmMs),
      coldToWarm: mid(({ coldMs, warmMs }) => coldMs / warmMs),
      coldP99Ms: mid(({ p99Ms }) => p99Ms),
      opened: mid(({ opened }) => opened),
      mostOpened: Math.max(...results.map(({ opened }) => opened)),
    };
  });
}

interface Round {
  readonly coldMs: number;
  readonly p99Ms: number;
  readonly warmMs: number;
  readonly opened: number;
}
