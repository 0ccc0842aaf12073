import type { CheckKind, CloseReason } from './ports.js';
import type { Request } from './request.js';

/** Where a slot is in its life. `gone` slots belong to nobody. */
export type SlotState = 'creating' | 'checking' | 'idle' | 'in-use' | 'closing' | 'gone';

/** A place for one connection. Only the engine writes to it. */
export class Slot<T> {
  /** Number of this slot, counted from 1; never used again. */
  readonly id: number;
  state: SlotState = 'creating';
  /** The check under way, if any; `probe` is a validation in the background, for nobody. */
  check: CheckKind | 'probe' | null = null;
  /** When the last check began. */
  checkedAt = 0;
  /** The connection; undefined while creating. */
  resource: T | undefined = undefined;
  /** Who it is lent to, or null. */
  holder: Request<T, unknown> | null = null;
  /** Times it was lent. */
  uses = 0;
  /** When its create started. */
  readonly openedAt: number;
  /** When its create ended. */
  readyAt = 0;
  /** When it was last lent. */
  lentAt = 0;
  /** When it last came back or was checked. */
  provenAt = 0;
  /** When it is due for replacement; Infinity = never. */
  expiresAt: number = Number.POSITIVE_INFINITY;
  /** Slots of an older generation than the engine's are closed. */
  readonly generation: number;
  /** Set when the slot must close as soon as its last lease returns. */
  doomed: CloseReason | null = null;
  /** Neighbours on the idle stack. */
  warmer: Slot<T> | null = null;
  colder: Slot<T> | null = null;

  constructor(id: number, openedAt: number, generation: number) {
    this.id = id;
    this.openedAt = openedAt;
    this.generation = generation;
  }
}
