/** A policy of one's own, tried in the simulator before it goes anywhere near production. */
import type { Policy } from 'adaptive-pool';
import { loadScenario, simulate } from 'adaptive-pool/sim';

interface HeadroomState {
  /** Demand that was seen lately; decays. */
  readonly peak: number;
}

/** A quarter more connections than lately were wanted at the same time. Pure: all it knows comes in as arguments. */
const headroom: Policy<HeadroomState> = {
  name: 'headroom',
  init: () => ({ peak: 0 }),
  decide(signals, { peak }) {
    const highest = Math.max(signals.peakDemand, peak * 0.99 ** (signals.intervalMs / 100));
    const target = Math.ceil(1.25 * highest);
    return {
      target, // the autoscaler holds it within min and max
      permits: null,
      reason: 'custom',
      note: `a quarter above the recent peak of ${highest.toFixed(1)}`,
      limitedBy: [],
      candidates: { headroom: target },
      state: { peak: highest },
      wakeInMs: null,
    };
  },
};

const scenario = loadScenario('step');
for (const policy of ['littles-law', headroom] as const) {
  let first = '';
  const result = simulate(scenario, policy, {
    seed: 1,
    onDecision: (decision) => {
      if (first === '' && decision.signals.now > 20_000) first = decision.message;
    },
  });
  const { violationRate, wait, connectionSeconds, creates } = result;
  console.log(
    `${result.policy}: ${(100 * violationRate).toFixed(3)} % violations, p99 ${wait.p99Ms.toFixed(1)} ms, ` +
      `${connectionSeconds.toFixed(0)} connection-seconds, ${creates} creates`,
  );
  console.log(`  ${first}`);
}
// Live: new AdaptivePool({ …, policy: headroom })
