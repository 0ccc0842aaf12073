import type { EngineConfig } from '../../src/engine/config.js';
import assert from 'node:assert/strict';
import { PoolEngine } from '../../src/engine/pool-engine.js';
import type {
  CheckKind,
  CloseReason,
  CreateFailureKind,
  EngineHost,
  EngineProbe,
  RejectReason,
  ReleaseKind,
} from '../../src/engine/ports.js';
import {
  type Ask,
  type Connection,
  EngineAccount,
  type Place,
  type Ticket,
} from './engine-account.js';
import type { Command } from './engine-commands.js';
import { pick } from './random.js';

const FAILURES: readonly CreateFailureKind[] = [
  'transient',
  'permanent',
  'server-limit',
  'timeout',
];
const RELEASES: readonly ReleaseKind[] = ['clean', 'reset', 'broken'];

/**
 * A host that answers late, at once or with a failure, and callers that act out of callbacks. `step` performs one command
 * and compares the engine with a second account of everything it does.
 */
export class EngineModel implements EngineHost<Connection, Ticket>, EngineProbe {
  readonly engine: PoolEngine<Connection, Ticket>;
  readonly #seen: EngineAccount;
  /** How the host behaves at the next occasions; 0, and nothing left, is plain. */
  readonly #moods: number[];
  #lastQueueGrant = -1;
  #pressureCalls = 0;
  #dueAt: number = Number.POSITIVE_INFINITY;
  #armed = 0;

