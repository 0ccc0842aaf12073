const INITIAL_CAPACITY = 64;
/** Ranks and sequence numbers share one float: rank · 2^48 + sequence is exact below 2^53, so ranks go up to 31. */
const RANK_WEIGHT = 2 ** 48;

/**
 * Future events, ordered by (time, rank, order of scheduling): a binary heap on typed arrays, because with the ten to
 * thousand events that a pool has pending nothing simpler is faster. Grows as needed; push and pop allocate nothing else.
 */
export class EventHeap<P> {
  #times = new Float64Array(INITIAL_CAPACITY);
  #keys = new Float64Array(INITIAL_CAPACITY);
  /** Where in `#payloads` the event's payload is. */
  #places = new Uint32Array(INITIAL_CAPACITY);
  readonly #payloads: (P | undefined)[] = [];
  readonly #freePlaces: number[] = [];
  #size = 0;
  #sequence = 0;

  /** Events waiting. */
  get size(): number {
    return this.#size;
  }

  /** Time of the first event, in milliseconds; Infinity when empty. */
  get nextTime(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
  }

  /** Rank of the first event; Infinity when empty. */
  get nextRank(): number {
    return this.#size === 0
      ? Number.POSITIVE_INFINITY
      : Math.floor((this.#keys[0] as number) / RANK_WEIGHT);
  }

  /** Payload of the first event; look at `size` first. */
  get first(): P {
    return this.#payloads[this.#places[0] as number] as P;
  }

  /**
   * Schedules an event.
   *
   * @param time Milliseconds; not NaN.
   * @param rank An integer from 0 to 31.
   */
  push(time: number, rank: number, payload: P): void {
    if (this.#size === this.#times.length) this.#grow();
    const free = this.#freePlaces.pop();
    const place = free ?? this.#payloads.length;
    this.#payloads[place] = payload;
    const key = rank * RANK_WEIGHT + this.#sequence;
    this.#sequence += 1;
    this.#siftUp(this.#size, time, key, place);
    this.#size += 1;
  }

  /**
   * Takes out the first event and returns its payload.
   *
   * @throws Error when empty; look at `nextTime` first.
   */
  pop(): P {
    if (this.#size === 0) throw new Error('bug: pop from an empty event heap');
    const place = this.#places[0] as number;
    const payload = this.#payloads[place] as P;
    this.#payloads[place] = undefined;
    this.#freePlaces.push(place);
    this.#size -= 1;
    if (this.#size > 0) this.#siftDownLast();
    return payload;
  }

  #siftUp(start: number, time: number, key: number, place: number): void {
    const times = this.#times;
    const keys = this.#keys;
    const places = this.#places;
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const parentTime = times[parent] as number;
      if (parentTime < time || (parentTime === time && (keys[parent] as number) < key)) break;
      times[index] = parentTime;
      keys[index] = keys[parent] as number;
      places[index] = places[parent] as number;
      index = parent;
    }
    times[index] = time;
    keys[index] = key;
    places[index] = place;
  }

  /** Puts the event behind the last place at the root and lets it sink. */
  #siftDownLast(): void {
    const times = this.#times;
    const keys = this.#keys;
    const places = this.#places;
    const size = this.#size;
    const time = times[size] as number;
    const key = keys[size] as number;
    const place = places[size] as number;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      let childTime = times[child] as number;
      const right = child + 1;
      if (right < size) {
        const rightTime = times[right] as number;
        if (
          rightTime < childTime ||
          (rightTime === childTime && (keys[right] as number) < (keys[child] as number))
        ) {
          child = right;
          childTime = rightTime;
        }
      }
      if (childTime > time || (childTime === time && (keys[child] as number) > key)) break;
      times[index] = childTime;
      keys[index] = keys[child] as number;
      places[index] = places[child] as number;
      index = child;
    }
    times[index] = time;
    keys[index] = key;
    places[index] = place;
  }

  #grow(): void {
    const capacity = this.#times.length * 2;
    const times = new Float64Array(capacity);
    const keys = new Float64Array(capacity);
    const places = new Uint32Array(capacity);
    times.set(this.#times);
    keys.set(this.#keys);
    places.set(this.#places);
    this.#times = times;
    this.#keys = keys;
    this.#places = places;
  }
}
