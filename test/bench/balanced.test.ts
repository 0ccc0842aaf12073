import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balanced } from '../../bench/balanced.js';

describe('the order of rounds', () => {
  it('has everybody as often at each place and after each other one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), (count) => {
        const items = Array.from({ length: count }, (_, item) => item);
        const places = new Map<string, number>();
        const followers = new Map<string, number>();
        for (let round = 0; round < 2 * count; round += 1) {
          const order = balanced(items, round);
          order.forEach((item, place) => {
            add(places, `${item} at ${place}`);
            if (place > 0) add(followers, `${item} after ${order[place - 1]}`);
          });
        }
        expect(places.size).toBe(count * count);
        expect(followers.size).toBe(count * (count - 1));
        expect(new Set([...places.values(), ...followers.values()])).toEqual(new Set([2]));
      }),
    );
  });

  it('of one is that one', () => {
    expect(balanced(['a'], 5)).toEqual(['a']);
  });
});

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