  constructor(config: EngineConfig, moods: readonly number[], random: () => number) {
    this.#seen = new EngineAccount(config);
    this.#moods = [...moods];
    this.engine = new PoolEngine(config, this, this, random, this.#seen.now);
  }

  // The host.

  create(slot: Place): void {
    const { slots } = this.engine;
    const { max, closeAllowance, createConcurrency } = this.#seen.config;
    assert.ok(slots.size <= max, `a create starts with size ${slots.size} of ${max}`);
    assert.ok(slots.size + slots.closing <= max + closeAllowance, 'a create exceeds the allowance');
    assert.ok(slots.creating <= createConcurrency, 'too many creates in flight');
    assert.ok(!this.#seen.everySlot.has(slot), 'a slot is created twice');
    this.#seen.everySlot.add(slot);
    this.#seen.creates.add(slot);
    const mood = this.#mood();
    if (mood % 4 === 1) this.#answerCreate(slot, true, mood);
    else if (mood % 4 === 2) this.#answerCreate(slot, false, mood);
  }

  check(slot: Place, kind: CheckKind): void {
    assert.ok(kind === 'validate' || kind === 'reset');
    this.#seen.checks.add(slot);
    const mood = this.#mood();
    if (mood % 3 === 1) this.#answerCheck(slot, mood % 2 === 0);
  }

  destroy(slot: Place, reason: CloseReason): void {
    if (this.#seen.phase !== 'running') assert.equal(reason, 'closed');
    this.#seen.creates.delete(slot);
    this.#seen.checks.delete(slot);
    assert.ok(!this.#seen.destroys.has(slot), 'a slot is destroyed twice');
    this.#seen.everySlot.add(slot);
    this.#seen.destroys.add(slot);
    if (this.#mood() % 3 === 1) this.#answerDestroy(slot);
  }

  grant(request: Ask): void {
    const ticket = request.context;
    this.#end(ticket, request, 'granted');
    assert.ok(ticket.seq > this.#lastQueueGrant, 'a waiter overtook another');
    this.#lastQueueGrant = ticket.seq;
    const mood = this.#mood();
    if (mood % 5 === 1) this.#release(request, mood);
    else if (mood % 5 === 2) this.#request(mood);
    else if (mood % 5 === 3) this.#cancel(mood);
    else if (mood % 5 === 4) this.#die(mood);
  }

  reject(request: Ask, why: RejectReason): void {
    this.#end(request.context, request, why);
    if (why === 'timeout') assert.ok(request.deadline <= this.#seen.now, 'a timeout came early');
    const mood = this.#mood();
    if (mood % 4 === 1) this.#request(mood >> 2);
    else if (mood % 4 === 2) this.#die(mood >> 2);
  }

  isUsable(): boolean {
    return this.#mood() % 8 !== 7;
  }

  pressure(): void {
    this.#pressureCalls += 1;
    assert.ok(this.#pressureCalls <= this.#armed, 'pressure came more often than it was armed');
    if (this.#mood() % 2 === 1) this.#steer(this.#seen.target + 1, null);
  }

  // The probe.

  arrived(): void {
    this.#seen.counts.arrived += 1;
  }

  granted(waitMs: number): void {
    this.#seen.counts.granted += 1;
    const { inUse } = this.engine.slots;
    this.#seen.mostInUse = Math.max(this.#seen.mostInUse, inUse);
    assert.ok(waitMs >= 0);
    assert.ok(inUse <= (this.engine.permits ?? Infinity), 'more slots in use than permits');
  }

  released(useMs: number): void {
    this.#seen.counts.released += 1;
    assert.ok(useMs >= 0);
  }

  created(createMs: number): void {
    this.#seen.counts.created += 1;
    assert.ok(createMs >= 0);
  }

  // Commands.

  /** Performs a command; `value` chooses whatever there is to choose. */
  step(command: Command, value: number): void {
    this.#seen.hasMeddled = false;
    this.#seen.openedBefore = this.engine.totals.opened;
    EngineModel.#commands[command](this, value);
    this.#seen.verify(this.engine);
    this.#dueAt = this.engine.wakeAt;
  }

  /** Nothing was to be done before the engine wanted to be called. */
  verifyWake(): void {
    this.#moods.length = 0;
    if (this.#dueAt <= this.#seen.now) return;
    const { opened, gone } = this.engine.totals;
    this.#advance();
    assert.ok(this.engine.wakeAt >= this.#dueAt, 'something was due earlier than the engine said');
    assert.deepEqual([this.engine.totals.opened, this.engine.totals.gone], [opened, gone]);
  }

  /** Lets everything go well for as long as anyone waits. */
  settle(): void {
    this.#moods.length = 0;
    for (let turn = 0; this.engine.pending > 0; turn += 1) {
      assert.ok(turn < 5_000, `${this.engine.pending} waiters are never served`);
      this.#seen.openedBefore = this.engine.totals.opened;
      const [create] = this.#seen.creates;
      const [check] = this.#seen.checks;
      const [destroy] = this.#seen.destroys;
      const lease = this.#seen.leases()[0];
      if (create !== undefined) this.#answerCreate(create, true, 0);
      else if (check !== undefined) this.#answerCheck(check, true);
      else if (destroy !== undefined) this.#answerDestroy(destroy);
      else if (lease !== undefined) this.#release(lease, 0);
      else {
        assert.ok(this.engine.wakeAt < Infinity, 'waiters, and nothing that could serve them');
        this.#pass(Math.max(0, this.engine.wakeAt - this.#seen.now));
        this.#advance();
      }
      this.#seen.verify(this.engine);
    }
  }

  static readonly #commands: Record<Command, (model: EngineModel, value: number) => void> = {
    request: (model, value) => model.#request(value),
    tryRequest: (model) => model.#tryRequest(),
    cancel: (model, value) => model.#cancel(value),
    release: (model, value) => {
      const lease = pick(model.#seen.leases(), value);
      if (lease !== undefined) model.#release(lease, value >> 3);
    },
    releaseAgain: (model, value) => {
      const done = model.#seen.tickets.filter(({ request }) => request?.state === 'done');
      const request = pick(done, value)?.request;
      if (request) assert.equal(model.engine.release(request, 'broken', model.#seen.now), false);
    },
    created: (model, value) => {
      const slot = pick([...model.#seen.creates], value);
      if (slot !== undefined) model.#answerCreate(slot, true, value);
    },
    createFailed: (model, value) => {
      const slot = pick([...model.#seen.creates], value);
      if (slot !== undefined) model.#answerCreate(slot, false, value);
    },
    checked: (model, value) => {
      const slot = pick([...model.#seen.checks], value);
      if (slot !== undefined) model.#answerCheck(slot, value % 4 !== 0);
    },
    destroyed: (model, value) => {
      const slot = pick([...model.#seen.destroys], value);
      if (slot !== undefined) model.#answerDestroy(slot);
    },
    /** Answers that come when the slot is past caring. */
    answeredLate: (model, value) => {
      const slot = pick([...model.#seen.everySlot], value);
      if (slot === undefined) return;
      model.#seen.account();
      if (!model.#seen.checks.has(slot))
        model.engine.checked(slot, value % 2 === 0, model.#seen.now);
      if (!model.#seen.destroys.has(slot)) model.engine.destroyed(slot, model.#seen.now);
    },
    died: (model, value) => model.#die(value),
    steer: (model, value) => {
      const permits = value % 3 === 0 ? null : 1 + (value % 5);
      model.#steer((value >> 3) % (model.#seen.config.max + 1), permits);
    },
    configure: (model, value) => {
      model.#seen.config = {
        ...model.#seen.config,
        max: 1 + (value % 6),
        createConcurrency: 1 + (value % 4),
        validateAfterIdleMs: [0, 20, Infinity][value % 3] ?? 0,
      };
      model.#seen.steered(model.#seen.target, model.engine);
      model.#seen.account();
      model.engine.configure(model.#seen.config, model.#seen.now);
    },
    invalidate: (model: EngineModel): void => {
      model.#seen.generation += 1;
      model.#seen.account();
      model.engine.invalidateAll(model.#seen.now);
    },
    armPressure: (model: EngineModel, value: number): void => {
      model.#armed = model.#pressureCalls + 1;
      model.engine.armPressure(1 + (value % 4));
    },
    pass: (model: EngineModel, value: number): void => model.#pass((value % 60) * 1.37),
    advance: (model: EngineModel, value: number): void => {
      model.#pass((value % 60) * 1.37);
      model.#advance();
    },
    /** Timers fire up to 1.4 ms early and often later than that. */
    wake: (model: EngineModel, value: number): void => {
      const { wakeAt } = model.engine;
      if (wakeAt < Infinity) model.#pass(Math.max(0, wakeAt - model.#seen.now - 1.4 + (value % 4)));
      model.#advance();
    },
    /** The machine was asleep. */
    leap: (model: EngineModel, value: number): void => {
      model.#pass((1 + (value % 24)) * 3_600_000);
      model.#advance();
    },
    close: (model: EngineModel): void => {
      model.#seen.phase = model.#seen.phase === 'running' ? 'draining' : model.#seen.phase;
      model.#seen.account();
      model.engine.close(model.#seen.now);
    },
    terminate: (model: EngineModel): void => {
      model.#seen.phase = 'closed';
      model.#seen.account();
      model.engine.terminate(model.#seen.now);
    },
  };

  #request(value: number): void {
    const deadlines = [
      Infinity,
      this.#seen.now,
      this.#seen.now + 60,
      this.#seen.now + (value % 50),
      this.#seen.now - 1,
    ];
    const ticket = this.#issue();
    this.#seen.account();
    const request = this.engine.request(ticket, deadlines[value % 5] ?? 0, this.#seen.now);
    ticket.request = request;
    if (request.state === 'granted') this.#end(ticket, request, 'granted');
  }

  #tryRequest(): void {
    const ticket = this.#issue();
    this.#seen.account();
    const request = this.engine.tryRequest(ticket, this.#seen.now);
    if (request === null) this.#seen.tickets.splice(this.#seen.tickets.indexOf(ticket), 1);
    else this.#end(ticket, request, 'granted');
  }

  #issue(): Ticket {
    const seq = this.#seen.counts.arrived;
    const ticket: Ticket = { seq, ends: 0, outcome: 'none', request: null };
    this.#seen.tickets.push(ticket);
    return ticket;
  }

  #end(ticket: Ticket, request: Ask, outcome: 'granted' | RejectReason): void {
    ticket.request = request;
    ticket.ends += 1;
    ticket.outcome = outcome;
    assert.equal(ticket.ends, 1, `request ${ticket.seq} ended twice`);
    if (outcome !== 'granted') return;
    for (const { seq, request: other } of this.#seen.tickets) {
      if (seq >= ticket.seq) break;
      assert.notEqual(other?.state, 'pending', `request ${ticket.seq} overtook ${seq}`);
    }
  }

  #cancel(value: number): void {
    const request = pick(this.#seen.tickets, value)?.request;
    if (!request) return;
    this.#seen.account();
    this.engine.cancel(request, this.#seen.now);
  }

  #release(request: Ask, value: number): void {
    if (request.state !== 'granted') return;
    this.#seen.account();
    if (request.slot?.state === 'in-use') this.#seen.provenAt.set(request.slot, this.#seen.now);
    assert.equal(
      this.engine.release(request, RELEASES[value % 3] ?? 'clean', this.#seen.now),
      true,
    );
  }

  #answerCreate(slot: Place, isWell: boolean, value: number): void {
    this.#seen.creates.delete(slot);
    this.#seen.account();
    if (isWell) {
      this.#seen.provenAt.set(slot, this.#seen.now);
      this.engine.created(slot, `connection ${slot.id}`, this.#seen.now);
      this.#seen.verifyArrival(this.engine, slot);
    } else {
      this.#seen.counts.failed += 1;
      this.engine.createFailed(slot, FAILURES[(value >> 2) % 4] ?? 'timeout', this.#seen.now);
    }
  }

  #answerCheck(slot: Place, isWell: boolean): void {
    this.#seen.checks.delete(slot);
    if (isWell) this.#seen.provenAt.set(slot, this.#seen.now);
    else if (slot.state === 'checking' && slot.check !== 'reset') {
      this.#seen.diedAt = Math.max(this.#seen.diedAt, slot.checkedAt);
    }
    this.#seen.account();
    this.engine.checked(slot, isWell, this.#seen.now);
  }

  #answerDestroy(slot: Place): void {
    this.#seen.destroys.delete(slot);
    this.#seen.account();
    this.engine.destroyed(slot, this.#seen.now);
  }

  #die(value: number): void {
    const slot = pick([...this.#seen.everySlot], value);
    if (slot === undefined) return;
    this.#seen.account();
    if (slot.state !== 'closing' && slot.state !== 'gone') this.#seen.diedAt = this.#seen.now;
    this.engine.died(slot, this.#seen.now);
  }

  #steer(target: number, permits: number | null): void {
    this.#seen.steered(target, this.engine);
    this.#seen.account();
    this.engine.steer(target, permits, this.#seen.now);
  }

  #pass(ms: number): void {
    this.#seen.now += ms;
  }

  /** A host loops while `wakeAt` is due; one round must be enough, or it would spin. */
  #advance(): void {
    this.#seen.account();
    this.engine.advance(this.#seen.now);
    // What the host answers at once may be news; each round closes or checks something, so they come to an end.
    for (let rounds = 0; this.engine.wakeAt <= this.#seen.now; rounds += 1) {
      assert.ok(rounds < 100, 'something is always due right after advance');
      this.engine.advance(this.#seen.now);
    }
    for (const { request } of this.#seen.tickets) {
      const isLate = request?.state === 'pending' && request.deadline <= this.#seen.now;
      assert.ok(!isLate, 'a request waits beyond its deadline');
    }
  }

  #mood(): number {
    const mood = this.#moods.pop() ?? 0;
    this.#seen.hasMeddled ||= mood !== 0;
    return mood;
  }
}
