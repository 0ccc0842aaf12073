import { expect, test } from 'vitest';
import { ScriptedPool } from '../support/scripted-pool.js';

test('the slot that came back last is lent first', () => {
  const pool = new ScriptedPool().open(3);
  const [a, b] = [pool.ask('a'), pool.ask('b')];
  expect([a.slot?.id, b.slot?.id]).toEqual([3, 2]);
  pool.engine.release(a, 'clean', 1);
  pool.engine.release(b, 'clean', 2);
  expect(pool.ask('c').slot?.id).toBe(2);
});

test('a request served at once is granted without a call of the host', () => {
  const pool = new ScriptedPool().open(1);
  expect(pool.ask('a').state).toBe('granted');
  expect(pool.asked()).toEqual([]);
});

test('a released slot goes to whoever has waited longest', () => {
  const pool = new ScriptedPool().open(1);
  const a = pool.ask('a');
  pool.ask('b');
  pool.ask('c');
  pool.engine.release(a, 'clean', 1);
  expect(pool.asked()).toEqual(['grant b 1']);
});

test('a late create serves the head of the queue, not the request that caused it', () => {
  const pool = new ScriptedPool().open(1);
  const a = pool.ask('a');
  pool.steer(2);
  pool.ask('b');
  pool.ask('c');
  pool.engine.release(a, 'clean', 1);
  pool.created(2);
  expect(pool.asked()).toEqual(['create 2', 'grant b 1', 'grant c 2']);
});

test('a create that nobody waits for any more goes to the pool', () => {
  const pool = new ScriptedPool();
  pool.steer(1);
  pool.engine.cancel(pool.ask('a'), 0);
  pool.created(1);
  expect(pool.asked()).toEqual(['create 1', 'reject a aborted']);
  expect(pool.engine.slots.idle).toBe(1);
});

test('a slot is checked before it is lent when it has been idle for long', () => {
  const pool = new ScriptedPool({ validateAfterIdleMs: 100 }).open(1);
  pool.now = 99;
  pool.engine.release(pool.ask('a'), 'clean', 99);
  pool.now = 199;
  expect(pool.ask('b').state).toBe('pending');
  expect(pool.asked()).toEqual(['validate 1']);
  pool.checked(1, true);
  expect(pool.asked()).toEqual(['grant b 1']);
});

test('a slot that fails its check closes and is replaced', () => {
  const pool = new ScriptedPool({ validateAfterIdleMs: 100 }).open(1);
  pool.now = 100;
  pool.ask('a');
  pool.checked(1, false);
  expect(pool.asked()).toEqual(['validate 1', 'destroy 1 invalid', 'create 2']);
});

test('one check is under way for each waiter', () => {
  const pool = new ScriptedPool({ validateAfterIdleMs: 100 }).open(4);
  pool.now = 100;
  pool.ask('a');
  pool.ask('b');
  expect(pool.asked()).toEqual(['validate 4', 'validate 3']);
});

test('a slot that becomes ready during a check serves the waiter, and the checked one stays idle', () => {
  const pool = new ScriptedPool({ validateAfterIdleMs: 100 }).open(2);
  pool.now = 50;
  const a = pool.ask('a');
  pool.now = 120;
  pool.ask('b');
  pool.engine.release(a, 'clean', 120);
  pool.checked(1, true);
  expect(pool.asked()).toEqual(['validate 1', 'grant b 2']);
  expect(pool.engine.slots.idle).toBe(1);
});

test('who cannot wait finds a stale slot checked the next time', () => {
  const pool = new ScriptedPool({ validateAfterIdleMs: 100 }).open(2);
  pool.now = 100;
  expect(pool.engine.tryRequest('a', 100)).toBeNull();
  expect(pool.engine.tryRequest('b', 100)).toBeNull();
  expect(pool.asked()).toEqual(['validate 2']);
  pool.checked(2, true);
  expect(pool.engine.tryRequest('c', 100)?.slot?.id).toBe(2);
});

test('after a death the idle slots are checked before they are lent', () => {
  const pool = new ScriptedPool().open(3);
  pool.now = 2_000;
  pool.engine.died(pool.slot(3), 2_000);
  pool.ask('a');
  expect(pool.asked()).toEqual(['destroy 3 died', 'create 4', 'validate 2']);
  pool.checked(2, true);
  expect(pool.asked()).toEqual(['grant a 2']);
});

