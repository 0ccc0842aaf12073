import { expect, test } from 'vitest';
import { ScriptedPool } from '../support/scripted-pool.js';

const KEEPALIVE = { keepaliveMs: 1_000, validateAfterIdleMs: 1_500 };

test('an idle connection is checked in the background after keepaliveMs without proof of life', () => {
  const pool = new ScriptedPool(KEEPALIVE).open(1);
  pool.pass(999);
  expect(pool.asked()).toEqual([]);
  expect(pool.engine.wakeAt).toBe(1_000);
  pool.pass(1);
  expect(pool.asked()).toEqual(['validate 1']);
  expect(pool.engine.slots).toMatchObject({ size: 1, checking: 1, probing: 1, idle: 0 });
  pool.checked(1, true);
  expect(pool.engine.slots).toMatchObject({ checking: 0, probing: 0, idle: 1 });
  expect(pool.engine.wakeAt).toBe(2_000);
});

test('a use counts as proof, so a busy connection is never checked', () => {
  const pool = new ScriptedPool(KEEPALIVE).open(1);
  for (let turn = 0; turn < 5; turn += 1) {
    const request = pool.ask('a');
    pool.pass(900);
    pool.engine.release(request, 'clean', pool.now);
  }
  expect(pool.asked()).toEqual([]);
});

test('at most a tenth of the connections are under a background check at the same time', () => {
  const pool = new ScriptedPool({ ...KEEPALIVE, max: 40, createConcurrency: 40 }).open(40);
  pool.pass(1_000);
  expect(pool.asked()).toEqual(['validate 1', 'validate 2', 'validate 3', 'validate 4']);
  pool.checked(1, true);
  expect(pool.engine.wakeAt).toBeGreaterThan(pool.now);
  pool.checked(2, true);
  expect(pool.engine.wakeAt).toBeLessThanOrEqual(pool.now);
  pool.pass(0);
  expect(pool.asked()).toEqual(['validate 5', 'validate 6']);
});

test('every idle connection is checked once per keepaliveMs, however many there are', () => {
  const pool = new ScriptedPool({ ...KEEPALIVE, max: 100, createConcurrency: 100 }).open(100);
  const checks = new Map<string, number>();
  while (pool.engine.wakeAt < 10_500) {
    pool.pass(Math.max(0, pool.engine.wakeAt - pool.now));
    for (const line of pool.asked()) {
      checks.set(line, (checks.get(line) ?? 0) + 1);
      pool.checked(Number(line.slice('validate '.length)), true);
    }
  }
  expect(checks.size).toBe(100);
  expect(new Set(checks.values())).toEqual(new Set([10]));
});

test('a background check leaves the warm connections on top and puts the checked one at the cold end', () => {
  const pool = new ScriptedPool(KEEPALIVE).open(3);
  pool.now = 500;
  pool.engine.release(pool.ask('a'), 'clean', 500);
  pool.pass(500);
  expect(pool.asked()).toEqual(['validate 1']);
  pool.checked(1, true);
  expect(pool.ask('b').slot?.id).toBe(3);
  expect(pool.ask('c').slot?.id).toBe(2);
  expect(pool.ask('d').slot?.id).toBe(1);
});

test('a caller who finds the only connection under a background check gets it afterwards', () => {
  const pool = new ScriptedPool(KEEPALIVE).open(1);
  pool.pass(1_000);
  const request = pool.ask('a');
  expect(request.state).toBe('pending');
  pool.asked();
  pool.checked(1, true);
  expect(pool.asked()).toEqual(['grant a 1']);
});

test('one failed check makes every idle connection suspect: the background goes through all of them at once', () => {
  const pool = new ScriptedPool({ ...KEEPALIVE, max: 20, createConcurrency: 20 }).open(20);
  pool.pass(1_000);
  expect(pool.asked()).toEqual(['validate 1', 'validate 2']);
  pool.checked(1, false);
  pool.checked(2, true);
  const checked = [];
  for (let round = 0; round < 30; round += 1) {
    pool.pass(1);
    const asked = pool.asked().filter((line) => line.startsWith('validate'));
    checked.push(...asked);
    for (const line of asked) pool.checked(Number(line.slice('validate '.length)), true);
  }
  // All but the one that failed; the second was proven in the same instant.
  expect(checked.toSorted()).toEqual(
    Array.from({ length: 18 }, (_, index) => `validate ${index + 3}`).toSorted(),
  );
});

test('a suspect connection is checked before it is lent', () => {
  const pool = new ScriptedPool(KEEPALIVE).open(3);
  pool.pass(1_000);
  pool.asked();
  pool.now = 1_001;
  pool.checked(1, false);
  pool.asked();
  expect(pool.ask('a').state).toBe('pending');
  expect(pool.asked()).toContain('validate 3');
});

test('a failed reset is the affair of one connection', () => {
  const pool = new ScriptedPool(KEEPALIVE).open(2);
  const request = pool.ask('a');
  pool.now = 10;
  pool.engine.release(request, 'reset', 10);
  pool.checked(2, false);
  pool.asked();
  expect(pool.ask('b').state).toBe('granted');
});

test('a check that ends after its connection was retired does not count as under way any more', () => {
  const pool = new ScriptedPool(KEEPALIVE).open(1);
  pool.pass(1_000);
  pool.engine.died(pool.slot(1), pool.now);
  expect(pool.engine.slots).toMatchObject({ probing: 0, checking: 0, closing: 1 });
  pool.checked(1, true);
  expect(pool.engine.slots).toMatchObject({ probing: 0, checking: 0, closing: 1 });
});

test('without keepaliveMs nothing is checked in the background, not even after a death', () => {
  const pool = new ScriptedPool().open(3);
  pool.now = 10_000;
  pool.engine.died(pool.slot(1), pool.now);
  pool.asked();
  pool.pass(100_000);
  expect(pool.asked()).toEqual([]);
  expect(pool.engine.wakeAt).toBe(Infinity);
});
