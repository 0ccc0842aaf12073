import { loadScenario, simulate } from 'adaptive-pool/sim';
import { median, printTable } from './report.js';

const ROUNDS = 3;
const POLICIES = ['fixed', 'step', 'littles-law'] as const;

/** Simulated requests per second of one thread, in the scenario `steady`. */
export function simulator(): void {
  const scenario = loadScenario('steady');
  const rows: string[][] = [];
  for (const policy of POLICIES) {
    const speeds: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const start = performance.now();
      const { requests } = simulate(scenario, policy, { seed: 1, replications: 5 });
      // The first round warms up the compiler.
      if (round > 0) speeds.push((1_000 * requests) / (performance.now() - start));
    }
    rows.push([policy, Math.round(median(speeds)).toLocaleString('en')]);
  }
  console.log(`\nSimulator: scenario steady, 5 replications, median of ${ROUNDS} rounds`);
  printTable(['', 'requests per second'], rows);
}
