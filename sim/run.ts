import { Autoscaler } from '../src/autoscaler/autoscaler.js';
import { closeAllowanceFor } from '../src/autoscaler/defaults.js';
import type { AutoscalerSettings } from '../src/autoscaler/ports.js';
import type { ScaleDecision } from '../src/control/decision.js';
import type { PolicyOption } from '../src/control/policies/index.js';
import type { EngineProbe } from '../src/engine/ports.js';
import type { Slot } from '../src/engine/slot.js';
import type { RunObserver } from './analysis/time-series.js';
import type { WaitTimes } from './analysis/wait-times.js';
import { IndependentBackend, type Backend } from './backend/backend.js';
import { SimulatedHost } from './host.js';
import type { Connection, SimulatedRequest, Subject } from './host.js';
import { sampler } from './kernel/distributions.js';
import { EventHeap } from './kernel/event-heap.js';
import { randomStream } from './kernel/random.js';
import type { RandomStream } from './kernel/random.js';
import { RANK } from './kernel/ranks.js';
import { policyName } from './policies.js';
import type { Scenario } from './scenario.js';
import { Tally } from './tally.js';
import type { Counts } from './tally.js';
import { arrivalsOf } from './workload/arrivals.js';

/** How long a run goes on after the last arrival at most, in milliseconds of simulated time. Who waits then, waits. */
const LONGEST_DRAIN_MS = 3_600_000;
/** Wake-ups at one instant after which the autoscaler must be asking for itself again and again. */
const MOST_WAKES_AT_ONCE = 10_000;
/** Steps between two reports of progress. */
const STEPS_PER_REPORT = 1 << 16;

/** Which random numbers a replication uses, and who wants to hear about it. */
export interface RunOptions {
  /** An integer from 0 to 2^53 − 1. */
  readonly seed: number;
  /** Number of the replication, counted from 0. */
  readonly replication: number;
  /** Requests that arrive in the first milliseconds of the workload run but do not count. */
  readonly discardMs: number;
  /** Take the place of the scenario's use and create times: what somebody measured. */
  readonly recorded?: RecordedDurations | undefined;
  /** Hears of every arrival, grant, release and create. */
  readonly probe?: EngineProbe | undefined;
  /** Hears of every change of the target; `at` is simulated milliseconds. */
  readonly onDecision?: ((decision: ScaleDecision) => void) | undefined;
  /** Hears now and then how much of the run is done, 0..1. */
  readonly onProgress?: ((part: number) => void) | undefined;
  /** Sees how the run goes over time. */
  readonly observer?: RunObserver | undefined;
}

/** Durations that are not drawn from a distribution, in milliseconds. */
export interface RecordedDurations {
  /** How long the next arrival will hold its connection; called once per arrival, in order. */
  nextWorkMs(): number;
  /** How long the next create takes. */
  nextCreateMs(): number;
}

/** What one replication came to. */
export interface Replication {
  readonly tally: Counts;
  /** Length in milliseconds of simulated time. */
  readonly lengthMs: number;
  /** Integral of the size, in connection-milliseconds. */
  readonly sizeMs: number;
  readonly creates: number;
  readonly destroys: number;
  readonly peakSize: number;
}

/**
 * Runs one replication of a scenario: the pool's own engine and controller under a virtual clock. It ends when the
 * scenario's duration is over and every request has ended, at the latest an hour of simulated time after the duration.
 *
 * Two policies under the same seed and replication face the same arrivals and the same work per arrival.
 *
 * @param waits Where the wait of every request goes.
 * @throws Error when the policy throws or returns nonsense.
 */
