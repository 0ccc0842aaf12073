import { expect, test } from 'vitest';
import { PLAIN } from '../../src/engine/config.js';
import { ScriptedPool } from '../support/scripted-pool.js';

function overloaded(overload: Partial<typeof PLAIN.overload>, count = 1): ScriptedPool {
  return new ScriptedPool({ overload: { ...PLAIN.overload, ...overload } }).open(count);
}

test('a request of a higher rank is served first, and within a rank who came first', () => {
  const pool = new ScriptedPool().open(1);
  let held = pool.ask('holder');
  for (const name of ['low 1', 'low 2']) pool.ask(name, Infinity, -1);
  for (const name of ['usual 1', 'usual 2']) pool.ask(name);
  for (const name of ['high 1', 'high 2']) pool.ask(name, Infinity, 1);
  pool.asked();
  const served = [];
  for (let turn = 0; turn < 6; turn += 1) {
    const slot = pool.slot(1);
    pool.engine.release(held, 'clean', pool.now);
    const [line = ''] = pool.asked();
    served.push(line.slice('grant '.length, -2));
    held = pool.granted;
    expect(held.slot).toBe(slot);
  }
  expect(served).toEqual(['high 1', 'high 2', 'usual 1', 'usual 2', 'low 1', 'low 2']);
});

test('who has waited a second longer for each step of rank goes first all the same', () => {
  const pool = new ScriptedPool().open(1);
  const held = pool.ask('holder');
  pool.ask('low', Infinity, -1);
  pool.now = 1_001;
  pool.ask('usual');
  pool.asked();
  pool.engine.release(held, 'clean', pool.now);
  expect(pool.asked()).toEqual(['grant low 1']);
});

test('the oldest waiter is the one who came first, whatever the ranks', () => {
  const pool = new ScriptedPool();
  pool.ask('low', Infinity, -1);
  pool.now = 5;
  pool.ask('high', Infinity, 1);
  expect(pool.engine.oldestWaiter?.context).toBe('low');
});

test('once a queue stands for codelIntervalMs, those who come wait codelTargetMs at most', () => {
  const pool = overloaded({ codelTargetMs: 5, codelIntervalMs: 100 });
  pool.ask('holder');
  pool.ask('early', 1_000);
  pool.now = 100;
  pool.ask('late', 1_000);
  pool.ask('impatient', 3);
  pool.asked();
  pool.pass(5);
  expect(pool.asked()).toEqual(['reject impatient timeout', 'reject late overload']);
  pool.pass(895);
  expect(pool.asked()).toEqual(['reject early timeout']);
});

test('a queue that ran empty stands no more', () => {
  const pool = overloaded({ codelTargetMs: 5, codelIntervalMs: 100 });
  const held = pool.ask('holder');
  pool.ask('first', 1_000);
  pool.now = 99;
  pool.engine.release(held, 'clean', 99);
  pool.now = 150;
  expect(pool.ask('second', 1_000).deadline).toBe(1_150);
});

test('the newest is served first while a queue stands, and the oldest before that', () => {
  const pool = overloaded({ newestFirst: true, codelIntervalMs: 100 });
  const held = pool.ask('holder');
  for (const name of ['a', 'b', 'c']) pool.ask(name);
  pool.asked();
  pool.engine.release(held, 'clean', 50);
  expect(pool.asked()).toEqual(['grant a 1']);
  pool.now = 100;
  pool.engine.release(pool.granted, 'clean', 100);
  expect(pool.asked()).toEqual(['grant c 1']);
});

test('who cannot be served in time by the pace of the queue is refused at once', () => {
  const pool = overloaded({ rejectLate: true });
  let held = pool.ask('holder');
  for (let index = 0; index < 12; index += 1) pool.ask(`waiter ${index}`);
  for (let turn = 1; turn <= 5; turn += 1) {
    pool.now = turn * 10;
    pool.engine.release(held, 'clean', pool.now);
    held = pool.granted;
  }
  pool.asked();
  // Seven wait and one is served every 10 ms, so an eighth would wait some 80 ms.
  expect(pool.ask('impatient', 79).state).toBe('done');
  expect(pool.asked()).toEqual(['reject impatient overload']);
  expect(pool.ask('patient', 81).state).toBe('pending');
});

test('before anything is known about the pace nobody is refused', () => {
  const pool = overloaded({ rejectLate: true });
  pool.ask('holder');
  pool.ask('a', 1);
  expect(pool.ask('b', 1).state).toBe('pending');
});

test('of many timeouts at one instant a thousand are done at a time, and the rest is due at once', () => {
  const pool = new ScriptedPool();
  for (let index = 0; index < 2_500; index += 1) pool.ask(`${index}`, 100);
  pool.asked();
  pool.pass(100);
  expect(pool.engine.pending).toBe(1_500);
  expect(pool.engine.wakeAt).toBe(100);
  pool.pass(0);
  pool.pass(0);
  expect(pool.engine.pending).toBe(0);
  const rejected = pool.asked().filter((line) => line.startsWith('reject'));
  expect(rejected.map((line) => Number(line.split(' ')[1]))).toEqual(
    Array.from({ length: 2_500 }, (_, index) => index),
  );
});
