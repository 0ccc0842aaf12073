import { expect, test } from 'vitest';
import { ScriptedPool } from '../support/scripted-pool.js';

test('after failFastAfter failures in a row callers are refused at once, those who wait and those who come', () => {
  const pool = new ScriptedPool({ failFastAfter: 2 });
  pool.ask('a');
  pool.ask('b');
  pool.engine.createFailed(pool.slot(1), 'transient', 0);
  expect(pool.asked()).toEqual(['create 1']);
  pool.pass(50);
  pool.engine.createFailed(pool.slot(2), 'transient', 50);
  expect(pool.asked()).toEqual(['create 2', 'reject a unavailable', 'reject b unavailable']);
  expect(pool.ask('c').state).toBe('done');
  expect(pool.asked()).toEqual(['reject c unavailable']);
});

test('after a pause one caller may wait while a create finds out whether it works again', () => {
  const pool = new ScriptedPool({ failFastAfter: 1 });
  pool.ask('a');
  pool.engine.createFailed(pool.slot(1), 'transient', 0);
  pool.pass(49);
  pool.ask('b');
  expect(pool.asked()).toEqual(['create 1', 'reject a unavailable', 'reject b unavailable']);
  pool.pass(1);
  const first = pool.ask('c');
  pool.ask('d');
  expect(pool.asked()).toEqual(['create 2', 'reject d unavailable']);
  expect(first.state).toBe('pending');
  pool.created(2);
  expect(first.state).toBe('granted');
  expect(pool.engine.gate.read(pool.now)).toMatchObject({ state: 'open', failuresInARow: 0 });
});

test('the one who waited is refused with the others when it still does not work', () => {
  const pool = new ScriptedPool({ failFastAfter: 1 });
  pool.ask('a');
  pool.engine.createFailed(pool.slot(1), 'transient', 0);
  pool.pass(50);
  pool.ask('b');
  pool.asked();
  pool.engine.createFailed(pool.slot(2), 'transient', 50);
  expect(pool.asked()).toEqual(['reject b unavailable']);
});

test('a pool that should have connections finds out by itself', () => {
  const pool = new ScriptedPool({ failFastAfter: 1 });
  pool.steer(2);
  for (const id of [1, 2]) pool.engine.createFailed(pool.slot(id), 'transient', 0);
  pool.asked();
  pool.pass(50);
  expect(pool.asked()).toEqual(['create 3']);
  pool.ask('a');
  expect(pool.asked()).toEqual(['reject a unavailable']);
  pool.created(3);
  expect(pool.ask('b').state).toBe('granted');
});

test('while a connection is open callers wait for it, however many creates fail', () => {
  const pool = new ScriptedPool({ failFastAfter: 1 }).open(1);
  const held = pool.ask('a');
  pool.steer(2);
  pool.asked();
  const waiting = pool.ask('b');
  pool.engine.createFailed(pool.slot(2), 'permanent', 0);
  expect(waiting.state).toBe('pending');
  pool.engine.release(held, 'clean', 0);
  expect(waiting.state).toBe('granted');
});

test('a failure that no retry cures refuses callers without being asked to', () => {
  const pool = new ScriptedPool();
  pool.ask('a');
  pool.engine.createFailed(pool.slot(1), 'permanent', 0);
  expect(pool.asked()).toEqual(['create 1', 'reject a unavailable']);
});

test('failures that a retry may cure let callers wait for their deadline', () => {
  const pool = new ScriptedPool();
  const request = pool.ask('a', 10_000);
  for (let failures = 1; failures <= 6; failures += 1) {
    pool.engine.createFailed(pool.slot(failures), 'transient', pool.now);
    pool.pass(pool.engine.wakeAt - pool.now);
  }
  expect(request.state).toBe('pending');
});
