import { consult } from '../../src/autoscaler/consult.js';
import { freshMemory, type Memory } from '../../src/autoscaler/memory.js';
import { UNCLAMPED } from '../../src/control/clamps.js';
import { resolvePolicy } from '../../src/control/policies/index.js';
import type { ResolvedPolicy } from '../../src/control/policy.js';
import type { RecordedDecision, RecordedSettings, RecordingEntry } from './entries.js';

/** Where a replay is not what was recorded. */
export interface Difference {
  /** Number of the decision. */
  readonly seq: number;
  /** When it was made, in epoch milliseconds; null where a file goes on with another memory than the one before had. */
  readonly at: number | null;
  /** What differs; `state` is what is remembered, `error` what the policy threw. */
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

/** What an owner's policy remembers is not in any recording. */
const NO_MEMORY: Memory = { policy: null, clamps: UNCLAMPED };

/** Decides again from recorded signals, with the recorded policy and options, as the autoscaler does. */
export class DecisionReplay {
  #tickMs = 0;
  #policy: ResolvedPolicy | null = null;
  #memory: Memory = NO_MEMORY;
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
      if (goesOn && spelled(state) !== spelled(this.#memory)) {
        this.#difference = {
          seq: continues,
          at: null,
          field: 'state',
          recorded: state,
          replayed: this.#memory,
        };
        return;
      }
      this.#tickMs = tickMs;
      this.#policy = this.#policyOf(settings);
      this.#memory = state;
      this.#seq = continues;
    } else if (entry.kind === 'change') {
      const before = this.#policy;
      this.#policy = this.#policyOf(entry.settings);
      if (this.#policy === null) return;
      if (!entry.isNewPolicy && before !== null) return;
      this.#memory = freshMemory(this.#policy);
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
    const { decision, problem } = consult(this.#policy, signals, this.#memory);
    if (problem !== null && !recorded.limitedBy.includes('policy-error')) {
      const replayed = String(problem.error);
      this.#difference = { seq, at, field: 'error', recorded: null, replayed };
      return;
    }
    const { target: to, ...rest } = decision;
    const replayed = { to, ...rest };
    this.#memory = decision.state;
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