test('the end of a slot that is closing makes no other suspect', () => {
  const pool = new ScriptedPool().open(2);
  pool.steer(1);
  pool.now = 10;
  pool.engine.died(pool.slot(1), 10);
  expect(pool.ask('a').state).toBe('granted');
});

test('a slot whose socket is shut is passed over, closed and replaced', () => {
  const pool = new ScriptedPool().open(2);
  pool.unusable.add(2);
  expect(pool.ask('a').slot?.id).toBe(1);
  expect(pool.asked()).toEqual(['destroy 2 invalid', 'create 3']);
});

test('a lease that needs a reset comes back when the reset has succeeded', () => {
  const pool = new ScriptedPool().open(1);
  const a = pool.ask('a');
  pool.ask('b');
  pool.engine.release(a, 'reset', 1);
  expect(pool.asked()).toEqual(['reset 1']);
  pool.checked(1, true);
  expect(pool.asked()).toEqual(['grant b 1']);
});

test('a broken lease closes its slot and another is opened', () => {
  const pool = new ScriptedPool().open(1);
  pool.engine.release(pool.ask('a'), 'broken', 1);
  expect(pool.asked()).toEqual(['destroy 1 broken', 'create 2']);
});

test('a lease ends once', () => {
  const pool = new ScriptedPool().open(1);
  const a = pool.ask('a');
  expect(pool.engine.release(a, 'clean', 1)).toBe(true);
  const b = pool.ask('b');
  expect(pool.engine.release(a, 'broken', 2)).toBe(false);
  expect(b.state).toBe('granted');
  expect(pool.asked()).toEqual([]);
});

test('no more slots are lent than there are permits', () => {
  const pool = new ScriptedPool().open(3);
  pool.steer(3, 2);
  const a = pool.ask('a');
  pool.ask('b');
  expect(pool.ask('c').state).toBe('pending');
  expect(pool.engine.tryRequest('d', 1)).toBeNull();
  pool.engine.release(a, 'clean', 1);
  expect(pool.asked()).toEqual(['grant c 3']);
  expect(pool.ask('e').state).toBe('pending');
  pool.steer(3, null);
  expect(pool.asked()).toEqual(['grant e 1']);
});

test('there is always a permit and always a slot for who waits', () => {
  const pool = new ScriptedPool();
  pool.steer(0, 0);
  pool.ask('a');
  pool.created(1);
  expect(pool.asked()).toEqual(['create 1', 'grant a 1']);
});

test('a slot that nobody asked for but who waited stays until the policy says something', () => {
  const pool = new ScriptedPool();
  pool.onCreate = (slot) => pool.created(slot.id);
  for (const name of ['a', 'b']) {
    const request = pool.ask(name);
    pool.engine.release(request, 'clean', pool.now);
  }
  expect(pool.asked()).toEqual(['create 1']);
  pool.steer(0);
  expect(pool.asked()).toEqual(['destroy 1 surplus']);
});

test('a host that answers at once is served in order', () => {
  const pool = new ScriptedPool();
  pool.onCreate = (slot) => pool.created(slot.id);
  pool.steer(2);
  const requests = [pool.ask('a'), pool.ask('b')];
  expect(requests.map(({ slot }) => slot?.id)).toEqual([2, 1]);
  expect(pool.engine.pending).toBe(0);
});

test('a slot that dies before its check began is closed without one', () => {
  const pool = new ScriptedPool({ validateAfterIdleMs: 100 }).open(2);
  pool.now = 2_000;
  pool.ask('a');
  pool.pressure = () => pool.engine.died(pool.slot(1), 2_000);
  pool.engine.armPressure(2);
  pool.ask('b');
  expect(pool.asked()).toEqual(['validate 2', 'destroy 1 died', 'create 3']);
});

test('a host that throws in the middle is told of, and everybody else gets what is owed', () => {
  const pool = new ScriptedPool().open(2);
  const held = [pool.ask('a'), pool.ask('b')];
  const waiting = [pool.ask('c'), pool.ask('d')];
  pool.asked();
  const told = pool.grant.bind(pool);
  pool.grant = (request) => {
    told(request);
    throw new Error('a host that fails');
  };
  for (const request of held) {
    expect(() => pool.engine.release(request, 'clean', 0)).toThrow('a host that fails');
  }
  expect(waiting.map(({ state }) => state)).toEqual(['granted', 'granted']);
  pool.grant = told;
  for (const request of waiting) pool.engine.release(request, 'clean', 0);
  expect(pool.engine.slots).toMatchObject({ idle: 2, inUse: 0 });
});
