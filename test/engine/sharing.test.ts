import { expect, test } from 'vitest';
import { ScriptedSharing } from '../support/scripted-sharing.js';

test('shared leases are packed on one connection while there is room', () => {
  const it = new ScriptedSharing(2, { sharedPerConnection: 3 });
  for (const name of ['a', 'b', 'c']) it.share(name);
  expect(it.places()).toEqual({ a: 2, b: 2, c: 2 });
  expect(it.engine.slots).toMatchObject({ inUse: 1, idle: 1 });
  it.share('d');
  expect(it.places()).toEqual({ a: 2, b: 2, c: 2, d: 1 });
});

test('the next goes to the connection with the fewest leases among those that are shared', () => {
  const it = new ScriptedSharing(2, { sharedPerConnection: 3 });
  for (const name of ['a', 'b', 'c', 'd', 'e']) it.share(name);
  it.leave('a');
  it.leave('b');
  it.share('f');
  expect(it.places()).toEqual({ c: 2, d: 1, e: 1, f: 2 });
});

test('a connection goes back when the last has left it', () => {
  const it = new ScriptedSharing(1);
  it.share('a');
  it.share('b');
  it.leave('a');
  expect(it.engine.slots).toMatchObject({ inUse: 1, idle: 0 });
  it.leave('b');
  expect(it.engine.slots).toMatchObject({ inUse: 0, idle: 1 });
  expect(it.engine.totals).toMatchObject({ granted: 1, released: 1 });
});

test('who finds all places taken waits for one, and gets the first that is free', () => {
  const it = new ScriptedSharing(1, { sharedPerConnection: 2 });
  for (const name of ['a', 'b', 'c', 'd']) it.share(name);
  expect(it.sharing.pending).toBe(2);
  it.leave('a');
  it.leave('b');
  expect(it.places()).toEqual({ c: 1, d: 1 });
  expect(it.engine.totals.granted).toBe(1);
});

test('the engine is asked for as many connections as those who wait would fill', () => {
  const it = new ScriptedSharing(1, { sharedPerConnection: 2 });
  for (const name of ['a', 'b', 'c', 'd', 'e']) it.share(name);
  expect(it.engine.pending).toBe(2);
  it.leave('a');
  expect(it.engine.pending).toBe(1);
});

test('a connection that arrives takes those who wait, and the others go on waiting', () => {
  const it = new ScriptedSharing(0, { sharedPerConnection: 2 });
  for (const name of ['a', 'b', 'c']) it.share(name);
  it.open(1);
  expect(it.places()).toEqual({ a: 1, b: 1 });
  expect(it.sharing.pending).toBe(1);
});

test('an exclusive caller makes one of two shared connections run empty, and gets it', () => {
  const it = new ScriptedSharing(2, { sharedPerConnection: 2 });
  for (const name of ['a', 'b', 'c', 'd']) it.share(name);
  const exclusive = it.engine.request('exclusive', Infinity, it.now);
  it.leave('a');
  // A place is free, but not for sharing.
  it.share('e');
  expect(it.places()).toEqual({ b: 2, c: 1, d: 1 });
  it.leave('b');
  expect(exclusive.state).toBe('granted');
  it.leave('c');
  expect(it.places()).toEqual({ d: 1, e: 1 });
});

test('the last shared connection runs empty for an exclusive caller when the pool cannot grow', () => {
  const it = new ScriptedSharing(1, { sharedPerConnection: 2 });
  it.share('a');
  it.share('b');
  const exclusive = it.engine.request('exclusive', Infinity, it.now);
  it.leave('a');
  it.share('c');
  it.leave('b');
  expect(exclusive.state).toBe('granted');
  expect(it.sharing.pending).toBe(1);
  it.engine.release(exclusive, 'clean', it.now);
  expect(it.places()).toEqual({ c: 1 });
});

test('the last shared connection stays shared while another is being opened for the exclusive caller', () => {
  const it = new ScriptedSharing(1, { sharedPerConnection: 3 }, { max: 2 });
  it.share('a');
  it.share('b');
  it.engine.request('exclusive', Infinity, it.now);
  it.engine.steer(2, null, it.now);
  it.leave('a');
  it.share('c');
  expect(it.places()).toEqual({ b: 1, c: 1 });
});

test('a shared caller waits no longer than the exclusive ones before it', () => {
  const it = new ScriptedSharing(1);
  const first = it.engine.request('first', Infinity, it.now);
  const second = it.engine.request('second', Infinity, it.now);
  it.share('a');
  const third = it.engine.request('third', Infinity, it.now);
  it.engine.release(first, 'clean', it.now);
  it.engine.release(second, 'clean', it.now);
  expect(it.places()).toEqual({ a: 1 });
  it.leave('a');
  expect(third.state).toBe('granted');
});

test('with little left to do one of several connections is given back', () => {
  const it = new ScriptedSharing(2, { sharedPerConnection: 4 });
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) it.share(name);
  for (const name of ['a', 'b', 'c']) it.leave(name);
  expect(it.engine.slots.inUse).toBe(2);
  it.leave('d');
  it.share('g');
  it.leave('e');
  it.leave('f');
  expect(it.engine.slots.inUse).toBe(1);
});

