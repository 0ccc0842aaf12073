/** The simulator from code: sweep `min` over one's own scenario. The same seed gives the same figures everywhere. */
import { parseScenario, simulate } from 'adaptive-pool/sim';

for (const min of [2, 8, 16]) {
  const scenario = parseScenario({
    version: 1,
    name: 'checkout',
    description: 'A sale opens: 200 to 3,000 requests a second.',
    durationMs: 30_000,
    warmUpMs: 1_000,
    workload: { kind: 'step', ratePerSecond: 200, steps: [{ atMs: 10_000, ratePerSecond: 3_000 }] },
    serviceMs: 'exp:5',
    createMs: 50,
    min,
    max: 64,
    waitObjectiveMs: 10,
    acquireTimeoutMs: 1_000,
  });
  const { violations, requests, wait, connectionSeconds, creates } = simulate(
    scenario,
    'adaptive',
    { seed: 7, replications: 3 },
  );
  console.log(
    `min ${min}: ${violations} of ${requests} waited over 10 ms, p99 ${wait.p99Ms.toFixed(2)} ms, ` +
      `${connectionSeconds.toFixed(0)} connection-seconds, ${creates} creates`,
  );
}
