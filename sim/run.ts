import { Autoscaler } from '../src/autoscaler/autoscaler.js';
import { closeAllowanceFor, DEFAULTS } from '../src/autoscaler/defaults.js';
import type { AutoscalerSettings } from '../src/autoscaler/ports.js';
import type { ScaleDecision } from '../src/control/decision.js';
import type { PolicyOption } from '../src/control/policies/index.js';
import { PLAIN } from '../src/engine/config.js';
import type { EngineProbe } from '../src/engine/ports.js';
import type { Slot } from '../src/engine/slot.js';
import type { RunObserver } from './analysis/time-series.js';
import type { WaitTimes } from './analysis/wait-times.js';
import { audit } from './audit.js';
import { INDEPENDENT } from './backend/backend.js';
import { FaultTimeline } from './backend/faults.js';
import { ConcurrentUses } from './backend/concurrent-uses.js';
import { SimulatedHost } from './host.js';
import type { Connection, SimulatedRequest, Subject, World } from './host.js';
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
import { Callers } from './workload/callers.js';
import type { Caller } from './workload/callers.js';

type Simulated = Autoscaler<Connection, number | Caller>;

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
  /** Take the place of the scenario's use and create times: what somebody measured. Consumed by one replication. */
  readonly recorded?: RecordedDurations | undefined;
  /** Hears of every arrival, grant, release and create. */
  readonly probe?: EngineProbe | undefined;
  /** Hears of every change of the target. Its `at` is simulated milliseconds. */
  readonly onDecision?: ((decision: ScaleDecision) => void) | undefined;
  /** Hears now and then how much is done, 0..1. */
  readonly onProgress?: ((part: number) => void) | undefined;
  /** Sees how the run goes over time. */
  readonly observer?: RunObserver | undefined;
  /** Options that change on the way, in the order of time. */
  readonly changes?: readonly SettingsChange[] | undefined;
}

/** Options that take the place of the scenario's from some moment on; what waits are judged by stays the scenario's. */
export interface SettingsChange extends Pick<
  Scenario,
  'min' | 'max' | 'waitObjectiveMs' | 'acquireTimeoutMs' | 'maxPending' | 'createConcurrency'
