import type { EngineConfig } from './config.js';
import type { Fleet } from './fleet.js';
import type { Slot } from './slot.js';

/** Share of the slots that may be under a background check at the same time. */
const MOST_PROBED = 0.1;
/** Sweeps are at least this share of `keepaliveMs` apart, so that checks come in batches and not one by one. */
const SWEEP_GAP = 0.1;

type Intervals = Pick<EngineConfig, 'keepaliveMs' | 'validateAfterIdleMs'>;

/** Which idle connections have to prove that they live, before they are lent or in the background. */
export class Proofs<T> {
  readonly #slots: Pick<Fleet<T>, 'size' | 'coldest' | 'probing'>;
  /** What was proven before this instant proves nothing any more. */
  #suspectBefore: number = Number.NEGATIVE_INFINITY;
  #next: number = Number.POSITIVE_INFINITY;
  /** When a sweep found more than it was allowed to have checked; Infinity = never. */
  #behindSince: number = Number.POSITIVE_INFINITY;

  constructor(slots: Pick<Fleet<T>, 'size' | 'coldest' | 'probing'>) {
    this.#slots = slots;
  }

  /** The earliest instant at which `sweep` may find something, or Infinity; in the past while it is behind. */
  get next(): number {
    if (this.#behindSince === Number.POSITIVE_INFINITY) return this.#next;
    const mayGoOn = this.#slots.probing * 2 <= this.#mostProbing;
    return mayGoOn ? Math.min(this.#next, this.#behindSince) : this.#next;
  }

  /** A connection was opened, so there is something to look after. */
  begin({ keepaliveMs }: Intervals, now: number): void {
    this.#next = Math.min(this.#next, now + keepaliveMs);
  }

  /** What killed one connection at `diedAt` may have killed all: every idle one is checked, in the background from now on. */
  suspectAll({ keepaliveMs }: Intervals, diedAt: number, now: number): void {
    this.#suspectBefore = Math.max(this.#suspectBefore, diedAt);
    if (keepaliveMs !== Number.POSITIVE_INFINITY) this.#next = now;
  }

  /** Whether a slot must be checked before it is lent. */
  isDue({ provenAt }: Slot<T>, { validateAfterIdleMs }: Intervals, now: number): boolean {
    return provenAt < this.#suspectBefore || now - provenAt >= validateAfterIdleMs;
  }

  /** Has idle slots checked by `probe` that proved nothing for too long, the coldest first, a few at a time. */
  sweep({ keepaliveMs }: Intervals, now: number, probe: (slot: Slot<T>) => void): void {
    if (now < this.next) return;
    this.#next = Number.POSITIVE_INFINITY;
    this.#behindSince = Number.POSITIVE_INFINITY;
    if (keepaliveMs === Number.POSITIVE_INFINITY || this.#slots.size === 0) return;
    let next = now + keepaliveMs;
    for (let slot = this.#slots.coldest; slot !== null;) {
      const { provenAt, warmer } = slot;
      const isDue = provenAt < this.#suspectBefore || now - provenAt >= keepaliveMs;
      if (!isDue) next = Math.min(next, provenAt + keepaliveMs);
      else if (this.#slots.probing < this.#mostProbing) probe(slot);
      else {
        this.#behindSince = now;
        break;
      }
      slot = warmer;
    }
    this.#next = Math.max(next, now + SWEEP_GAP * keepaliveMs);
  }

  get #mostProbing(): number {
    return Math.max(1, Math.ceil(MOST_PROBED * this.#slots.size));
  }
}
