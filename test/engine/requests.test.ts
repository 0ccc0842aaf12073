import { expect, test } from 'vitest';
import { PLAIN } from '../../src/engine/config.js';
import { ScriptedPool } from '../support/scripted-pool.js';

test('a request is rejected at its deadline and not before', () => {
  const pool = new ScriptedPool();
  const a = pool.ask('a', 50);
  expect(pool.engine.wakeAt).toBe(50);
  pool.pass(49.9);
  expect(a.state).toBe('pending');
  pool.pass(0.1);
  expect(a.state).toBe('done');
  expect(pool.asked()).toEqual(['create 1', 'reject a timeout', 'destroy 1 surplus']);
});

test('a deadline of now gets an idle slot or nothing', () => {
  const pool = new ScriptedPool().open(1);
  expect(pool.ask('a', 0).state).toBe('granted');
  expect(pool.ask('b', 0).state).toBe('done');
  expect(pool.asked()).toEqual(['reject b timeout']);
});

test('a request beyond the queue is rejected and leaves the others alone', () => {
  const pool = new ScriptedPool({ maxPending: 2 });
  pool.steer(1);
  const states = ['a', 'b', 'c'].map((name) => pool.ask(name).state);
  expect(states).toEqual(['pending', 'pending', 'done']);
  pool.created(1);
  expect(pool.asked()).toEqual(['create 1', 'reject c queue-full', 'grant a 1']);
  expect(pool.engine.totals.rejected).toBe(1);
});

test('with no queue allowed a request is granted at once or rejected', () => {
  const pool = new ScriptedPool({ maxPending: 0 }).open(1);
  expect(pool.ask('a').state).toBe('granted');
  expect(pool.ask('b').state).toBe('done');
});

test('an aborted request leaves the queue in order', () => {
  const pool = new ScriptedPool().open(1);
  const a = pool.ask('a');
  pool.ask('b');
  const c = pool.ask('c');
  pool.ask('d');
  pool.engine.cancel(c, 1);
  pool.engine.cancel(c, 1);
  pool.engine.cancel(a, 1);
  pool.engine.release(a, 'clean', 2);
  expect(pool.asked()).toEqual(['reject c aborted', 'grant b 1']);
  expect(pool.engine.totals.aborted).toBe(1);
});

test('pressure is reported once when enough wait, and again only when armed again', () => {
  const pool = new ScriptedPool({ maxPending: 4 });
  pool.ask('a');
  pool.engine.armPressure(3);
  pool.ask('b');
  expect(pool.asked()).toEqual(['create 1']);
  pool.ask('c');
  pool.ask('d');
  expect(pool.asked()).toEqual(['pressure']);
  pool.engine.armPressure(1);
  pool.ask('e');
  expect(pool.asked()).toEqual(['reject e queue-full']);
});

test('a request served at once is no pressure', () => {
  const pool = new ScriptedPool().open(1);
  pool.engine.armPressure(1);
  pool.ask('a');
  expect(pool.asked()).toEqual([]);
  pool.ask('b');
  expect(pool.asked()).toEqual(['pressure']);
});

test('the target never exceeds the maximum, also when the maximum falls', () => {
  const pool = new ScriptedPool({ max: 3 }).open(9);
  expect([pool.engine.target, pool.engine.slots.size]).toEqual([3, 3]);
  pool.engine.configure({ ...PLAIN, max: 1, maxPending: 9, createConcurrency: 1 }, 1);
  expect(pool.engine.target).toBe(1);
  expect(pool.asked()).toEqual(['destroy 1 surplus', 'destroy 2 surplus']);
});

test('the integrals count each connection and each waiter for its time', () => {
  const pool = new ScriptedPool().open(1);
  const a = pool.ask('a');
  pool.now = 10;
  pool.ask('b');
  pool.now = 30;
  pool.engine.release(a, 'clean', 30);
  pool.engine.sync(100);
  expect(pool.engine.totals).toMatchObject({ inUseMs: 100, pendingMs: 20, sizeMs: 100 });
});

test('the lowest idle level counts slots that closed', () => {
  const pool = new ScriptedPool().open(3);
  pool.engine.totals.resetExtremes(pool.engine.slots, pool.engine.pending);
  pool.steer(1);
  pool.open(3);
  expect(pool.engine.totals.lowestIdle).toBe(1);
});
