import { expect, test } from 'vitest';
import { ScriptedPool } from '../support/scripted-pool.js';

test('surplus idle slots close, the coldest first', () => {
  const pool = new ScriptedPool().open(3);
  pool.engine.release(pool.ask('a'), 'clean', 1);
  pool.steer(1);
  expect(pool.asked()).toEqual(['destroy 1 surplus', 'destroy 2 surplus']);
});

test('creates in flight are given up before idle slots, the youngest first', () => {
  const pool = new ScriptedPool().open(2);
  pool.steer(4);
  pool.steer(3);
  expect(pool.asked()).toEqual(['create 3', 'create 4', 'destroy 4 surplus']);
  pool.steer(1);
  expect(pool.asked()).toEqual(['destroy 3 surplus', 'destroy 1 surplus']);
});

test('a surplus slot in use closes when it is released', () => {
  const pool = new ScriptedPool().open(2);
  const [a, b] = [pool.ask('a'), pool.ask('b')];
  pool.steer(1);
  expect(pool.asked()).toEqual([]);
  pool.engine.release(a, 'reset', 1);
  pool.engine.release(b, 'clean', 2);
  expect(pool.asked()).toEqual(['destroy 2 surplus']);
  expect(pool.engine.slots.idle).toBe(1);
});

test('a slot that dies in use closes when it is released', () => {
  const pool = new ScriptedPool().open(1);
  const a = pool.ask('a');
  pool.engine.died(pool.slot(1), 1);
  expect(pool.asked()).toEqual([]);
  pool.engine.release(a, 'clean', 2);
  expect(pool.asked()).toEqual(['destroy 1 died', 'create 2']);
});

test('a slot that dies during a check closes at once, and the answer of the check is ignored', () => {
  const pool = new ScriptedPool().open(1);
  pool.engine.release(pool.ask('a'), 'reset', 1);
  pool.engine.died(pool.slot(1), 2);
  pool.checked(1, true);
  expect(pool.asked()).toEqual(['reset 1', 'destroy 1 died', 'create 2']);
});

test('a connection is replaced when its lifetime is over, up to a quarter early', () => {
  const randoms = [0.5, 1];
  const pool = new ScriptedPool({ maxLifetimeMs: 10_000 }, () => randoms.shift() ?? 0).open(2);
  expect(pool.engine.wakeAt).toBe(7_500);
  pool.pass(7_499);
  expect(pool.asked()).toEqual([]);
  pool.pass(1);
  expect(pool.asked()).toEqual(['destroy 2 lifetime', 'create 3']);
  expect(pool.engine.wakeAt).toBe(8_750);
});

test('of many lifetimes that are over at once a tenth of the pool ends per second, idle or given back', () => {
  const settings = { max: 40, createConcurrency: 40, maxLifetimeMs: 60_000, closeAllowance: 40 };
  const pool = new ScriptedPool(settings, () => 0).open(40);
  const held = Array.from({ length: 20 }, (_, index) => pool.ask(`caller ${index}`));
  const ended = (): number => pool.asked().filter((line) => line.includes('lifetime')).length;
  pool.pass(3_600_000);
  expect(ended()).toBe(4);
  for (const request of held) pool.engine.release(request, 'clean', pool.now);
  expect(ended()).toBe(0);
  expect(pool.engine.slots.idle).toBe(36);
  for (let second = 1; second <= 9; second += 1) {
    expect(pool.engine.wakeAt).toBe(pool.now + 1_000);
    pool.pass(1_000);
    expect(ended()).toBe(4);
  }
  pool.pass(1_000);
  expect(ended()).toBe(0);
});

test('a connection is replaced after maxUses leases', () => {
  const pool = new ScriptedPool({ maxUses: 2 }).open(1);
  pool.engine.release(pool.ask('a'), 'clean', 0);
  expect(pool.asked()).toEqual([]);
  pool.engine.release(pool.ask('b'), 'clean', 0);
  expect(pool.asked()).toEqual(['destroy 1 max-uses', 'create 2']);
});

