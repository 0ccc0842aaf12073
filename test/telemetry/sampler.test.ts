import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Signals } from '../../src/control/signals.js';
import { PLAIN } from '../../src/engine/config.js';
import { PoolEngine } from '../../src/engine/pool-engine.js';
import type { EngineHost } from '../../src/engine/ports.js';
import type { Request } from '../../src/engine/request.js';
import type { Slot } from '../../src/engine/slot.js';
import { Sampler } from '../../src/telemetry/sampler.js';

const SLICE_MS = 100;
const SITUATION = { seq: 1, hints: [], min: 0, max: 4, target: 0, eventLoopUtilisation: 0.25 };

interface Pool {
  readonly creates: Slot<string>[];
  readonly engine: PoolEngine<string, null>;
  readonly sampler: Sampler;
  readonly read: (now: number) => Signals;
}

/** An engine, its sampler and a host that remembers what it was asked to create. */
function pool(): Pool {
  const creates: Slot<string>[] = [];
  const host: EngineHost<string, null> = {
    create: (slot) => void creates.push(slot),
    check: () => {},
    destroy: () => {},
    grant: () => {},
    reject: () => {},
    isUsable: () => true,
    pressure: () => {},
  };
  const sampler = new Sampler(SLICE_MS, 0);
  const config = {
    ...PLAIN,
    max: 4,
    maxPending: 5,
    createConcurrency: 4,
    closeAllowance: 4,
  };
  const engine = new PoolEngine(config, host, sampler, () => 0.5, 0);
  const read = (now: number): Signals => sampler.read(engine, 'tick', SITUATION, now);
  return { creates, engine, sampler, read };
}

type Step = 'request' | 'release' | 'created' | 'failed' | 'advance' | 'steer' | 'read';

test('what the intervals report adds up to the totals of the engine', () => {
  const step = fc.constantFrom<Step[]>(
    'request',
    'request',
    'release',
    'created',
    'failed',
    'advance',
    'steer',
    'read',
  );
  const steps = fc.array(fc.tuple(step, fc.double({ min: 0, max: 40, noNaN: true })), {
    maxLength: 200,
    size: 'max',
  });
  fc.assert(
    fc.property(steps, (moves) => {
      const { creates, engine, read } = pool();
      const intervals: Signals[] = [];
      const requests: Request<string, null>[] = [];
      let now = 0;
      for (const [name, gapMs] of moves) {
        now += gapMs;
        if (name === 'request') requests.push(engine.request(null, now + 60, now));
        else if (name === 'advance') engine.advance(now);
        else if (name === 'steer') engine.steer(Math.floor(gapMs / 10), null, now);
        else if (name === 'read') intervals.push(read(now));
        else if (name === 'release') {
          const lease = requests.find(({ state }) => state === 'granted');
          if (lease !== undefined) engine.release(lease, 'clean', now);
        } else {
          const slot = creates.pop();
          if (slot?.state !== 'creating') continue;
          if (name === 'created') engine.created(slot, 'connection', now);
          else engine.createFailed(slot, gapMs > 20 ? 'timeout' : 'transient', now);
        }
      }
      intervals.push(read(now));
      const sum = (of: (signals: Signals) => number): number =>
        intervals.reduce((total, signals) => total + of(signals), 0);
      const { totals } = engine;
      expect(sum((signals) => signals.intervalMs)).toBeCloseTo(now, 6);
      expect(sum((signals) => signals.arrivals)).toBe(totals.arrivals);
      expect(sum((signals) => signals.completions)).toBe(totals.released);
      expect(sum((signals) => signals.timeouts)).toBe(totals.timeouts);
      expect(sum((signals) => signals.rejections)).toBe(totals.rejected);
      expect(sum((signals) => signals.created)).toBe(totals.created);
      expect(sum(({ createFailures }) => createFailures.transient)).toBe(
        totals.failuresByKind.transient,
      );
      expect(sum(({ createFailures }) => createFailures.timeout)).toBe(
        totals.failuresByKind.timeout,
      );
      expect(sum((signals) => signals.inUseMs)).toBeCloseTo(totals.inUseMs, 6);
      expect(sum((signals) => signals.pendingMs)).toBeCloseTo(totals.pendingMs, 6);
    }),
  );
});

test('levels and ages are those of the moment', () => {
  const { creates, engine, read } = pool();
  engine.steer(2, 3, 0);
  const [first] = creates;
  if (first === undefined) throw new Error('nothing is created');
  engine.created(first, 'connection', 10);
  engine.request(null, Infinity, 20);
  engine.request(null, Infinity, 25);
  const signals = read(50);
  expect(signals).toMatchObject({ now: 50, size: 2, creating: 1, idle: 0, inUse: 1, pending: 1 });
  expect(signals).toMatchObject({ oldestWaitMs: 25, oldestCreateMs: 50, target: 0, permits: 3 });
  expect(signals).toMatchObject({ inUseMs: 30, pendingMs: 25, intervalMs: 50, arrivals: 2 });
  expect(signals).toMatchObject({ min: 0, max: 4, eventLoopUtilisation: 0.25, cause: 'tick' });
  expect(signals.arrivalsPerMs.at(-26)).toBe(1);
  expect(signals.create).toMatchObject({ count: 1, p50Ms: 10 });
});

test('extremes start anew with each interval', () => {
  const { creates, engine, read } = pool();
  engine.steer(2, null, 0);
  for (const slot of creates) engine.created(slot, 'connection', 0);
  read(1);
  const leases = [1, 2, 3].map(() => engine.request(null, Infinity, 2));
  for (const lease of leases.slice(0, 2)) engine.release(lease, 'clean', 3);
  expect(read(4)).toMatchObject({ peakInUse: 2, peakDemand: 3, lowestIdle: 0 });
  for (const lease of leases) engine.release(lease, 'clean', 5);
  expect(read(6)).toMatchObject({ peakInUse: 1, peakDemand: 1, lowestIdle: 1 });
  expect(read(7)).toMatchObject({ peakInUse: 0, peakDemand: 0, lowestIdle: 2 });
});

test('waits and uses are forgotten after ten slices, create times only when newer ones come', () => {
  const { sampler } = pool();
  sampler.granted(7);
  sampler.released(8, 0, 0);
  sampler.created(9);
  sampler.rotate(10 * SLICE_MS);
  expect(sampler.wait.count).toBe(0);
  expect(sampler.use.count).toBe(0);
  expect(sampler.create.count).toBe(1);
  for (let slice = 11; slice <= 20; slice += 1) {
    sampler.created(1);
    sampler.rotate(slice * SLICE_MS);
  }
  expect(sampler.create.maxMs).toBe(1);
});

test('a slice lasts its time, however often and however late the sampler is asked', () => {
  const { sampler } = pool();
  sampler.granted(7);
  for (let now = 0; now < 10 * SLICE_MS; now += 7) sampler.rotate(now);
  expect(sampler.wait.count).toBe(1);
  sampler.rotate(10 * SLICE_MS + 50);
  expect(sampler.wait.count).toBe(0);
  sampler.granted(7);
  sampler.rotate(20 * SLICE_MS - 1);
  expect(sampler.wait.count).toBe(1);
  sampler.rotate(20 * SLICE_MS);
  expect(sampler.wait.count).toBe(0);
});