export function runReplication(
  scenario: Scenario,
  policy: PolicyOption,
  options: RunOptions,
  waits: WaitTimes,
): Replication {
  const { seed, replication } = options;
  const startMs = scenario.warmUpMs;
  const horizonMs = startMs + scenario.durationMs;
  const streamOf = (name: string): RandomStream => randomStream(seed, replication, name);
  const arrivals = arrivalsOf(scenario.workload, scenario.durationMs, streamOf('arrivals'));
  const { observer, recorded } = options;
  const drawn = sampler(scenario.serviceMs, streamOf('service'));
  const drawWorkMs = recorded === undefined ? drawn : () => recorded.nextWorkMs();
  const independent = new IndependentBackend(scenario.createMs, streamOf('create'));
  const backend: Backend =
    recorded === undefined
      ? independent
      : { createMs: () => recorded.nextCreateMs(), useMs: (workMs) => workMs };
  const countFromMs = startMs + options.discardMs;
  const tally =
    observer?.tally(waits, scenario.waitObjectiveMs, countFromMs) ??
    new Tally(waits, scenario.waitObjectiveMs, countFromMs);
  const events = new EventHeap<Subject>();
  const host = new SimulatedHost(events, backend, tally, options.onDecision);
  const settings = settingsOf(scenario, policy, streamOf('controller'));
  const autoscaler = new Autoscaler<Connection, number>(settings, host, 0);

  if (options.probe !== undefined) autoscaler.telemetry.observe(options.probe);
  autoscaler.start(0);
  let arrivalAt = startMs + arrivals.next();
  let steps = 0;
  let wakes = 0;
  let endMs = horizonMs;
  for (;;) {
    if (host.policyError !== null) throw policyError(policy, host);
    const eventAt = events.nextTime;
    const wakeAt = autoscaler.wakeAt;
    const at = Math.max(host.now, Math.min(eventAt, wakeAt, arrivalAt));
    if (at > host.now) {
      if (host.isUnderPressure) {
        host.isUnderPressure = false;
        autoscaler.pressure(host.now);
        continue;
      }
      const isOver = arrivalAt === Number.POSITIVE_INFINITY && host.unfinished === 0;
      if (at > (isOver ? horizonMs : horizonMs + LONGEST_DRAIN_MS)) {
        const isCutShort = !isOver && at < Number.POSITIVE_INFINITY;
        endMs = isCutShort ? horizonMs + LONGEST_DRAIN_MS : Math.max(horizonMs, host.now);
        break;
      }
      observer?.held(host.now, at, autoscaler.engine);
      host.now = at;
      wakes = 0;
    }
    steps += 1;
    // Events in the heap rank before wake-ups, and wake-ups before arrivals: see RANK.
    if (eventAt === at) happen(autoscaler, host, events, at);
    else if (wakeAt <= at) {
      autoscaler.advance(at);
      wakes += 1;
      if (wakes > MOST_WAKES_AT_ONCE) throw new Error(`bug: time stands still at ${at} ms`);
    } else {
      host.unfinished += 1;
      host.requested(autoscaler.request(drawWorkMs(), at + scenario.acquireTimeoutMs, at));
      arrivalAt = startMs + arrivals.next();
    }
    if (steps % STEPS_PER_REPORT === 0) options.onProgress?.(Math.min(1, at / horizonMs));
  }

  observer?.held(host.now, endMs, autoscaler.engine);
  host.now = endMs;
  host.finish();
  const { engine } = autoscaler;
  engine.sync(endMs);
  const { sizeMs, opened, gone, peakSize } = engine.totals;
  return { tally, lengthMs: endMs, sizeMs, creates: opened, destroys: gone, peakSize };
}

/** Tells the autoscaler what has happened at the first event's instant. */
function happen(
  autoscaler: Autoscaler<Connection, number>,
  host: SimulatedHost,
  events: EventHeap<Subject>,
  now: number,
): void {
  const rank = events.nextRank;
  const subject = events.pop();
  if (rank === RANK.completion) {
    host.unfinished -= 1;
    autoscaler.engine.release(subject as SimulatedRequest, 'clean', now);
    return;
  }
  const slot = subject as Slot<Connection>;
  if (rank === RANK.created) {
    // A create that was given up meanwhile ends unheard.
    if (slot.state === 'creating') autoscaler.created(slot, slot.id, now);
  } else if (rank === RANK.checked) autoscaler.engine.checked(slot, true, now);
  else autoscaler.engine.destroyed(slot, now);
}

function settingsOf(
  scenario: Scenario,
  policy: PolicyOption,
  controllerStream: RandomStream,
): AutoscalerSettings {
  const { name, min, max, tickMs, waitObjectiveMs, maxPending, createConcurrency } = scenario;
  return {
    name,
    min,
    max,
    tickMs,
    waitObjectiveMs,
    policy,
    engine: {
      maxPending,
      createConcurrency,
      closeAllowance: closeAllowanceFor(max),
      validateAfterIdleMs: Number.POSITIVE_INFINITY,
      maxLifetimeMs: Number.POSITIVE_INFINITY,
    },
    random: () => controllerStream.uniform(),
    epochAtZero: 0,
  };
}

function policyError(policy: PolicyOption, host: SimulatedHost): Error {
  const cause = host.policyError?.error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Error(`policy ${policyName(policy)} failed at ${host.now} ms: ${message}`, { cause });
}
