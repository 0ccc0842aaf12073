import type { ScaleDecision } from './control/decision.js';
import type { Mode } from './control/mode.js';
import type { CreateFailureKind } from './engine/ports.js';
import type { Slot } from './engine/slot.js';
import type { ErrorEvent, LeakEndEvent, LeakEvent, PoolEvents } from './events.js';
import type { LeaseNote } from './lease-note.js';
import type { Advice, DestroyReason } from './runtime/resource-factory.js';

/** How events leave the pool. */
export interface Notifier {
  hears(event: keyof PoolEvents): boolean;
  notify<E extends keyof PoolEvents>(event: E, ...payload: PoolEvents[E]): void;
}

/** What a pool tells its listeners. */
export class Reports {
  readonly #pool: string;
  readonly #notifier: Notifier;

  constructor(pool: string, notifier: Notifier) {
    this.#pool = pool;
    this.#notifier = notifier;
  }

  hears(event: keyof PoolEvents): boolean {
    return this.#notifier.hears(event);
  }

  decided(decision: ScaleDecision): void {
    if (decision.mode === 'observe') {
      this.#notifier.notify('shadow', decision);
      return;
    }
    this.#notifier.notify('decision', decision);
    if (decision.direction !== 'hold') this.#notifier.notify('scale', decision);
  }

  policyFailed(error: unknown, policy: string, mode: Mode): void {
    const operation = mode === 'act' ? 'policy' : 'shadow';
    this.#notifier.notify('error', { pool: this.#pool, operation, policy, error });
  }

  failed(operation: ErrorEvent['operation'], error: unknown): void {
    this.#notifier.notify('error', { pool: this.#pool, operation, error });
  }

  advised(advice: Advice): void {
    this.#notifier.notify('advice', { pool: this.#pool, ...advice });
  }

  timedOut(error: PoolEvents['timeout'][0]['error']): void {
    this.#notifier.notify('timeout', { pool: this.#pool, error });
  }

  created({ id, openedAt }: Slot<unknown>, now: number): void {
    this.#notifier.notify('create', { pool: this.#pool, id, tookMs: now - openedAt });
  }

  createFailed(
    { id, openedAt }: Slot<unknown>,
    error: unknown,
    kind: CreateFailureKind,
    gate: { readonly failuresInARow: number; readonly reopensInMs: number },
    now: number,
  ): void {
    this.#notifier.notify('create-error', {
      pool: this.#pool,
      id,
      tookMs: now - openedAt,
      error,
      class: kind,
      failuresInARow: gate.failuresInARow,
      retryInMs: gate.reopensInMs,
    });
  }

  destroyed({ id }: Slot<unknown>, reason: DestroyReason, cause: unknown): void {
    const event = { pool: this.#pool, id, reason };
    this.#notifier.notify('destroy', cause === undefined ? event : { ...event, cause });
  }

  leaked(
    { id }: Slot<unknown>,
    { acquired: stack, isReclaimed }: LeaseNote,
    kind: LeakEvent['kind'],
    heldForMs: number,
  ): void {
    const event = { pool: this.#pool, id, heldForMs, kind, isReclaimed };
    this.#notifier.notify('leak', stack === undefined ? event : { ...event, stack });
  }

  workLeaked(id: number, sharedWork: number, heldForMs: number): void {
    const event = { pool: this.#pool, id, heldForMs, sharedWork };
    this.#notifier.notify('leak', { ...event, kind: 'overdue', isReclaimed: false });
  }

  leakEnded(id: number, heldForMs: number, how: LeakEndEvent['how']): void {
    this.#notifier.notify('leak-end', { pool: this.#pool, id, heldForMs, how });
  }
}
