import type { Mode } from './mode.js';
import type { DecisionCause, Signals } from './signals.js';

/** Why the target is what it is. `custom` is for users' own policies, which say it in `note`. */
export type Reason =
  /** The policy is a constant. */
  | 'fixed'
  /** Nothing asks for more than the minimum. */
  | 'floor'
  /** Callers wait and nothing is known yet: a few connections, doubling while nothing answers. */
  | 'cold-start'
  /** Offered load (arrival rate times use time) plus its square root. */
  | 'staffing'
  /** What the busiest moments of the last minute needed to keep the wait objective, and a little more. */
  | 'envelope'
  /** What was announced with `expect`. */
  | 'hint'
  /** The backlog that will remain when a new connection is ready. */
  | 'drain'
  /** Waiters will be served by returns before a new connection is ready. */
  | 'returns-suffice'
  /** The queue stayed above the step threshold. */
  | 'queue-depth'
  /** Connections stayed unused for the break-even idle time. */
  | 'idle-surplus'
  /** Average demand at the target utilisation. */
  | 'utilisation'
  /** Demand that is expected by the time a new connection is ready. */
  | 'forecast'
  /** The target is right as it is. */
  | 'steady'
  /** The target was set by `reconfigure` or by a change of min or max. */
  | 'manual'
  | 'custom';

/** What kept a decision from going further. */
export type Limit =
  | 'min'
  | 'max'
  | 'create-gate'
  /** The server refused more than this a short while ago. */
  | 'server-limit'
  /** More uses at once would not bring more: the backend is the bottleneck, and permits are capped. */
  | 'backend-saturated'
  /** What other permits bring is being measured. */
  | 'verifying'
  /** Far more were needed than were open a short while ago, so nothing is closed. */
  | 'panic'
  /** Too few uses are known to believe their mean. */
  | 'thin-evidence'
  /** The event loop of this process has no time left. */
  | 'client-saturated'
  | 'creates-in-flight'
  | 'break-even'
  | 'shrink-rate'
  | 'create-failures'
  | 'tolerance'
  /** More was asked for a moment ago. */
  | 'stabilisation'
  /** The expected demand allows no less. */
  | 'forecast'
  /** A connection more could not be used: leases are capped. */
  | 'permits'
  | 'policy-error';

/** What can become of a growth. */
export type VerdictKind =
  /** The growth ended the waiting. */
  | 'cured'
  /** Uses take longer for a reason that is not their number, so growing helps. */
  | 'exogenous'
  /** Fewer uses at once bring as much, so the backend is the bottleneck and permits are capped. */
  | 'knee';

/** What became of an earlier growth, found out by measurement. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** `seq` of the growth that was tested, or null when the wait began without one. */
  readonly of: number | null;
  /** Mean uses at once of the two measurements, the earlier one first; null when nothing had to be measured. */
  readonly permits: readonly number[] | null;
  /** Completed uses per second with them. */
  readonly throughputPerSecond: readonly number[] | null;
  /** Elasticity of throughput in permits: about 1 while the backend scales, about 0 past its knee, below 0 when more is less. */
  readonly elasticity: number | null;
}

/** A lasting condition that begins or ends with a decision. */
export type Episode =
  /** Callers need several times what is open. Nothing is closed until that has settled. */
  | 'panic-enter'
  /** It has settled. */
  | 'panic-exit';

/** What a policy returns. */
export interface Decision<State> {
  /** Connections wanted; the autoscaler rounds it and holds it within min..max. */
  readonly target: number;
  /** Most connections in use at once, at least 1, rounded down; null or `Infinity` for no cap. */
  readonly permits: number | null;
  readonly reason: Reason;
  /** The reason in words; required with `custom`, otherwise an addition to the log line. */
  readonly note?: string | undefined;
  readonly limitedBy: readonly Limit[];
  /** The size each rule asked for, by the rule's name. */
  readonly candidates: Readonly<Record<string, number>>;
  readonly verdict?: Verdict | undefined;
  readonly episode?: Episode | undefined;
  /** Plain JSON; handed back at the next decision. */
  readonly state: State;
  /** Ask again after this many milliseconds, or null to wait for the next tick or pressure. */
  readonly wakeInMs: number | null;
}

/** One decision as the event, the log line, the recording and the simulator show it. */
export interface ScaleDecision {
  /** `pool.shadow` when it was not carried out. */
  readonly event: 'pool.scale' | 'pool.shadow';
  /** `act`: it is in force; `observe`: it is what a policy that only observes would have done. */
  readonly mode: Mode;
  /** The pool's name. */
  readonly pool: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Number of this decision, counted from 1. */
  readonly seq: number;
  /** Name of the policy; the second shadow of one name is called `name-2`, and so on. */
  readonly policy: string;
  readonly cause: DecisionCause;
  readonly direction: 'grow' | 'shrink' | 'hold';
  /** Target before, that of the same policy. The actual size is in `signals`. */
  readonly from: number;
  /** Target after. */
  readonly to: number;
  readonly min: number;
  readonly max: number;
  readonly permits: number | null;
  /** The wait the controller aimed for, in milliseconds. */
  readonly waitObjectiveMs: number;
  readonly reason: Reason;
  /** The policy's own words, where it gave some. */
  readonly note?: string | undefined;
  readonly limitedBy: readonly Limit[];
  readonly verdict?: Verdict | undefined;
  readonly episode?: Episode | undefined;
  readonly candidates: Readonly<Record<string, number>>;
  readonly signals: Signals;
  /** One line for a person. */
  readonly message: string;
}
