import type { EngineProbe } from '../../src/engine/ports.js';
import type { PolicyOption } from '../../src/control/policies/index.js';
import type { SeriesRecorder } from '../analysis/time-series.js';
import { InputError } from '../input-error.js';
import type { PolicyResult } from '../result.js';
import type { SettingsChange } from '../run.js';
import type { Scenario } from '../scenario.js';
import { checkSize } from '../scenario-file.js';
import { simulate } from '../simulate.js';
import { beyondArrivals } from './recorded-result.js';
import { reconstruct, UNKNOWN_CREATE_MS, type ReconstructedLoad } from './reconstruct.js';
import type { RecordedRun } from './recorded-run.js';

/** Longest time that the minimum gets to open before the load begins, in milliseconds. */
const LONGEST_WARM_UP_MS = 60_000;

/** What to change about a recorded run. */
export interface WhatIf {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly waitObjectiveMs?: number | undefined;
  /** @default the recorded one */
  readonly policy?: PolicyOption | undefined;
  /** @default 1 */
  readonly seed?: number | undefined;
  readonly probe?: EngineProbe | undefined;
  /** Sees how the simulation goes over time. */
  readonly series?: SeriesRecorder | undefined;
  readonly onProgress?: ((part: number) => void) | undefined;
}

/** What came of a recorded load under some options. */
export interface SimulatedRecording {
  /** With the options of the end; waits are judged by its objective. */
  readonly scenario: Scenario;
  /** The options over time; those of the beginning are the first. */
  readonly changes: readonly SettingsChange[];
  readonly load: ReconstructedLoad;
  readonly result: PolicyResult;
}

/**
 * Runs the recorded load again: the same arrivals and use times, whatever the waits become, on a pool with the recorded
 * options or others.
 *
 * @throws {@link InputError} when nothing was recorded, when the policy was somebody's own and no other is named, or when
 * the options contradict each other.
 */
export function simulateRecording(run: RecordedRun, whatIf: WhatIf = {}): SimulatedRecording {
  const { header } = run;
  if (header === null) throw noArrivals();
  const changes = changesOf(run, whatIf);
  const [first, last] = [changes[0], changes.at(-1)];
  if (first === undefined || last === undefined) throw new Error('bug: a run without options');
  const { seed = 1 } = whatIf;
  const load = reconstruct(run, seed);
  if (load.atMs.length === 0) throw noArrivals();
  const longestCreateMs = run.createTimes.quantile(1) || (run.knownCreateMs ?? 0);
  const scenario: Scenario = {
    name: header.pool,
    description: '',
    durationMs: Math.max(1, run.lengthMs + 1),
    workload: { kind: 'timestamps', atMs: load.atMs },
    serviceMs: { kind: 'constant', meanMs: run.useTimes.meanMs },
    createMs: { kind: 'constant', meanMs: run.createTimes.meanMs },
    min: last.min,
    max: last.max,
    waitObjectiveMs: last.waitObjectiveMs,
    acquireTimeoutMs: last.acquireTimeoutMs,
    // A pool that was open when the recording began is open when its load begins.
    warmUpMs: run.firstSize === 0 ? 0 : Math.min(2 * longestCreateMs + 1, LONGEST_WARM_UP_MS),
    tickMs: header.tickMs,
    maxPending: last.maxPending,
    createConcurrency: last.createConcurrency,
    policies: [],
  };
  checkSize(scenario);
  const { probe, onProgress, series } = whatIf;
  const recorded = load.durations();
  const options = { seed, recorded, probe, onProgress, series, changes };
  return { scenario, changes, load, result: simulate(scenario, first.policy, options) };
}

/** Nothing to run again. */
export function noArrivals(): InputError {
  return new InputError('there are no arrivals in the recording');
}

/** The recorded options over time, with what is to be changed about them throughout. */
function changesOf(run: RecordedRun, whatIf: WhatIf): SettingsChange[] {
  const changes: SettingsChange[] = [];
  for (const { at, settings } of run.phases) {
    const policy = whatIf.policy ?? settings.policy;
    if (policy === null) {
      throw new InputError(
        `the recorded policy ${JSON.stringify(settings.policyName)} is one of your own, which no recording can hold; name another`,
      );
    }
    const change = {
      atMs: at - run.firstAt,
      policy,
      min: whatIf.min ?? settings.min,
      max: whatIf.max ?? settings.max,
      waitObjectiveMs: whatIf.waitObjectiveMs ?? settings.waitObjectiveMs,
      acquireTimeoutMs: settings.acquireTimeoutMs,
      maxPending: settings.maxPending,
      createConcurrency: settings.createConcurrency,
    };
    const { min, max } = change;
    if (min > max) throw new InputError(`max must be at least min (${min}), got ${max}`);
    const before = changes.at(-1);
    // What was overruled by `whatIf` is no change any more.
    if (before === undefined || !isSame({ ...change, atMs: before.atMs }, before)) {
      changes.push(change);
    }
  }
  return changes;
}

function isSame(one: SettingsChange, other: SettingsChange): boolean {
  const names = Object.keys(one) as (keyof SettingsChange)[];
  return names.every((name) => one[name] === other[name]);
}

/** What of a simulated recording was recorded and what was made up, one sentence each. */
export function provenance(run: RecordedRun, load: ReconstructedLoad): string[] {
  const creates = {
    recorded:
      'the creates take what they took in the order of the recording, further ones are drawn',
    'last-known': 'no create was recorded; each takes what the policy knew last',
    assumed: `no create was recorded; each is assumed to take ${UNKNOWN_CREATE_MS} ms`,
  }[load.createsFrom];
  const requests = load.atMs.length;
  const isExact = load.exact === requests;
  const rows = load.exact > 0 ? `, and ${load.exact} of ${requests} requests exactly` : '';
  const failed =
    run.createFailures > 0
      ? ` (${count(run.createFailures, 'create')} failed while recording)`
      : '';
  const left =
    load.left > 0
      ? `${count(load.left, 'caller')} who gave up by themselves (aborted, or tryAcquire without success), `
      : '';
  const lines = [
    isExact
      ? 'recorded: every arrival and its use time exactly'
      : `recorded: arrivals per millisecond, all use times${rows}`,
    isExact
      ? `reconstructed: ${creates}`
      : `reconstructed: where in its millisecond an arrival lies, and which request had which of the recorded use times; ${creates}`,
    `left out: ${left}connections that died, or were destroyed or invalidated, failed creates${failed}, timeouts and priorities of single calls, announced load, and the closing of the pool; simulated connections last until the policy closes them`,
    'assumed: callers come and use their connections as they did, however long they wait (open loop)',
  ];
  const beyond = beyondArrivals(run);
  if (beyond > 0) {
    lines.push(
      `not simulated: ${count(beyond, 'request')} of callers who had come before, or of work on shared connections that got nothing; of shared work only the connections arrive`,
    );
  }
  if (run.changes > 0) {
    lines.push(
      `options changed ${count(run.changes, 'time')} while recording and change at the same moments here, except for what is given by flags; waits are judged by the last objective`,
    );
  }
  if (run.earlierRuns > 0) {
    lines.push(`${count(run.earlierRuns, 'earlier run')} in the file left out`);
  }
  return lines;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
