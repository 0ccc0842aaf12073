import assert from 'node:assert/strict';
import type { PoolEngine } from '../../src/engine/pool-engine.js';
import type { EngineConfig } from '../../src/engine/config.js';
import type { RejectReason } from '../../src/engine/ports.js';
import type { Request } from '../../src/engine/request.js';
import type { Slot, SlotState } from '../../src/engine/slot.js';

export type Connection = string;
export type Ask = Request<Connection, Ticket>;
export type Place = Slot<Connection>;
type Engine = PoolEngine<Connection, Ticket>;

/** What is known of a request. */
export interface Ticket {
  readonly seq: number;
  /** How often the engine said how it ended: granted or rejected. */
  ends: number;
  outcome: 'none' | 'granted' | RejectReason;
  request: Ask | null;
}

/** A second, slower account of everything an engine does, kept by its host; `verify` compares the two. */
export class EngineAccount {
  now = 1_000.5;
  config: EngineConfig;
  phase: 'running' | 'draining' | 'closed' = 'running';
  target = 0;
  generation = 0;
  #openedAtSteering = 0;
  readonly tickets: Ticket[] = [];
  /** What the engine asked for and has no answer to. */
  readonly creates: Set<Place> = new Set<Place>();
  readonly checks: Set<Place> = new Set<Place>();
  readonly destroys: Set<Place> = new Set<Place>();
  readonly everySlot: Set<Place> = new Set<Place>();
  readonly provenAt: Map<Place, number> = new Map<Place, number>();
  diedAt: number = Number.NEGATIVE_INFINITY;
  /** The host did something of its own since the command began. */
  hasMeddled = false;
  /** Slots opened before the command. */
  openedBefore = 0;
  mostInUse = 0;
  readonly counts = { granted: 0, released: 0, created: 0, failed: 0, arrived: 0 };
  readonly #sums = { inUseMs: 0, pendingMs: 0, sizeMs: 0, at: this.now };

  constructor(config: EngineConfig) {
    this.config = config;
  }

  /** Brings the model's integrals up to now, from the states that it can see. */
  account(): void {
    const sums = this.#sums;
    const elapsed = this.now - sums.at;
    if (elapsed === 0) return;
    const count = this.#countStates();
    sums.at = this.now;
    sums.inUseMs += elapsed * count['in-use'];
    sums.sizeMs += elapsed * (count.creating + count.checking + count.idle + count['in-use']);
    sums.pendingMs += elapsed * this.#waiters().length;
  }

