import type { EngineConfig } from './config.js';
import { CreateGate } from './create-gate.js';
import type { Effects } from './effects.js';
import { Fleet } from './fleet.js';
import type { Ledger } from './ledger.js';
import { Lifetimes } from './lifetimes.js';
import type { CheckKind, CloseReason, CreateFailureKind } from './ports.js';
import { Proofs } from './proofs.js';
import { Sizing } from './sizing.js';
import type { Slot } from './slot.js';

type SlotEffects<T> = Pick<Effects<T, never>, 'create' | 'check' | 'destroy'>;

/** The slots and what happens to them, whoever waits for one: opened, checked, replaced, closed. */
export class Supply<T> {
  readonly fleet: Fleet<T> = new Fleet<T>();
  readonly gate: CreateGate;
  readonly sizing: Sizing;
  readonly #proofs = new Proofs<T>(this.fleet);
  readonly #lifetimes: Lifetimes<T>;
  readonly #effects: SlotEffects<T>;
  readonly #totals: Ledger;
  #generation = 0;

  constructor(config: EngineConfig, effects: SlotEffects<T>, totals: Ledger, random: () => number) {
    this.gate = new CreateGate(config.createConcurrency, random);
    this.sizing = new Sizing(this.fleet, this.gate, config);
    this.#lifetimes = new Lifetimes(random);
    this.#effects = effects;
    this.#totals = totals;
  }

  /** The next instant at which slots have to be opened, replaced or checked while `pending` callers wait, or Infinity. */
  wakeAt(pending: number): number {
    return Math.min(this.sizing.opensAt(pending), this.#lifetimes.next, this.#proofs.next);
  }

  /**
   * Nothing is open, and opening has failed too often to let callers wait for it. Once a pause is over one caller may
   * wait: the create that is begun for it finds out whether that is still so.
   */
  isUnavailable(now: number): boolean {
    const { size, creating } = this.fleet;
    if (size > creating || !this.gate.hasGivenUp(this.sizing.config.failFastAfter)) return false;
    return creating > 0 || now < this.gate.reopensAt;
  }

  configure(config: EngineConfig, now: number): void {
    this.#proofs.begin(config, now);
    this.gate.setCeiling(config.createConcurrency);
    this.sizing.config = config;
    this.sizing.steer(this.sizing.target);
  }

  created(slot: Slot<T>, resource: T, now: number): void {
    const { config } = this.sizing;
    slot.resource = resource;
    slot.readyAt = now;
    this.#lifetimes.begin(slot, config.maxLifetimeMs, now);
    this.#proofs.begin(config, now);
    this.#totals.created += 1;
    this.gate.succeeded(now - slot.openedAt);
  }

  createFailed(slot: Slot<T>, kind: CreateFailureKind, now: number): void {
    this.fleet.move(slot, 'gone');
    this.#totals.noteCreateFailure(kind);
    this.gate.failed(kind, slot.openedAt, now);
  }

  /** A check failed: the slot is doomed and its neighbours are suspect, except after a reset, which is its own affair. */
  failedCheck(slot: Slot<T>, now: number): void {
    slot.doomed ??= 'invalid';
    // It was dead when the check began; what was proven since then is no suspect.
    if (slot.check !== 'reset') this.#proofs.suspectAll(this.sizing.config, slot.checkedAt, now);
  }

  /** The connection died by itself. What killed one may have killed all. */
  died(slot: Slot<T>, now: number): void {
    this.#proofs.suspectAll(this.sizing.config, now, now);
    slot.doomed ??= 'died';
    this.gate.died(slot, now);
    if (slot.state === 'idle' || slot.state === 'checking') this.close(slot, slot.doomed);
  }

  gone(slot: Slot<T>): void {
    this.fleet.move(slot, 'gone');
    this.#totals.gone += 1;
  }

  /** Retires every connection: idle ones now, the others as soon as nobody holds them. What failed before says nothing. */
  invalidateAll(): void {
    this.#generation += 1;
    this.gate.tryNow();
    for (const slot of this.fleet.all()) this.#retire(slot, 'invalidated');
  }

  closeAll(): void {
    for (const slot of this.fleet.all()) {
      if (slot.state !== 'closing') this.close(slot, 'closed');
    }
  }

  /** Why a slot that nobody holds should close while `pending` callers wait, or null. It still counts in `size`. */
  unwanted(slot: Slot<T>, pending: number, now: number): CloseReason | null {
    if (slot.doomed !== null) return slot.doomed;
    if (slot.generation !== this.#generation) return 'invalidated';
    if (this.#lifetimes.retires(slot, this.fleet.size, now)) return 'lifetime';
    if (slot.uses >= this.sizing.config.maxUses) return 'max-uses';
    return this.fleet.size > this.sizing.keepable(pending) ? 'surplus' : null;
  }

  /** Whether a slot has to be checked before it is lent. */
  mustCheck(slot: Slot<T>, now: number): boolean {
    return this.#proofs.isDue(slot, this.sizing.config, now);
  }

  check(slot: Slot<T>, kind: CheckKind | 'probe', now: number): void {
    slot.check = kind;
    slot.checkedAt = now;
    this.fleet.move(slot, 'checking');
    this.#effects.check(slot, kind === 'probe' ? 'validate' : kind);
  }

  close(slot: Slot<T>, reason: CloseReason): void {
    this.fleet.move(slot, 'closing');
    this.#effects.destroy(slot, this.sizing.isDraining ? 'closed' : reason);
  }

  /** Replaces what is old and checks what was silent for long. */
  lookAfter(now: number): void {
    const { fleet } = this;
    this.#lifetimes.sweep(fleet.all(), fleet.size, now, (slot) => this.#retire(slot, 'lifetime'));
    this.#proofs.sweep(this.sizing.config, now, (slot) => this.check(slot, 'probe', now));
  }

  /** Opens what is missing, as far as it may be opened now, and closes what is too much. */
  level(pending: number, now: number): void {
    const { size } = this.fleet;
    const missing = this.sizing.desired(pending) - size;
    const surplus = size - this.sizing.keepable(pending);
    if (missing > 0) this.#open(this.sizing.openable(missing, now), now);
    else if (surplus > 0) {
      for (const slot of this.fleet.expendable(surplus)) this.close(slot, 'surplus');
    }
  }

  /** Ends a slot that is idle now, and one in use as soon as nobody holds it; of others the check on their way knows. */
  #retire(slot: Slot<T>, reason: CloseReason): void {
    if (slot.state === 'idle') this.close(slot, reason);
    else if (slot.state === 'in-use') slot.doomed ??= reason;
  }

  #open(count: number, now: number): void {
    if (count > 0) this.sizing.opened();
    this.#totals.opened += count;
    for (let left = count; left > 0; left -= 1) {
      this.#effects.create(this.fleet.open(now, this.#generation));
    }
  }
}
