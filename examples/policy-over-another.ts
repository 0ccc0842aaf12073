/** A policy of one's own over a named one: it decides on a floor and leaves the rest to the other. */
import { policyNamed, type Policy } from 'adaptive-pool';
import { loadScenario, simulate } from 'adaptive-pool/sim';

const base = policyNamed({ name: 'littles-law', idleBeforeCloseMs: 1_000 });

interface KeepState {
  /** Most connections that were ever in use at once. */
  readonly largest: number;
  /** What the policy below remembers. */
  readonly below: unknown;
}

/** Half as many connections as were ever in use at once stay open. */
const keepHalf: Policy<KeepState> = {
  name: 'keep-half',
  init: (config) => ({ largest: 0, below: base.init(config) }),
  decide(signals, state, config) {
    const largest = Math.max(state.largest, signals.peakInUse);
    const min = Math.min(signals.max, Math.max(signals.min, Math.ceil(largest / 2)));
    const decision = base.decide({ ...signals, min }, state.below, config);
    return { ...decision, state: { largest, below: decision.state } };
  },
};

const scenario = loadScenario('bursts');
for (const policy of [base, keepHalf]) {
  const { wait, connectionSeconds, creates } = simulate(scenario, policy, { seed: 1 });
  const p99 = wait.p99Ms.toFixed(1);
  console.log(
    `${policy.name}: p99 ${p99} ms, ${connectionSeconds.toFixed(0)} connection-seconds, ${creates} creates`,
  );
}
