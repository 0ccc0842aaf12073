import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeadlineQueue } from '../../src/engine/deadline-queue.js';
import { Request } from '../../src/engine/request.js';
import { randomFrom } from '../support/random.js';

type Ask = Request<null, number>;

/** A deadline queue beside a plain array. */
class Pair {
  readonly #queue = new DeadlineQueue<null, number>();
  #plain: Ask[] = [];

  add(deadline: number): void {
    const request: Ask = new Request(0, deadline, this.#plain.length, 0);
    this.#queue.add(request);
    this.#plain.push(request);
  }

  remove(choice: number): void {
    const [request] = this.#plain.splice(choice % Math.max(1, this.#plain.length), 1);
    if (request !== undefined) this.#queue.remove(request);
  }

  /** Takes out everything due in both, and compares. */
  expire(now: number): void {
    const taken: number[] = [];
    for (let due = this.#queue.takeExpired(now); due !== null; due = this.#queue.takeExpired(now)) {
      taken.push(due.deadline);
      this.#plain.splice(this.#plain.indexOf(due), 1);
    }
    expect(taken).toEqual(taken.toSorted((a, b) => a - b));
    expect(this.#plain.every(({ deadline }) => deadline > now)).toBe(true);
    this.compareNext();
  }

  compareNext(): void {
    expect(this.#queue.next).toBe(Math.min(Infinity, ...this.#plain.map((one) => one.deadline)));
  }
}

test('deadlines come out as from a sorted array, in whatever order they went in', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ add: fc.oneof(fc.nat(500), fc.constant(Infinity)) }) },
    { weight: 2, arbitrary: fc.record({ remove: fc.nat(500) }) },
    { weight: 1, arbitrary: fc.record({ expire: fc.nat(500) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const pair = new Pair();
      for (const one of steps) {
        if ('add' in one) pair.add(one.add);
        else if ('remove' in one) pair.remove(one.remove);
        else pair.expire(one.expire);
        pair.compareNext();
      }
      pair.expire(500);
    }),
  );
});

test('thousands of deadlines, most of them met in time, come out in order', () => {
  const random = randomFrom(7);
  const pair = new Pair();
  for (let index = 0; index < 6_000; index += 1) {
    pair.add(Math.floor(random() * 10_000) + index);
    if (random() < 0.7) pair.remove(Math.floor(random() * 1_000));
    if (index % 500 === 0) pair.expire(index);
  }
  for (let now = 0; now <= 16_000; now += 1_000) pair.expire(now);
});

test('with one timeout for all, deadlines stay in the order of arrival', () => {
  const queue = new DeadlineQueue<null, number>();
  const requests = [10, 10, 20, 30].map(
    (deadline, seq) => new Request<null, number>(0, deadline, seq, 0),
  );
  for (const request of requests) queue.add(request);
  expect(requests.map(({ timed }) => timed)).toEqual(['list', 'list', 'list', 'list']);
  expect([1, 2, 3].map(() => queue.takeExpired(20)?.context)).toEqual([0, 1, 2]);
  expect(queue.takeExpired(20)).toBeNull();
});