> {
  /** When, in milliseconds of the workload. A first one at -Infinity holds from the beginning, warm-up included. */
  readonly atMs: number;
  /** The very same value as before keeps the policy's memory. */
  readonly policy: PolicyOption;
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
  const changes = [...(options.changes ?? [])];
  const begin = changes[0]?.atMs === Number.NEGATIVE_INFINITY ? changes.shift() : undefined;
  let { acquireTimeoutMs } = begin ?? scenario;
  const { patienceMs } = scenario;
  const drawPatienceMs =
    patienceMs === undefined ? null : sampler(patienceMs, streamOf('patience'));
  const deadlineAt = (now: number): number =>
    now +
    (drawPatienceMs === null ? acquireTimeoutMs : Math.min(acquireTimeoutMs, drawPatienceMs()));
  const drawWorkMs =
    recorded === undefined
      ? workOf(scenario, streamOf('service'))
      : (): number => recorded.nextWorkMs();
  const countFromMs = startMs + options.discardMs;
  const tally =
    observer?.tally(waits, scenario.waitObjectiveMs, countFromMs) ??
    new Tally(waits, scenario.waitObjectiveMs, countFromMs);
  const events = new EventHeap<Subject>();
  const world = worldOf(scenario, events, tally, streamOf, options);
  const { uses, callers } = world;
  const host = new SimulatedHost(world);
  const settings = settingsOf({ ...scenario, ...begin }, policy, streamOf('controller'));
  const autoscaler = new Autoscaler<Connection, number | Caller>(settings, host, 0);
  const { engine } = autoscaler;

  if (options.probe !== undefined) autoscaler.telemetry.observe(options.probe);
  for (const { atMs, forMs, concurrency = null, ratePerSecond = null } of scenario.hints ?? []) {
    const from = startMs + atMs;
    autoscaler.expect({ from, until: from + forMs, concurrency, ratePerSecond }, 0);
  }
  autoscaler.start(0);
  if (scenario.workload.kind === 'closed') {
    host.now = startMs;
    for (let user = 0; user < scenario.workload.users; user += 1) {
      host.introduce({ workMs: 0, returns: 0, isUser: true });
    }
    host.now = 0;
  }
  let arrivalAt = startMs + arrivals.next();
  const changeTime = (): number => startMs + (changes[0]?.atMs ?? Number.POSITIVE_INFINITY);
  let changeAt = changeTime();
  let steps = 0;
  let wakes = 0;
  let endMs = horizonMs;
  for (;;) {
    if (host.policyError !== null) throw policyError(policy, host);
    const eventAt = events.nextTime;
    const wakeAt = autoscaler.wakeAt;
    const usedAt = uses === null ? Number.POSITIVE_INFINITY : uses.nextTime;
    const at = Math.max(host.now, Math.min(eventAt, usedAt, wakeAt, changeAt, arrivalAt));
    if (at > host.now) {
      if (host.isUnderPressure) {
        host.isUnderPressure = false;
        autoscaler.pressure(host.now);
        continue;
      }
      const isOver =
        arrivalAt === Number.POSITIVE_INFINITY && host.unfinished === 0 && host.expected === 0;
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
    // Ends of uses come first, then the events of the heap, wake-ups, and arrivals: see RANK. Callers who come back are
    // in the heap but arrivals all the same.
    if (uses !== null && usedAt <= at) complete(autoscaler, host, uses.finish(at), at);
    else if (eventAt === at && (wakeAt > at || events.nextRank < RANK.wake)) {
      if (events.nextRank === RANK.arrival) {
        const caller = events.pop() as Caller;
        host.expected -= 1;
        if (caller.returns > 0) tally.retries += 1;
        else caller.workMs = drawWorkMs();
        arrive(autoscaler, host, caller, deadlineAt(at));
      } else happen(autoscaler, host, world, at);
    } else if (wakeAt <= at) {
      autoscaler.advance(at);
      wakes += 1;
      if (wakes > MOST_WAKES_AT_ONCE) throw new Error(`bug: time stands still at ${at} ms`);
    } else if (changeAt <= at) {
      const change = changes.shift();
      changeAt = changeTime();
      if (change === undefined) continue;
      ({ acquireTimeoutMs } = change);
      autoscaler.reconfigure(changed(settings, change), at);
    } else {
      const workMs = drawWorkMs();
      const demand = callers === null ? workMs : { workMs, returns: 0, isUser: false };
      arrive(autoscaler, host, demand, deadlineAt(at));
      arrivalAt = startMs + arrivals.next();
    }
    if (steps % STEPS_PER_REPORT === 0) options.onProgress?.(Math.min(1, at / horizonMs));
  }

  observer?.held(host.now, endMs, autoscaler.engine);
  host.now = endMs;
  host.finish(engine.oldestWaiter);
  engine.sync(endMs);
  const { pending, slots } = engine;
  const rest = { pending, inUse: slots.inUse, slots: slots.size + slots.closing };
  audit(engine.totals, rest, host, tally, waits.count);
  const { sizeMs, opened, gone, peakSize } = engine.totals;
  return { tally, lengthMs: endMs, sizeMs, creates: opened, destroys: gone, peakSize };
}

function arrive(
  autoscaler: Simulated,
  host: SimulatedHost,
  demand: number | Caller,
  deadline: number,
): void {
  host.unfinished += 1;
  host.requested(autoscaler.request(demand, deadline, host.now));
}

function complete(
  autoscaler: Simulated,
  host: SimulatedHost,
  request: SimulatedRequest,
  now: number,
): void {
  host.ended(request, false);
  autoscaler.engine.release(request, 'clean', now);
}

/** Tells the autoscaler what has happened at the first event's instant. */
function happen(autoscaler: Simulated, host: SimulatedHost, world: World, now: number): void {
  const rank = world.events.nextRank;
  const subject = world.events.pop();
  if (rank === RANK.completion) {
    complete(autoscaler, host, subject as SimulatedRequest, now);
    return;
  }
  if (rank === RANK.fault) {
    strike(autoscaler, host, world, now);
    return;
  }
  const slot = subject as Slot<Connection>;
  if (rank === RANK.created) connect(autoscaler, host, world.faults, slot, now);
  else if (rank === RANK.checked) autoscaler.engine.checked(slot, true, now);
  else autoscaler.engine.destroyed(slot, now);
}

/** A create has ended, one way or the other. */
function connect(
  autoscaler: Simulated,
  host: SimulatedHost,
  faults: FaultTimeline | null,
  slot: Slot<Connection>,
  now: number,
): void {
  const isTimedOut = host.timedOut.delete(slot);
  // A create that was given up meanwhile ends unheard.
  if (slot.state !== 'creating') return;
  const { size, creating, closing } = autoscaler.engine.slots;
  if (isTimedOut) autoscaler.createFailed(slot, 'timeout', now);
  else if (faults === null) autoscaler.created(slot, slot.id, now);
  else if (faults.isDown(now)) autoscaler.createFailed(slot, 'transient', now);
  else if (size - creating + closing >= faults.connectionLimit(now)) {
    autoscaler.createFailed(slot, 'server-limit', now);
  } else autoscaler.created(slot, slot.id, now);
}

/** A fault begins or ends. */
function strike(autoscaler: Simulated, host: SimulatedHost, world: World, now: number): void {
  const { faults, uses } = world;
  if (faults === null) return;
  uses?.slowDown(faults.useFactor(now), now);
  const share = faults.brokenShare(now);
  if (share === 0) return;
  const open = [...autoscaler.engine.slots.all()].filter(
    ({ state }) => state === 'idle' || state === 'in-use',
  );
  const broken = new Set<Slot<Connection>>();
  for (let left = Math.ceil(share * open.length); left > 0; left -= 1) {
    const [victim] = open.splice(Math.floor(world.drawVictim() * open.length), 1);
    if (victim !== undefined) broken.add(victim);
  }
  const holders = [...host.holders].filter(({ slot }) => slot !== null && broken.has(slot));
  // All of them are known to be dead before anyone is served again.
  for (const slot of broken) autoscaler.died(slot, now);
  for (const request of holders) {
    host.ended(request, true);
    autoscaler.engine.release(request, 'broken', now);
    uses?.breakOff(now);
  }
}

/** What the n-th arrival holds its connection for. */
function workOf(scenario: Scenario, stream: RandomStream): () => number {
  const { workload, serviceMs } = scenario;
  const recorded = workload.kind === 'timestamps' ? workload.workMs : undefined;
  // Whoever replaces the use times of a scenario replaces those of its trace too.
  if (recorded === undefined || serviceMs.kind !== 'recorded') return sampler(serviceMs, stream);
  let index = 0;
  return () => recorded[index++] ?? 0;
}

function worldOf(
  scenario: Scenario,
  events: EventHeap<Subject>,
  tally: Tally,
  streamOf: (name: string) => RandomStream,
  { onDecision, recorded }: RunOptions,
): World {
  const { backend = INDEPENDENT, retries = null, workload } = scenario;
  const { createTimeoutMs = DEFAULTS.createTimeoutMs } = scenario;
  const closed = workload.kind === 'closed' ? workload : null;
  const startMs = scenario.warmUpMs;
  const isFaulty = scenario.faults !== undefined && scenario.faults.length > 0;
  const faults = isFaulty ? new FaultTimeline(scenario.faults, startMs) : null;
  for (const at of faults?.changes() ?? []) events.push(at, RANK.fault, null);
  const victims = streamOf('faults');
  const needsShared = backend.kind !== 'independent' || faults?.touchesUses === true;
  return {
    events,
    tally,
    drawCreateMs:
      recorded === undefined
        ? sampler(scenario.createMs, streamOf('create'))
        : () => recorded.nextCreateMs(),
    createTimeoutMs,
    faults,
    drawVictim: () => victims.uniform(),
    uses: needsShared ? new ConcurrentUses(backend, ({ state }) => state === 'granted') : null,
    callers:
      retries === null && closed === null
        ? null
        : new Callers(retries, closed, streamOf, startMs + scenario.durationMs),
    onDecision,
  };
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
    mode: 'act',
    shadow: [],
    engine: {
      ...PLAIN,
      maxPending,
      createConcurrency,
      closeAllowance: closeAllowanceFor(max),
    },
    random: () => controllerStream.uniform(),
    epochAtZero: 0,
  };
}

function changed(settings: AutoscalerSettings, change: SettingsChange): AutoscalerSettings {
  const { min, max, waitObjectiveMs, policy, maxPending, createConcurrency } = change;
  const closeAllowance = closeAllowanceFor(max);
  const engine = { ...settings.engine, maxPending, createConcurrency, closeAllowance };
  return { ...settings, min, max, waitObjectiveMs, policy, engine };
}

function policyError(policy: PolicyOption, host: SimulatedHost): Error {
  const cause = host.policyError?.error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Error(`policy ${policyName(policy)} failed at ${host.now} ms: ${message}`, { cause });
}