test('a connection that died takes nobody on, and who is on it leaves it', () => {
  const it = new ScriptedSharing(2);
  it.share('a');
  it.engine.died(it.slot(2), it.now);
  it.share('b');
  expect(it.places()).toEqual({ a: 2, b: 1 });
  it.leave('a');
  expect(it.asked()).toContain('destroy 2 died');
});

test.each([
  ['was invalidated', 'invalidated', (it: ScriptedSharing) => it.engine.invalidateAll(it.now)],
  ['reached the end of its life', 'lifetime', (it: ScriptedSharing) => it.pass(1_000)],
] as const)('a busy shared connection that %s runs empty and closes', (_, reason, end) => {
  const it = new ScriptedSharing(1, {}, { maxLifetimeMs: 1_000 });
  it.share('a');
  end(it);
  it.share('b');
  expect(it.sharing.pending).toBe(1);
  it.leave('a');
  expect(it.asked()).toContain(`destroy 1 ${reason}`);
});

test('each piece of work counts for maxUses', () => {
  const it = new ScriptedSharing(1, {}, { maxUses: 3 });
  for (const name of ['a', 'b', 'c', 'd']) it.share(name);
  expect(it.places()).toEqual({ a: 1, b: 1, c: 1 });
  for (const name of ['a', 'b', 'c']) it.leave(name);
  expect(it.asked()).toContain('destroy 1 max-uses');
});

test('who waits is refused at the deadline, and the engine is asked for no connection any more', () => {
  const it = new ScriptedSharing(0);
  it.share('a', 50);
  expect(it.engine.pending).toBe(1);
  it.pass(50);
  expect(it.ended()).toEqual({ a: 'timeout' });
  expect(it.engine.pending).toBe(0);
});

test('who does not want to wait gets a place at once or none', () => {
  const it = new ScriptedSharing(1, { sharedPerConnection: 1 });
  it.share('a', 0);
  it.share('b', 0);
  expect(it.places()).toEqual({ a: 1 });
  expect(it.ended()).toEqual({ b: 'timeout' });
});

test('what the engine refuses is refused to those who share', () => {
  const closed = new ScriptedSharing(1, { sharedPerConnection: 1 });
  closed.share('a');
  closed.share('b');
  closed.engine.close(0);
  closed.share('c');
  expect(closed.ended()).toEqual({ c: 'closed' });
  closed.engine.terminate(0);
  expect(closed.ended()).toEqual({ b: 'closed', c: 'closed' });

  const broken = new ScriptedSharing(0);
  broken.share('a');
  broken.engine.createFailed(broken.slot(1), 'permanent', 0);
  broken.share('b');
  expect(broken.ended()).toEqual({ a: 'unavailable', b: 'unavailable' });

  const full = new ScriptedSharing(0, { maxPending: 1 });
  full.share('a');
  full.share('b');
  expect(full.ended()).toEqual({ b: 'queue-full' });
});

test('who waits while the pool closes in good order is served', () => {
  const it = new ScriptedSharing(1, { sharedPerConnection: 1 });
  it.share('a');
  it.share('b');
  it.engine.close(0);
  it.leave('a');
  expect(it.places()).toEqual({ b: 1 });
  it.leave('b');
  expect(it.asked()).toContain('destroy 1 closed');
});

test('a request that is cancelled leaves nothing behind', () => {
  const it = new ScriptedSharing(0);
  it.share('a');
  it.cancel('a');
  expect(it.ended()).toEqual({ a: 'aborted' });
  expect([it.sharing.pending, it.engine.pending]).toEqual([0, 0]);
});

test('who finds no place on a carrier that is used up soon gets an idle connection', () => {
  const it = new ScriptedSharing(2, {}, { maxUses: 3 });
  const one = it.engine.request('one', Infinity, 0);
  const two = it.engine.request('two', Infinity, 0);
  for (const name of ['a', 'b', 'c', 'd', 'e']) it.share(name);
  it.engine.release(one, 'clean', 0);
  it.engine.release(two, 'clean', 0);
  // One lease each was exclusive, so two more fit on each.
  expect(Object.keys(it.places())).toEqual(['a', 'b', 'c', 'd']);
});

test('a carrier that drains because there was little to do takes people on again before they have to wait', () => {
  const it = new ScriptedSharing(2, { sharedPerConnection: 4 });
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) it.share(name);
  for (const name of ['a', 'b', 'c', 'e']) it.leave(name);
  for (const name of ['g', 'h', 'i', 'j', 'k']) it.share(name);
  // Seven at work, eight places on two connections.
  expect(it.sharing.pending).toBe(0);
});

test('an urgent piece of work that joins patient ones in the queue goes before exclusive callers', () => {
  const it = new ScriptedSharing(1);
  const holder = it.engine.request('holder', Infinity, it.now);
  it.share('low', Infinity, -1);
  const normal = it.engine.request('normal', Infinity, it.now);
  it.share('high', Infinity, 1);
  expect(it.engine.pending).toBe(2);
  it.engine.release(holder, 'clean', it.now);
  expect(normal.state).toBe('pending');
  expect(it.places()).toHaveProperty('high');
});
