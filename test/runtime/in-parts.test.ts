import { expect, test } from 'vitest';
import { Deferred } from '../../src/runtime/deferred.js';
import { InParts } from '../../src/runtime/in-parts.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

function setup() {
  const turns: (() => void)[] = [];
  const clock = new VirtualClock();
  clock.defer = (callback) => void turns.push(callback);
  const parts = new InParts<number>(clock);
  const gone: number[] = [];
  const resolve = (value: number): void => {
    const waiter = new Deferred<number>();
    waiter.resolve = (got) => void gone.push(got);
    parts.resolve(waiter, value);
  };
  const nextTurn = (): void => turns.splice(0).forEach((callback) => callback());
  return { parts, gone, resolve, nextTurn, turns };
}

test('128 go on at once, and the others in the next turns, in their order', () => {
  const { parts, gone, resolve, nextTurn, turns } = setup();
  for (let value = 0; value < 300; value += 1) resolve(value);
  expect([gone.length, parts.isHolding]).toEqual([128, true]);
  nextTurn();
  expect([gone.length, parts.isHolding]).toEqual([256, true]);
  // Who comes now goes after them.
  resolve(300);
  nextTurn();
  expect(gone).toEqual(Array.from({ length: 301 }, (_, value) => value));
  expect([turns.length, parts.isHolding]).toEqual([0, false]);
});

test('a full last part leaves nobody behind, and few ask for no turn', () => {
  const { parts, gone, resolve, nextTurn, turns } = setup();
  for (let value = 0; value < 127; value += 1) resolve(value);
  expect(turns).toHaveLength(0);
  for (let value = 127; value < 256; value += 1) resolve(value);
  nextTurn();
  expect([gone.length, parts.isHolding, turns.length]).toEqual([256, false, 1]);
  nextTurn();
  resolve(256);
  expect([gone.length, turns.length]).toEqual([257, 0]);
});
