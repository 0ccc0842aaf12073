import { consult, withinBounds } from '../../src/autoscaler/consult.js';
import { resolvePolicy, type ResolvedPolicy } from '../../src/control/policies/index.js';
import type { RecordedDecision, RecordedSettings, RecordingEntry } from './entries.js';

/** Where a replay is not what was recorded. */
export interface Difference {
  /** Number of the decision. */
  readonly seq: number;
  /** When it was made, in epoch milliseconds; null where a file goes on with another memory than the one before had. */
  readonly at: number | null;
  /** What differs; `state` is the policy's memory, `error` what the policy threw. */
  readonly field: string;
  readonly recorded: unknown;
  readonly replayed: unknown;
}

/** What became of deciding again. */
export interface DecisionReplayResult {
  /** Decisions made again with the recorded outcome. */
  readonly identical: number;
  /** Decisions of policies of somebody's own, which no recording can hold. */
  readonly notReplayable: number;
  /** The first difference, after which nothing was replayed; null when there is none. */
  readonly difference: Difference | null;
}

const FIELDS = ['to', 'permits', 'reason', 'note', 'limitedBy', 'verdict', 'candidates'] as const;

/** Decides again from recorded signals, with the recorded policy and options, as the autoscaler does. */
export class DecisionReplay {
  #tickMs = 0;
  #policy: ResolvedPolicy | null = null;
  #state: unknown = null;
  #seq: number | null = null;
  #identical = 0;
  #notReplayable = 0;
  #difference: Difference | null = null;

  get result(): DecisionReplayResult {
    return {
      identical: this.#identical,
      notReplayable: this.#notReplayable,
      difference: this.#difference,
    };
  }

  /** Takes the next entry of a recording. */
  take(entry: RecordingEntry): void {
    if (this.#difference !== null) return;
    if (entry.kind === 'header') {
      const { settings, tickMs, continues, state } = entry.header;
      const goesOn = continues !== null && continues === this.#seq && this.#policy !== null;
      if (goesOn && spelled(state) !== spelled(this.#state)) {
        this.#difference = {
          seq: continues,
          at: null,
          field: 'state',
          recorded: state,
          replayed: this.#state,
        };
        return;
      }
      this.#tickMs = tickMs;
      this.#policy = this.#policyOf(settings);
      this.#state = state;
      this.#seq = continues;
    } else if (entry.kind === 'change') {
      const before = this.#policy;
      this.#policy = this.#policyOf(entry.settings);
      if (this.#policy === null) return;
      if (!entry.isNewPolicy && before !== null) return;
      this.#state = this.#policy.policy.init(this.#policy.config);
    } else if (entry.kind === 'decision') this.#decide(entry.decision);
  }

  #policyOf({ policy, waitObjectiveMs }: RecordedSettings): ResolvedPolicy | null {
    return policy === null
      ? null
      : resolvePolicy(policy, { waitObjectiveMs, tickMs: this.#tickMs });
  }

  #decide(recorded: RecordedDecision): void {
    const { signals, seq, at } = recorded;
    this.#seq = seq;
    if (this.#policy === null) {
      this.#notReplayable += 1;
      return;
    }
    const { decision, problem } = consult(this.#policy, signals, this.#state);
    if (problem !== null && !recorded.limitedBy.includes('policy-error')) {
      const replayed = String(problem.error);
      this.#difference = { seq, at, field: 'error', recorded: null, replayed };
      return;
    }
    const { target: to, ...rest } = withinBounds(decision, signals);
    const replayed = { to, ...rest };
    this.#state = decision.state;
    for (const field of FIELDS) {
      if (spelled(recorded[field]) === spelled(replayed[field])) continue;
      this.#difference = { seq, at, field, recorded: recorded[field], replayed: replayed[field] };
      return;
    }
    this.#identical += 1;
  }
}

/** Every bit that JSON keeps, and the numbers that it does not know. */
function spelled(value: unknown): string {
  const text = JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'number' && !Number.isFinite(one) ? String(one) : one,
  );
  return text ?? 'nothing';
}
