import type { DurationCounts } from './entries.js';

/** Durations and how often each of them was. */
export class DurationHistogram {
  readonly #counts = new Map<number, number>();
  #sorted: readonly (readonly [us: number, seen: number])[] | null = null;
  #count = 0;
  #sumUs = 0;

  get count(): number {
    return this.#count;
  }

  /** Mean in milliseconds; 0 without values. */
  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#sumUs / this.#count / 1_000;
  }

  /** Adds µs, count, µs, count and so on. */
  add(pairs: DurationCounts): void {
    for (let index = 0; index < pairs.length; index += 2) {
      const [us, count] = [pairs[index] as number, pairs[index + 1] as number];
      this.#counts.set(us, (this.#counts.get(us) ?? 0) + count);
      this.#count += count;
      this.#sumUs += us * count;
    }
    this.#sorted = null;
  }

  /** Adds all that another one holds. */
  addAll(other: DurationHistogram): void {
    for (const pair of other.#counts) this.add(pair);
  }

  /** The smallest duration that at least the part `part` does not exceed, in milliseconds; 0 without values. */
  quantile(part: number): number {
    const rank = Math.max(1, Math.ceil(part * this.#count));
    const sorted = this.#cumulated();
    let low = 0;
    let high = sorted.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle]?.[1] ?? 0) >= rank) high = middle;
      else low = middle + 1;
    }
    return (sorted[low]?.[0] ?? 0) / 1_000;
  }

  /** How many are longer than this, as far as the rounding of the recording tells. */
  above(ms: number): number {
    let count = 0;
    for (const [us, often] of this.#counts) if (us > 1_000 * ms) count += often;
    return count;
  }

  #cumulated(): readonly (readonly [number, number])[] {
    if (this.#sorted !== null) return this.#sorted;
    let seen = 0;
    this.#sorted = [...this.#counts]
      .toSorted(([one], [other]) => one - other)
      .map(([us, count]) => [us, (seen += count)] as const);
    return this.#sorted;
  }
}
