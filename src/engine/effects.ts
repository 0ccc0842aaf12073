import type { CheckKind, CloseReason, EngineHost, RejectReason } from './ports.js';
import type { Request } from './request.js';
import type { Slot } from './slot.js';

/** Places in the queue that are kept for the next effects. */
const MOST_KEPT = 64;

type Effect = 'create' | 'check' | 'destroy' | 'grant' | 'reject' | 'pressure';

/**
 * What the engine owes its host. The engine queues effects while its state changes and carries them out afterwards, so
 * that a host may call back at any time; a call from inside an effect only adds to the queue that is being worked off.
 */
export class Effects<T, C> {
  readonly #host: EngineHost<T, C>;
  /** Effects queued; the arrays keep their length, because shortening them would give their memory back every time. */
  #count = 0;
  readonly #kinds: Effect[] = [];
  readonly #subjects: (Slot<T> | Request<T, C> | null)[] = [];
  readonly #details: (CheckKind | CloseReason | RejectReason | '')[] = [];
  #isRunning = false;

  constructor(host: EngineHost<T, C>) {
    this.#host = host;
  }

  /** Nothing is owed. */
  get isIdle(): boolean {
    return this.#count === 0;
  }

  create(slot: Slot<T>): void {
    this.#add('create', slot, '');
  }

  check(slot: Slot<T>, kind: CheckKind): void {
    this.#add('check', slot, kind);
  }

  destroy(slot: Slot<T>, reason: CloseReason): void {
    this.#add('destroy', slot, reason);
  }

  grant(request: Request<T, C>): void {
    this.#add('grant', request, '');
  }

  reject(request: Request<T, C>, why: RejectReason): void {
    this.#add('reject', request, why);
  }

  pressure(): void {
    this.#add('pressure', null, '');
  }

  /** Carries out what is queued, unless that is happening further up the stack. */
  run(now: number): void {
    if (this.#count === 0 || this.#isRunning) return;
    this.#isRunning = true;
    let failure: { readonly error: unknown } | null = null;
    for (let index = 0; index < this.#count; index += 1) {
      try {
        this.#carryOut(index, now);
      } catch (error) {
        // A host must not throw; if it does, nobody else loses what is owed.
        failure ??= { error };
      }
    }
    if (this.#count > MOST_KEPT) this.#shorten();
    this.#count = 0;
    this.#isRunning = false;
    if (failure !== null) throw failure.error;
  }

  #add(kind: Effect, subject: Slot<T> | Request<T, C> | null, detail: string): void {
    const index = this.#count;
    this.#count = index + 1;
    this.#kinds[index] = kind;
    this.#subjects[index] = subject;
    this.#details[index] = detail as CheckKind | CloseReason | RejectReason | '';
  }

  /** A long queue is a rare event whose memory is not kept. */
  #shorten(): void {
    this.#kinds.length = 0;
    this.#subjects.length = 0;
    this.#details.length = 0;
  }

  #carryOut(index: number, now: number): void {
    const host = this.#host;
    const subject = this.#subjects[index];
    this.#subjects[index] = null;
    const detail = this.#details[index];
    switch (this.#kinds[index]) {
      case 'create': {
        const slot = subject as Slot<T>;
        // A create that was given up in the same breath never started.
        if (slot.state === 'creating') host.create(slot);
        break;
      }
      case 'check':
        if ((subject as Slot<T>).state === 'checking') {
          host.check(subject as Slot<T>, detail as CheckKind);
        }
        break;
      case 'destroy':
        host.destroy(subject as Slot<T>, detail as CloseReason);
        break;
      case 'grant':
        host.grant(subject as Request<T, C>, now);
        break;
      case 'reject':
        host.reject(subject as Request<T, C>, detail as RejectReason, now);
        break;
      case 'pressure':
        host.pressure();
        break;
      default:
        throw new Error('bug: unknown effect');
    }
  }
}
