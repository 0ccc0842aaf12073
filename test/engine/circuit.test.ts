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

test('one create at a time finds out whether it works again, and its success lets callers wait again', () => {
  const pool = new ScriptedPool({ failFastAfter: 1 });
  pool.ask('a');
  pool.engine.createFailed(pool.slot(1), 'transient', 0);
  pool.ask('b');
  pool.asked();
  expect(pool.engine.wakeAt).toBe(50);
  pool.pass(50);
  expect(pool.asked()).toEqual(['create 2']);
  pool.ask('c');
  expect(pool.asked()).toEqual(['reject c unavailable']);
  pool.created(2);
  pool.ask('d');
  expect(pool.engine.gate.read(pool.now)).toMatchObject({ state: 'open', failuresInARow: 0 });
  expect(pool.asked().filter((line) => line.startsWith('reject'))).toEqual([]);
});

test('a pool that may be empty tries again only when somebody asks', () => {
  const pool = new ScriptedPool({ failFastAfter: 1 });
  pool.ask('a');
  pool.engine.createFailed(pool.slot(1), 'transient', 0);
  expect(pool.engine.wakeAt).toBe(Infinity);
  pool.pass(60_000);
  expect(pool.asked()).toEqual(['create 1', 'reject a unavailable']);
  pool.ask('b');
  expect(pool.asked()).toEqual(['reject b unavailable', 'create 2']);
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
