import { expect, test } from 'vitest';
import { CreateGate } from '../../src/engine/create-gate.js';
import type { CreateFailureKind } from '../../src/engine/ports.js';
import { ScriptedPool } from '../support/scripted-pool.js';

test('creates in flight stay below the ceiling', () => {
  const pool = new ScriptedPool({ createConcurrency: 2 });
  pool.steer(3);
  expect(pool.asked()).toEqual(['create 1', 'create 2']);
  pool.created(1);
  expect(pool.asked()).toEqual(['create 3']);
});

test('after a failure there is a pause, then one create at a time until one succeeds', () => {
  const pool = new ScriptedPool({ createConcurrency: 2 });
  pool.steer(4);
  pool.engine.createFailed(pool.slot(1), 'transient', 0);
  pool.engine.createFailed(pool.slot(2), 'transient', 0);
  expect(pool.engine.gate.read(0)).toMatchObject({ state: 'backing-off', limit: 0 });
  expect(pool.engine.wakeAt).toBe(50);
  pool.pass(49);
  expect(pool.asked()).toEqual(['create 1', 'create 2']);
  pool.pass(1);
  expect(pool.engine.gate.read(50)).toMatchObject({ state: 'half-open', limit: 1 });
  expect(pool.asked()).toEqual(['create 3']);
  expect(pool.engine.wakeAt).toBe(Infinity);
  pool.created(3);
  expect(pool.asked()).toEqual(['create 4', 'create 5']);
  expect(pool.engine.gate.read(50)).toMatchObject({ state: 'open', limit: 2, failuresInARow: 0 });
});

test('the pause doubles with each failure in a row up to a second, or five where a retry helps little', () => {
  const pausesAfter = (kind: CreateFailureKind): number[] => {
    const gate = new CreateGate(4, () => 1);
    const pauses = [];
    for (let now = 0; pauses.length < 7; now = gate.reopensAt) {
      gate.failed(kind, now, now);
      pauses.push(gate.reopensAt - now);
    }
    return pauses;
  };
  expect(pausesAfter('transient')).toEqual([50, 100, 200, 400, 800, 1_000, 1_000]);
  expect(pausesAfter('permanent')).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000]);
});

test('a refusal that a retry will not cure starts with a pause of a second', () => {
  for (const kind of ['permanent', 'server-limit'] as const) {
    const gate = new CreateGate(4, () => 1);
    gate.failed(kind, 0, 0);
    expect(gate.read(0)).toMatchObject({ reopensInMs: 1_000, failuresInARow: 1 });
  }
});

test('chance shortens the pause by up to a half', () => {
  const gate = new CreateGate(4, () => 0);
  gate.failed('timeout', 0, 0);
  expect(gate.reopensAt).toBe(25);
});

test('creates that were under way at a failure and fail too are the same failure', () => {
  const gate = new CreateGate(8, () => 1);
  gate.failed('transient', 0, 10);
  gate.failed('transient', 5, 12);
  gate.failed('transient', 10, 14);
  expect(gate.read(14)).toMatchObject({ failuresInARow: 1, reopensInMs: 46 });
});

test('a failure halves the creates in flight and each clean round adds one', () => {
  const gate = new CreateGate(8, () => 1);
  gate.failed('transient', 0, 0);
  gate.succeeded(10);
  expect(gate.limitAt(100)).toBe(4);
  for (let index = 0; index < 3; index += 1) gate.succeeded(10);
  expect(gate.limitAt(100)).toBe(5);
  for (let index = 0; index < 100; index += 1) gate.succeeded(10);
  expect(gate.limitAt(100)).toBe(8);
});

test('creates that become twice as slow as usual halve the creates in flight', () => {
  const gate = new CreateGate(4, () => 1);
  for (let index = 0; index < 40; index += 1) gate.succeeded(10);
  for (let index = 0; index < 4; index += 1) gate.succeeded(100);
  expect(gate.limitAt(0)).toBe(2);
});

test('a new ceiling lowers what the gate has learnt and does not raise it', () => {
  const gate = new CreateGate(8, () => 1);
  gate.setCeiling(16);
  expect(gate.limitAt(0)).toBe(16);
  gate.failed('transient', 0, 0);
  gate.succeeded(10);
  gate.setCeiling(32);
  expect(gate.limitAt(100)).toBe(8);
  gate.setCeiling(2);
  expect(gate.limitAt(100)).toBe(2);
});

test('a connection that dies unused right after it was opened is replaced after a pause, as a failed create is', () => {
  const pool = new ScriptedPool().open(1);
  pool.now = 10;
  pool.engine.died(pool.slot(1), 10);
  expect(pool.asked()).toEqual(['destroy 1 died']);
  pool.engine.destroyed(pool.slot(1), 10);
  expect(pool.asked()).toEqual([]);
  pool.now = pool.engine.wakeAt;
  expect(pool.now).toBeGreaterThan(10);
  pool.engine.advance(pool.now);
  expect(pool.asked()).toEqual(['create 2']);
});

test('a failure after a success at the same instant is a new one, so a host that answers at once cannot spin', () => {
  const gate = new CreateGate(4, () => 1);
  gate.failed('transient', 0, 10);
  gate.succeeded(10);
  gate.failed('transient', 10, 10);
  expect(gate.read(10)).toMatchObject({ state: 'backing-off', limit: 0, failuresInARow: 1 });
});

test('connections that die together are rebuilt eight at a time, then twice as many after each clean round', () => {
  const gate = new CreateGate(64, () => 1);
  const death = { openedAt: 0, readyAt: 0, uses: 5 };
  gate.died(death, 60_000);
  expect(gate.limitAt(60_000)).toBe(64);
  for (let index = 0; index < 40; index += 1) gate.died(death, 60_010);
  const limits = [];
  for (let round = 0; round < 5; round += 1) {
    const limit = gate.limitAt(60_100);
    limits.push(limit);
    for (let index = 0; index < limit; index += 1) gate.succeeded(1);
  }
  expect(limits).toEqual([8, 16, 32, 64, 64]);
});

test('a connection that dies alone changes nothing', () => {
  const gate = new CreateGate(64, () => 1);
  for (let now = 10_000; now < 100_000; now += 1_000) {
    gate.died({ openedAt: 0, readyAt: 0, uses: 0 }, now);
  }
  expect(gate.read(100_000)).toMatchObject({ state: 'open', limit: 64 });
});
