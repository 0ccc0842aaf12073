/** When a fault holds: from `fromMs` up to, but not including, `toMs`, milliseconds from the start of the workload. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Something that goes wrong behind the pool. */
export type Fault =
  /**
   * The server is away: creates fail. `uses: 'fail'` breaks all connections at once, and what a create in flight would
   * bring; `uses: 'hang'` stops every use until it is back.
   */
  | (Span & { readonly kind: 'down'; readonly uses: 'fail' | 'hang' })
  /** Uses and creates take this many times as long. Uses under way slow down too. */
  | (Span & { readonly kind: 'slow'; readonly useFactor: number; readonly createFactor: number })
  /** Creates fail as `server-limit` while that many connections are open. */
  | (Span & { readonly kind: 'refuse'; readonly connections: number })
  /** Creates that begin get no answer, until `createTimeoutMs`. */
  | (Span & { readonly kind: 'hang-creates' })
  /** This share of the connections breaks, 0..1, drawn at random; who uses one comes back with an error. */
  | { readonly kind: 'kill'; readonly atMs: number; readonly share: number };

/** The faults of a scenario on the clock of a run. */
export class FaultTimeline {
  readonly #faults: readonly Fault[];
  readonly #startMs: number;

  /** @param startMs When the workload starts on the clock of the run. */
  constructor(faults: readonly Fault[], startMs: number) {
    this.#faults = faults;
    this.#startMs = startMs;
  }

  /** Instants at which something changes, ascending. */
  changes(): number[] {
    const at = this.#faults.flatMap((fault) =>
      fault.kind === 'kill' ? [fault.atMs] : [fault.fromMs, fault.toMs],
    );
    return [...new Set(at)].map((ms) => ms + this.#startMs).toSorted((a, b) => a - b);
  }

  /** True if any fault has to do with uses that are under way. */
  get touchesUses(): boolean {
    return this.#faults.some(({ kind }) => kind !== 'refuse' && kind !== 'hang-creates');
  }

  /** Whether a connection that is ready at `now` is there at all. */
  isDown(now: number): boolean {
    return this.#at(now).some(({ kind }) => kind === 'down');
  }

  isHangingCreates(now: number): boolean {
    return this.#at(now).some(({ kind }) => kind === 'hang-creates');
  }

  /** Most connections that the server accepts; Infinity = any. */
  connectionLimit(now: number): number {
    return Math.min(
      ...this.#at(now).map((fault) =>
        fault.kind === 'refuse' ? fault.connections : Number.POSITIVE_INFINITY,
      ),
    );
  }

  /** How many times as long a create takes that begins at `now`. */
  createFactor(now: number): number {
    return product(this.#at(now), (fault) => (fault.kind === 'slow' ? fault.createFactor : 1));
  }

  /** How many times as long uses take at `now`; Infinity = they hang. */
  useFactor(now: number): number {
    return product(this.#at(now), (fault) => {
      if (fault.kind === 'slow') return fault.useFactor;
      return fault.kind === 'down' && fault.uses === 'hang' ? Number.POSITIVE_INFINITY : 1;
    });
  }

  /** Share of the connections that break at exactly `now`. */
  brokenShare(now: number): number {
    const breaks = this.#faults.map((fault) => {
      if (fault.kind === 'kill' && fault.atMs + this.#startMs === now) return fault.share;
      const isShutDown = fault.kind === 'down' && fault.uses === 'fail';
      return isShutDown && fault.fromMs + this.#startMs === now ? 1 : 0;
    });
    return Math.max(0, ...breaks);
  }

  #at(now: number): Fault[] {
    const sinceStart = now - this.#startMs;
    return this.#faults.filter(
      (fault) => fault.kind !== 'kill' && sinceStart >= fault.fromMs && sinceStart < fault.toMs,
    );
  }
}

function product(faults: readonly Fault[], factor: (fault: Fault) => number): number {
  return faults.reduce((total, fault) => total * factor(fault), 1);
}
