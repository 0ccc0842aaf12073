/** What one decision costs, however many wait, beside a loop that anyone can run: `npm run bench:decision`. */
import { POLICY_NAMES } from 'adaptive-pool/sim';
import { Autoscaler } from '../src/autoscaler/autoscaler.js';
import type { AutoscalerHost } from '../src/autoscaler/ports.js';
import { PLAIN } from '../src/engine/config.js';
import type { Slot } from '../src/engine/slot.js';
import { median, printTable } from './report.js';

const ROUNDS = 5;
const DECISIONS = 2_000;
const TICK_MS = 100;
const CONNECTIONS = 64;

/** A host in which creates take until somebody asks, and nobody listens. */
class Host implements AutoscalerHost<number, null> {
  readonly creating: Slot<number>[] = [];
  readonly wantsShadows = false;
  create(slot: Slot<number>): void {
    this.creating.push(slot);
  }
  check(): void {}
  destroy(): void {}
  grant(): void {}
  reject(): void {}
  isUsable(): boolean {
    return true;
  }
  pressure(): void {}
  wantsDecision(): boolean {
    return false;
  }
  decided(): void {}
  shadowDecided(): void {}
  policyFailed(error: unknown): void {
    throw error;
  }
  eventLoopUtilisation(): number {
    return 0.3;
  }
}

/** An autoscaler at its maximum with so many waiters, some uses behind it. */
function crowded(policy: (typeof POLICY_NAMES)[number], waiters: number): Autoscaler<number, null> {
  const host = new Host();
  const settings = {
    name: 'bench',
    min: CONNECTIONS,
    max: CONNECTIONS,
    tickMs: TICK_MS,
    waitObjectiveMs: 10,
    policy,
    mode: 'act',
    shadow: [],
    engine: {
      ...PLAIN,
      maxPending: Number.POSITIVE_INFINITY,
      createConcurrency: CONNECTIONS,
      closeAllowance: 4,
    },
    random: () => 0.5,
    epochAtZero: 0,
  } as const;
  const scaler = new Autoscaler<number, null>(settings, host, 0);
  scaler.start(0);
  for (const slot of host.creating.splice(0)) scaler.created(slot, slot.id, 1);
  for (let count = 0; count < CONNECTIONS + waiters; count += 1) {
    scaler.request(null, Number.POSITIVE_INFINITY, 2 + count / 1_000);
  }
  return scaler;
}

/** Microseconds per tick of a pool with so many waiters. */
function measure(policy: (typeof POLICY_NAMES)[number], waiters: number): number {
  const scaler = crowded(policy, waiters);
  let now = 100;
  const start = process.cpuUsage();
  for (let count = 0; count < DECISIONS; count += 1) {
    now = Math.max(now + TICK_MS, scaler.wakeAt);
    scaler.advance(now);
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / DECISIONS;
}

/** Microseconds of a thousand steps of a linear congruential generator. */
function reference(): number {
  const start = process.cpuUsage();
  let value = 1;
  for (let step = 0; step < 1_000 * DECISIONS; step += 1) {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0;
  }
  const { user, system } = process.cpuUsage(start);
  if (value === 0) throw new Error('bug: the generator stands still');
  return (user + system) / DECISIONS;
}

console.log(
  `Node ${process.version}; one tick with its decision, medians of ${ROUNDS} rounds, processor time\n`,
);
const rows: string[][] = [];
const references: number[] = [];
for (const policy of POLICY_NAMES) {
  const figures = [0, 10_000].map((waiters) => {
    const values: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const value = measure(policy, waiters);
      references.push(reference());
      if (round > 0) values.push(value);
    }
    return median(values);
  });
  const ratio = (figures[1] ?? Number.NaN) / median(references);
  rows.push([policy, ...figures.map((us) => us.toFixed(1)), ratio.toFixed(1)]);
}
printTable(['', 'nobody waits, µs', '10,000 wait, µs', 'of the reference loop'], rows);
console.log(
  `\n  reference: 1,000 steps of a linear congruential generator, ${median(references).toFixed(2)} µs`,
);