test('a lifetime that ends in use or in a check closes the slot afterwards', () => {
  const pool = new ScriptedPool({ maxLifetimeMs: 1_000 }, () => 0).open(2);
  const [a, b] = [pool.ask('a'), pool.ask('b')];
  pool.engine.release(b, 'reset', 999);
  pool.now = 999;
  pool.pass(1);
  expect(pool.asked()).toEqual(['reset 1']);
  // Both are due, and one at a time ends.
  pool.checked(1, true);
  expect(pool.asked()).toEqual([]);
  pool.engine.release(a, 'clean', 1_000);
  expect(pool.asked()).toEqual(['destroy 2 lifetime', 'create 3']);
  pool.now = 2_000;
  pool.engine.release(pool.ask('c'), 'clean', pool.now);
  expect(pool.asked()).toEqual(['destroy 1 lifetime', 'create 4']);
});

test('invalidate closes idle slots now and all others as soon as they are free', () => {
  const pool = new ScriptedPool().open(2);
  const a = pool.ask('a');
  pool.steer(3);
  pool.engine.invalidateAll(1);
  expect(pool.asked()).toEqual(['create 3', 'destroy 1 invalidated', 'create 4']);
  pool.created(3);
  pool.engine.release(a, 'clean', 2);
  const replaced = ['destroy 3 invalidated', 'create 5', 'destroy 2 invalidated', 'create 6'];
  expect(pool.asked()).toEqual(replaced);
});

test('a draining pool serves who waits, refuses who comes and closes the rest', () => {
  const pool = new ScriptedPool().open(1);
  const a = pool.ask('a');
  const b = pool.ask('b');
  pool.engine.close(1);
  expect(pool.ask('c').state).toBe('done');
  pool.engine.release(a, 'clean', 2);
  expect(pool.asked()).toEqual(['reject c closed', 'grant b 1']);
  pool.engine.release(b, 'clean', 3);
  expect(pool.asked()).toEqual(['destroy 1 closed']);
  pool.engine.destroyed(pool.slot(1), 4);
  expect([pool.engine.slots.size, pool.engine.slots.closing]).toEqual([0, 0]);
});

test('a draining pool opens a slot only for those who wait', () => {
  const pool = new ScriptedPool({ createConcurrency: 1 }).open(1);
  const a = pool.ask('a');
  pool.ask('b');
  pool.steer(9);
  pool.engine.close(1);
  pool.created(2);
  expect(pool.asked()).toEqual(['create 2', 'grant b 2']);
  pool.engine.release(a, 'clean', 2);
  expect(pool.asked()).toEqual(['destroy 1 closed']);
});

test('closing an idle pool closes every slot', () => {
  const pool = new ScriptedPool().open(2);
  pool.engine.close(1);
  expect(pool.asked()).toEqual(['destroy 1 closed', 'destroy 2 closed']);
});

test('terminate rejects who waits and closes lent slots too', () => {
  const pool = new ScriptedPool().open(1);
  const a = pool.ask('a');
  pool.ask('b', 100);
  pool.steer(2);
  pool.engine.terminate(1);
  expect(pool.asked()).toEqual([
    'create 2',
    'reject b closed',
    'destroy 1 closed',
    'destroy 2 closed',
  ]);
  expect(pool.engine.release(a, 'clean', 2)).toBe(true);
  expect(pool.asked()).toEqual([]);
  expect(pool.engine.wakeAt).toBe(Infinity);
});

test('slots that close beyond the allowance hold up new ones', () => {
  const pool = new ScriptedPool({ max: 2, closeAllowance: 1 }).open(2);
  pool.engine.invalidateAll(1);
  expect(pool.asked()).toEqual(['destroy 1 invalidated', 'destroy 2 invalidated', 'create 3']);
  pool.engine.destroyed(pool.slot(1), 2);
  expect(pool.asked()).toEqual(['create 4']);
});

test('a create given up before it began is never begun', () => {
  const pool = new ScriptedPool().open(1);
  pool.ask('a');
  pool.onCreate = () => pool.steer(2);
  pool.steer(3);
  expect(pool.asked()).toEqual(['create 2', 'destroy 3 surplus']);
});
