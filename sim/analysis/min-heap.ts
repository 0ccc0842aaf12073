/** A binary heap of numbers, the least first. */
export class MinHeap {
  readonly #values: number[] = [];

  get length(): number {
    return this.#values.length;
  }

  /** The least number; Infinity when empty. */
  get least(): number {
    return this.#values[0] ?? Number.POSITIVE_INFINITY;
  }

  push(value: number): void {
    const values = this.#values;
    let hole = values.length;
    values.push(value);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if ((values[parent] as number) <= value) break;
      values[hole] = values[parent] as number;
      hole = parent;
    }
    values[hole] = value;
  }

  /** Takes out the least number; Infinity when empty. */
  pop(): number {
    const values = this.#values;
    const least = this.least;
    const moved = values.pop();
    if (moved === undefined || values.length === 0) return least;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= values.length) break;
      if (child + 1 < values.length && (values[child + 1] as number) < (values[child] as number)) {
        child += 1;
      }
      if ((values[child] as number) >= moved) break;
      values[hole] = values[child] as number;
      hole = child;
    }
    values[hole] = moved;
    return least;
  }
}