  #countStates(): Record<SlotState, number> {
    const count = { creating: 0, checking: 0, idle: 0, 'in-use': 0, closing: 0, gone: 0 };
    for (const slot of this.everySlot) count[slot.state] += 1;
    return count;
  }

  #waiters(): Ask[] {
    return this.#asksIn('pending');
  }

  leases(): Ask[] {
    return this.#asksIn('granted');
  }

  #asksIn(state: Ask['state']): Ask[] {
    return this.tickets.flatMap(({ request }) => (request?.state === state ? [request] : []));
  }

  /** Compares the engine with the model. */
  verify(engine: Engine): void {
    this.account();
    engine.sync(this.now);
    this.#verifyCounts(engine);
    this.#verifyRequests(engine);
    this.#verifySupply(engine);
    this.#verifyWakeAt(engine);
  }

  #verifyCounts(engine: Engine): void {
    const { slots, totals } = engine;
    const count = this.#countStates();
    const { creating, checking, idle, closing } = slots;
    const seen = { creating, checking, idle, 'in-use': slots.inUse, closing, gone: count.gone };
    assert.deepEqual(seen, count);
    assert.equal(slots.size, creating + checking + idle + slots.inUse);
    assert.equal(totals.opened - totals.gone, slots.size + closing);
    assert.equal(totals.gone, count.gone);
    const owed = { creating: this.creates, checking: this.checks, closing: this.destroys };
    for (const [state, set] of Object.entries(owed)) {
      for (const slot of set) assert.equal(slot.state, state, 'the host works on a stale order');
      assert.equal(set.size, count[state as keyof typeof owed], `an order is missing: ${state}`);
    }
    const { inUseMs, pendingMs, sizeMs } = this.#sums;
    near(totals.inUseMs, inUseMs);
    near(totals.pendingMs, pendingMs);
    near(totals.sizeMs, sizeMs);
    assert.equal(totals.peakInUse, this.mostInUse);
    assert.ok(totals.peakDemand >= slots.inUse + engine.pending);
    const { arrived, granted, released, created, failed } = this.counts;
    assert.deepEqual(
      [totals.arrivals, totals.granted, totals.released, totals.created, totals.createFailures],
      [arrived, granted, released, created, failed],
    );
  }

  #verifyRequests(engine: Engine): void {
    const lent = new Set<Place>();
    const outcomes = {
      none: 0,
      granted: 0,
      timeout: 0,
      aborted: 0,
      'queue-full': 0,
      overload: 0,
      unavailable: 0,
      closed: 0,
    };
    for (const { seq, ends, outcome, request } of this.tickets) {
      outcomes[outcome] += 1;
      assert.ok(request);
      assert.equal(ends, request.state === 'pending' ? 0 : 1, `request ${seq} ended ${ends} times`);
      if (request.state !== 'granted' || request.slot === null) continue;
      assert.ok(!lent.has(request.slot), 'a slot is lent twice');
      lent.add(request.slot);
      assert.ok(request.slot.state === 'in-use' || this.phase === 'closed');
    }
    assert.equal(engine.pending, outcomes.none);
    assert.equal(engine.oldestWaiter, this.#waiters()[0] ?? null);
    assert.equal(engine.totals.granted, outcomes.granted);
    assert.equal(engine.totals.timeouts, outcomes.timeout);
    assert.equal(engine.totals.aborted, outcomes.aborted);
    const { overload, unavailable, closed } = outcomes;
    assert.equal(engine.totals.rejected, outcomes['queue-full'] + overload + unavailable + closed);
    if (this.phase !== 'closed') assert.equal(lent.size, engine.slots.inUse);
    else assert.equal(engine.pending, 0);
  }

  /** The policy wants so many slots. */
  steered(target: number, { totals }: Engine): void {
    this.target = Math.min(target, this.config.max);
    this.#openedAtSteering = totals.opened;
  }

  /** Whoever waits has a reason to, and whatever is missing is on its way or held up. */
  #verifySupply(engine: Engine): void {
    const { pending, permits, slots, gate, totals } = engine;
    const { size, closing, creating, checking, warmest } = slots;
    if (pending > 0 && warmest !== null && slots.inUse < (permits ?? Infinity)) {
      const provenAt = this.provenAt.get(warmest) ?? 0;
      const isStale = this.now - provenAt >= this.config.validateAfterIdleMs;
      assert.ok(isStale || provenAt < this.diedAt, 'a waiter and an idle slot fit to be lent');
      assert.ok(checking >= pending, 'a waiter, a stale slot and no check');
    }
    const { limit } = gate.read(this.now);
    if (totals.opened > this.openedBefore && !this.hasMeddled) {
      assert.ok(creating <= limit, 'a create started past the gate');
    }
    const missing = this.#desired(engine) - size;
    if (size > Math.max(this.#desired(engine), this.#spared(engine))) {
      assert.equal(creating + slots.idle, 0, 'surplus slots stay open');
    }
    const room = this.config.max + this.config.closeAllowance - size - closing;
    if (missing > 0 && room > 0 && (creating === 0 || creating < limit)) {
      const opensAt = this.now + gate.read(this.now).reopensInMs;
      assert.ok(engine.wakeAt <= opensAt + 1e-6, 'a missing slot is not opened');
    }
  }

  /** A connection that arrives goes to the pool, however late: to a waiter, or to the others that are idle. */
  verifyArrival({ pending, permits, slots }: Engine, slot: Place): void {
    if (this.hasMeddled || slot.generation !== this.generation || slot.doomed !== null) return;
    const isKept = slot.state === 'in-use' || slot.state === 'idle';
    assert.ok(isKept, 'a connection that was wanted is closed on arrival');
    if (pending > 0 && slot.state === 'idle') {
      assert.ok(slots.inUse >= (permits ?? Infinity), 'a waiter and a connection that just came');
    }
  }

  /** One that was opened for a waiter at target 0 may stay, once it is open, until the policy has had a look. */
  #spared({ totals, slots }: Engine): number {
    const isUnasked = this.target === 0 && totals.opened > this.#openedAtSteering;
    return isUnasked && this.phase === 'running' && slots.size > slots.creating ? 1 : 0;
  }

  #desired({ pending, slots }: Engine): number {
    const wanted = this.target === 0 && pending > 0 ? 1 : this.target;
    return this.phase === 'running' ? wanted : Math.min(wanted, pending && slots.inUse + pending);
  }

  #verifyWakeAt(engine: Engine): void {
    const { wakeAt, slots } = engine;
    for (const { deadline } of this.#waiters()) assert.ok(wakeAt <= deadline, 'a late timeout');
    for (const { state, expiresAt } of slots.all()) {
      // Of many that are over at once, some have to wait for the next second.
      const latest = expiresAt <= this.now ? this.now + 1_000 : expiresAt;
      if (state === 'idle') assert.ok(wakeAt <= latest, 'a connection outlives its time');
    }
  }
}

function near(actual: number, expected: number): void {
  const error = Math.abs(actual - expected);
  assert.ok(error <= 1e-6 * Math.max(1, expected), `${actual} instead of ${expected}`);
}
