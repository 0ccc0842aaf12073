import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AdaptivePool } from '../../src/adaptive-pool.js';
import { LeaseReleasedError } from '../../src/errors.js';
import type { Lease } from '../../src/lease.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { watch, type Outcome } from './pool-harness.js';
import { life, type Step } from './pool-steps.js';
import { holds } from './sequences.js';
import { StubFactory, type Stub } from './stub-factory.js';

interface Call {
  readonly outcome: Outcome<Lease<Stub>>;
  readonly deadline: number;
  readonly controller: AbortController;
}

/** A pool of stubs that are opened by nobody but it, and a second account of all that it owes. */
class PoolModel {
  readonly #clock = new VirtualClock();
  readonly #factory = new StubFactory(this.#clock);
  readonly #pool = new AdaptivePool<Stub>({
    factory: this.#factory,
    clock: this.#clock,
    min: 1,
    max: 4,
    maxPending: 8,
    createTimeoutMs: 80,
    validateTimeoutMs: 40,
    validateAfterIdleMs: 30,
    resetTimeoutMs: 40,
    destroyTimeoutMs: 50,
    keepaliveMs: 25,
    maxLifetimeMs: 500,
    maxUses: 20,
  });
  readonly #calls: Call[] = [];
  readonly #tried: Lease<Stub>[] = [];
  /** Until when the machine slept: what was due before is answered now. */
  #leaptTo = 0;
  #closedAt: number = Number.POSITIVE_INFINITY;
  #failure: Error | null = null;

  constructor() {
    this.#factory.whenCreating = () => {
      const { size, max, creating } = this.#pool.stats;
      const { createConcurrency } = this.#pool.options;
      this.#must(size <= max, `a create starts with size ${size} of ${max}`);
      this.#must(creating <= createConcurrency, `${creating} creates in flight`);
    };
  }

  async step(step: Step): Promise<void> {
    await this.#take(step);
    await this.#clock.advance(0);
    if (this.#failure !== null) throw this.#failure;
    this.#verify();
  }

  /** Closes the pool: nothing is left. */
  async end(): Promise<void> {
    const clock = this.#clock;
    const closed = watch(this.#pool.close({ deadlineMs: 100 }), clock);
    await clock.advance(1_000);
    assert.equal(closed.state, 'fulfilled', 'the pool does not close');
    const { size, closing, pending, created, destroyed } = this.#pool.stats;
    assert.deepEqual({ size, closing, pending }, { size: 0, closing: 0, pending: 0 });
    assert.equal(created, destroyed);
    assert.equal(this.#factory.live, 0, 'a connection is left');
    assert.ok(this.#calls.every(({ outcome }) => outcome.state !== 'pending'));
    for (const lease of this.#leases) lease.release();
    assert.equal(this.#pool.stats.acquired, this.#pool.stats.released);
    assert.equal(clock.scheduled, 0, 'a timer is left');
  }

  get #leases(): Lease<Stub>[] {
    const granted = this.#calls.flatMap(({ outcome }) => outcome.value ?? []);
    return [...granted, ...this.#tried].filter((lease) => !lease.isReleased);
  }

  async #take(step: Step): Promise<void> {
    const clock = this.#clock;
    const factory = this.#factory;
    const pool = this.#pool;
    switch (step.kind) {
      case 'acquire':
        this.#acquire(step.timeoutMs);
        break;
      case 'try': {
        const lease = pool.tryAcquire();
        if (lease !== null) this.#tried.push(lease);
        break;
      }
      case 'release': {
        const leases = this.#leases;
        const lease = leases[step.index % Math.max(1, leases.length)];
        if (lease === undefined) break;
        // After a forced close the connection is gone while the lease is out.
        if (!this.#isForced) lease.resource.needsReset = step.needsReset;
        lease.release();
        break;
      }
      case 'releaseAgain': {
        const done = this.#calls.find(({ outcome }) => outcome.value?.isReleased === true);
        if (done !== undefined) {
          assert.throws(() => done.outcome.value?.release(), LeaseReleasedError);
        }
        break;
      }
      case 'destroy':
        this.#leases[step.index]?.destroy();
        break;
      case 'die':
        factory.stubs.at(-1 - step.index)?.die();
        break;
      case 'abort':
        this.#calls.at(-1 - step.index)?.controller.abort();
        break;
      case 'wait':
        await clock.advance(step.ms);
        break;
      case 'leap':
        clock.leap(step.hours * 3_600_000);
        this.#leaptTo = clock.now();
        break;
      case 'invalidate':
        pool.invalidateAll();
        break;
      case 'spoil':
        for (const stub of factory.stubs.slice(-2)) stub.isUsable = false;
        break;
      case 'reconfigure':
        pool.reconfigure({ min: step.min, max: step.max });
        break;
      case 'tune': {
        const { kind: _, ...changes } = step;
        pool.reconfigure(changes);
        break;
      }
      case 'behave':
        factory.behaviours[step.call] = step.behaviour;
        break;
      case 'answer':
        factory.behaviours.isValid = step.isValid;
        break;
      case 'close':
        this.#closedAt = Math.min(this.#closedAt, clock.now());
        void pool.close({ deadlineMs: 100 });
        break;
    }
  }

  get #isForced(): boolean {
    return this.#clock.now() >= this.#closedAt + 100;
  }

  #acquire(timeoutMs: number): void {
    const clock = this.#clock;
    const controller = new AbortController();
    const seq = this.#calls.length;
    const acquiring = this.#pool.acquire({ timeoutMs, signal: controller.signal });
    const deadline = clock.now() + timeoutMs;
    this.#calls.push({ outcome: watch(acquiring, clock), deadline, controller });
    const onGranted = (): void => {
      const overtaken = this.#calls
        .slice(0, seq)
        .findIndex(({ outcome }) => outcome.state === 'pending');
      this.#must(overtaken === -1, `caller ${seq} overtook caller ${overtaken}`);
    };
    acquiring.then(onGranted, () => {});
  }

  /** Factories are asked in the middle of things, where an error would be taken for theirs. */
  #must(isTrue: boolean, text: string): void {
    if (!isTrue) this.#failure ??= new Error(text);
  }

  #verify(): void {
    const { stats } = this.#pool;
    const { size, creating, checking, idle, inUse, closing, pending } = stats;
    const leases = this.#leases;
    assert.equal(size, creating + checking + idle + inUse);
    if (!this.#isForced) {
      assert.equal(inUse, leases.length);
      const holders = leases.map((lease) => lease.resource);
      assert.equal(new Set(holders).size, holders.length, 'a connection is lent twice');
      assert.ok(
        holders.every(({ state }) => state === 'open'),
        'a closed connection is lent',
      );
    }
    assert.equal(stats.acquired - stats.released, leases.length);
    const open = stats.created - stats.destroyed;
    assert.ok(open >= size - creating && open <= size - creating + closing);
    assert.ok(stats.created + stats.createFailures <= this.#factory.creates);
    if (pending > 0 && idle > 0 && inUse < (stats.permits ?? Number.POSITIVE_INFINITY)) {
      assert.ok(checking >= pending, 'a waiter, an idle connection and no check');
    }
    this.#verifyCalls(stats.pending);
    const { timeouts, aborted, rejected } = stats;
    const answered = stats.acquired + timeouts + aborted + rejected + pending;
    assert.equal(answered - this.#tried.length, this.#calls.length, 'a caller ended twice, or not');
  }

  #verifyCalls(pending: number): void {
    const now = this.#clock.now();
    let waiting = 0;
    for (const { outcome, deadline } of this.#calls) {
      if (outcome.state !== 'pending') {
        assert.ok((outcome.at ?? 0) <= Math.max(deadline, this.#leaptTo), 'answered too late');
        continue;
      }
      waiting += 1;
      assert.ok(now < deadline, 'a caller waits beyond the deadline');
    }
    assert.equal(waiting, pending);
  }
}

/** Whatever is called and whatever the backend does, every caller is answered and nothing leaks. */
export function poolHolds(runs: number): Promise<void> {
  const property = fc.asyncProperty(life, async (steps) => {
    const model = new PoolModel();
    for (const step of steps) await model.step(step);
    await model.end();
  });
  return holds('pool', property, runs);
}
