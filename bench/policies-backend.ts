import {
  SeriesRecorder,
  simulate,
  type PolicyChoice,
  type Scenario,
  type SimulateOptions,
} from 'adaptive-pool/sim';

import { policyOf } from '../sim/policies.js';

/** A cap that holds longer than this is no test of the server any more, in milliseconds. */
const LASTING_CAP_MS = 1_000;
/** Length of the pieces in which late requests are counted, in milliseconds. */
const PIECE_MS = 500;
/** Part of the requests of a piece that may be late when all is well. */
const MOST_LATE = 0.01;

/** Constant numbers of connections to try on an overloaded server. */
export const CAPS: readonly number[] = [12, 16, 20, 24, 32, 40, 56, 80, 128];

type ObservedEngine = Parameters<SeriesRecorder['held']>[2];

/** Watches one run: when requests are late, and how long a cap holds. */
class RunWatch extends SeriesRecorder {
  readonly #waitObjectiveMs: number;
  readonly #arrived: number[] = [];
  readonly #late: number[] = [];
  #cappedSince: number | null = null;
  /** Caps that held for long. */
  lastingCaps = 0;

  constructor(plannedMs: number, waitObjectiveMs: number) {
    super(plannedMs);
    this.#waitObjectiveMs = waitObjectiveMs;
  }

  override held(fromMs: number, toMs: number, { permits }: ObservedEngine): void {
    if (permits === null) {
      this.#cappedSince = null;
      return;
    }
    const since = this.#cappedSince ?? fromMs;
    const isLasting = (atMs: number): boolean => atMs - since >= LASTING_CAP_MS;
    if (isLasting(toMs) && !isLasting(fromMs)) this.lastingCaps += 1;
    this.#cappedSince = since;
  }

  override decided(): void {
    // The series of decisions is not needed.
  }

  override waited(arrivedAt: number, waitMs: number | null): void {
    const piece = Math.floor(arrivedAt / PIECE_MS);
    this.#arrived[piece] = (this.#arrived[piece] ?? 0) + 1;
    if (waitMs === null || waitMs > this.#waitObjectiveMs + 1e-6) {
      this.#late[piece] = (this.#late[piece] ?? 0) + 1;
    }
  }

  /** Time from `atMs` until requests are served within the objective again; null if they never are. */
  recoveryMs(atMs: number): number | null {
    const pieces = this.#arrived.length;
    for (let piece = Math.ceil(atMs / PIECE_MS); piece < pieces; piece += 1) {
      const arrived = this.#arrived[piece] ?? 0;
      if (arrived > 0 && (this.#late[piece] ?? 0) <= MOST_LATE * arrived) {
        return piece * PIECE_MS - atMs;
      }
    }
    return null;
  }
}

/** What a policy did in each replication on a server that is or seems overloaded. */
export interface Watched {
  /** Time until requests are in time again, in milliseconds, or null for never; empty without an overload. */
  readonly recoveriesMs: readonly (number | null)[];
  /** How many caps lasted. */
  readonly lastingCaps: readonly number[];
}

/**
 * Runs a policy `replications` times and looks at each run.
 *
 * @param overloadEndMs When the overload ends, from the start of the workload; null without one.
 */
export function watch(
  scenario: Scenario,
  policy: PolicyChoice,
  { seed = 1, replications = 1 }: Pick<SimulateOptions, 'seed' | 'replications'>,
  overloadEndMs: number | null,
): Watched {
  const { warmUpMs, durationMs, waitObjectiveMs } = scenario;
  const watches = Array.from({ length: replications }, (_none, replication) => {
    const series = new RunWatch(warmUpMs + durationMs, waitObjectiveMs);
    simulate(scenario, policyOf(policy), { seed, replication, series });
    return series;
  });
  return {
    recoveriesMs:
      overloadEndMs === null ? [] : watches.map((one) => one.recoveryMs(warmUpMs + overloadEndMs)),
    lastingCaps: watches.map((one) => one.lastingCaps),
  };
}

/** When the load of a scenario last changes: the end of its overload, from the start of the workload. */
export function overloadEndMs({ name, workload }: Scenario): number {
  const end = workload.kind === 'step' ? workload.steps.at(-1)?.atMs : undefined;
  if (end === undefined) throw new Error(`bug: ${name} has no overload that ends`);
  return end;
}
