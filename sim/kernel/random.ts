/**
 * A stream of random numbers that nobody else draws from, so that drawing more for one purpose changes nothing for
 * another. Generator: sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, period at least 2^32, integer
 * operations only.
 */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  /** Starts from exactly these 32-bit words; `randomStream` derives good ones. */
  constructor(a: number, b: number, c: number, counter: number) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#counter = counter | 0;
  }

  /** The next 32 bits as an integer from 0 to 2^32 − 1. */
  uint32(): number {
    return this.#word() >>> 0;
  }

  /** Uniform in [0, 1), with 53 random bits. */
  uniform(): number {
    const high = this.#word() >>> 5;
    const low = this.#word() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  }

  #word(): number {
    const word = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + word) | 0;
    return word;
  }
}

/** Rounds thrown away after seeding, so that similar seeds have nothing in common any more; the author's number. */
const MIXING_ROUNDS = 15;

/**
 * The stream of this name in this replication of this seed. Two streams that differ in any of the three are
 * independent for all practical purposes.
 *
 * @param seed An integer from 0 to 2^53 − 1.
 * @param replication An integer from 0 to 2^32 − 1.
 * @param name What the numbers are for, for example `arrivals`.
 */
export function randomStream(seed: number, replication: number, name: string): RandomStream {
  const stream = new RandomStream(
    mix(seed),
    mix(Math.floor(seed / 2 ** 32) ^ 0x9e3779b9),
    mix(replication ^ 0x85ebca6b) ^ hash(name),
    1,
  );
  for (let round = 0; round < MIXING_ROUNDS; round += 1) stream.uint32();
  return stream;
}

/** FNV-1a over UTF-16 units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return mix(value);
}

/** A bijection of 32 bits in which every input bit reaches every output bit: the finaliser of MurmurHash3. */
function mix(value: number): number {
  let word = value | 0;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return word ^ (word >>> 16);
}
