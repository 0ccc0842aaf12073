/** Cells are kept in pages of 2^6: durations of one kind lie close together, and most pages are never needed. */
const PAGE_BITS = 6;
const PAGE_SIZE = 2 ** PAGE_BITS;
const EMPTY_PAGE: readonly number[] = Array.from({ length: PAGE_SIZE }, () => 0);

/** How many values lie in each cell of a histogram. */
export class CellCounts {
  /** A page is made when its first value comes, and goes with its last. */
  readonly #pages: (number[] | null)[];
  /** Values in each page, so that a rank is found without looking at every cell. */
  readonly #totals: number[];

  constructor(cells: number) {
    const length = ((cells - 1) >> PAGE_BITS) + 1;
    this.#pages = Array.from({ length }, () => null);
    this.#totals = Array.from({ length }, () => 0);
  }

  increment(cell: number): void {
    const index = cell >> PAGE_BITS;
    const page = (this.#pages[index] ??= EMPTY_PAGE.slice());
    const at = cell & (PAGE_SIZE - 1);
    page[at] = (page[at] as number) + 1;
    this.#totals[index] = (this.#totals[index] as number) + 1;
  }

  /** Counts what `other` counts, too. */
  add(other: CellCounts): void {
    for (let index = 0; index < this.#pages.length; index += 1) {
      const added = other.#pages[index] ?? null;
      if (added === null) continue;
      const page = this.#pages[index] ?? null;
      if (page === null) this.#pages[index] = added.slice();
      else for (let at = 0; at < PAGE_SIZE; at += 1) (page[at] as number) += added[at] as number;
      (this.#totals[index] as number) += other.#totals[index] as number;
    }
  }

  /** Counts no longer what `part` counts, which was added before; `part` is empty then. */
  takeBack(part: CellCounts): void {
    for (let index = 0; index < this.#pages.length; index += 1) {
      const gone = part.#pages[index] ?? null;
      const page = this.#pages[index] ?? null;
      if (gone === null || page === null) continue;
      (this.#totals[index] as number) -= part.#totals[index] as number;
      if (this.#totals[index] === 0) this.#pages[index] = null;
      else for (let at = 0; at < PAGE_SIZE; at += 1) (page[at] as number) -= gone[at] as number;
      part.#pages[index] = null;
      part.#totals[index] = 0;
    }
  }

  /** The cell of the value with this rank among those here and in `other`, counted from 1; there are at least that many. */
  cellAt(rank: number, other: CellCounts): number {
    let left = rank;
    let index = 0;
    for (; ; index += 1) {
      const total = (this.#totals[index] as number) + (other.#totals[index] as number);
      if (total >= left) break;
      left -= total;
    }
    const here = this.#pages[index] ?? EMPTY_PAGE;
    const there = other.#pages[index] ?? EMPTY_PAGE;
    for (let at = 0; ; at += 1) {
      left -= (here[at] as number) + (there[at] as number);
      if (left <= 0) return (index << PAGE_BITS) + at;
    }
  }
}
