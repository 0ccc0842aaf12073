import { EventEmitter } from 'eventemitter3';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { Signals } from '../../src/control/signals.js';
import type { CreateErrorEvent, PoolEvents } from '../../src/events.js';
import type { LevelLogger } from '../../src/telemetry/logger.js';
import { logScaling } from '../../src/telemetry/scaling-log.js';
import { decisionOf, growing, verdict, type Given } from '../support/decisions.js';

interface Call {
  readonly level: string;
  readonly fields: object;
  readonly text: string;
}

function harness(isLevelEnabled?: (level: string) => boolean) {
  const calls: Call[] = [];
  const put = (level: string) => (fields: object, text: string) =>
    void calls.push({ level, fields, text });
  const levels = { debug: put('debug'), info: put('info'), warn: put('warn'), error: put('error') };
  const logger: LevelLogger = isLevelEnabled === undefined ? levels : { ...levels, isLevelEnabled };
  const source = new EventEmitter<PoolEvents>();
  const detach = logScaling(source, logger);
  const decide = (given: Given): void => {
    const decision = decisionOf(given);
    if (decision.direction !== 'hold') source.emit('scale', decision);
    source.emit('decision', decision);
  };
  const textsOf = (level: string): string[] =>
    calls.filter((call) => call.level === level).map((call) => call.text);
  return { calls, source, detach, decide, textsOf };
}

function failure(given: Partial<CreateErrorEvent> = {}): CreateErrorEvent {
  return {
    pool: 'sessions',
    id: 1,
    tookMs: 1,
    error: new Error('connect ECONNREFUSED 127.0.0.1:6379'),
    class: 'transient',
    failuresInARow: 1,
    retryInMs: 50,
    ...given,
  };
}

const late: Given = {
  from: 64,
  to: 64,
  reason: 'drain',
  limitedBy: ['max'],
  signals: { inUse: 64, pending: 90, oldestWaitMs: 50 },
};
const failing = (failuresInARow: number, reopensInMs = 200): Partial<Signals> => ({
  inUse: 0,
  gate: { state: 'backing-off', limit: 1, reopensInMs, failuresInARow },
});

describe('the scaling log', () => {
  test('logs a change once at info, with the decision without its message as fields', () => {
    const { calls, decide } = harness();
    decide({ ...growing, reason: 'drain', signals: { pending: 37 } });
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ level: 'info', fields: { event: 'pool.scale', to: 12 } });
    expect(calls[0]?.fields).not.toHaveProperty('message');
    expect(calls[0]?.text).toMatch(/^sessions grow 8→12/);
  });

  test('logs a hold at debug, unless the logger says that debug is off', () => {
    const all = harness();
    all.decide({});
    expect(all.calls.map((call) => call.level)).toEqual(['debug']);
    const some = harness((level) => level !== 'debug');
    some.decide({});
    expect(some.calls).toEqual([]);
  });

  test('warns once per episode at max, however often the trouble pauses', () => {
    const { decide, textsOf } = harness();
    // Ten minutes of trouble that pauses for 5 s in every 10 s.
    for (let at = 0; at < 600_000; at += 100)
      decide(at % 10_000 < 5_000 ? { ...late, at } : { at });
    expect(textsOf('warn')).toEqual([
      expect.stringMatching(/^at max and over the objective: sessions hold 64/),
    ]);
    // Quiet for 10 s ends the episode.
    decide({ ...late, at: 620_000 });
    expect(textsOf('warn')).toHaveLength(2);
  });

  test('does not warn at max while the objective is kept', () => {
    const { decide, textsOf } = harness();
    decide({ ...late, signals: { inUse: 64, pending: 90, oldestWaitMs: 4 } });
    // Nor while some of max are still connecting.
    decide({ ...late, signals: { inUse: 60, creating: 4, pending: 90, oldestWaitMs: 50 } });
    expect(textsOf('warn')).toEqual([]);
  });

  test('warns once when creates fail, with the cause, and not for every failure', () => {
    const { decide, source, textsOf } = harness();
    for (let i = 0; i < 1_000; i += 1) {
      source.emit('create-error', failure({ failuresInARow: i + 1 }));
      decide({ at: i * 200, min: 0, cause: 'create-failed', signals: failing(i + 1) });
    }
    expect(textsOf('warn')).toEqual([
      'sessions cannot open connections: 1 failed in a row (connect ECONNREFUSED 127.0.0.1:6379), next in 200 ms; 0 open',
    ]);
    expect(textsOf('error')).toEqual([]);
  });

  test('does not warn anew when failures and successes take turns', () => {
    const { decide, source, textsOf } = harness();
    for (let at = 0; at < 60_000; at += 100) {
      if (at % 1_000 === 0) source.emit('create-error', failure());
      decide({ at });
    }
    expect(textsOf('warn')).toHaveLength(1);
  });

  test('calls it an error once when min cannot be reached', () => {
    const { decide, source, textsOf } = harness();
    for (let i = 1; i <= 100; i += 1) {
      source.emit('create-error', failure({ failuresInARow: i }));
      decide({ at: i * 200, signals: failing(i) });
    }
    expect(textsOf('error')).toEqual([
      'sessions cannot reach min 2: 0 open; 3 failed in a row (connect ECONNREFUSED 127.0.0.1:6379), next in 200 ms',
    ]);
  });

  test('says why it counts a failure when no create failed', () => {
    const { decide, textsOf } = harness();
    decide({ min: 0, cause: 'health', signals: failing(1) });
    expect(textsOf('warn')).toEqual([
      'sessions cannot open connections: 1 failed in a row (a new connection died before it was used), next in 200 ms; 0 open',
    ]);
  });

  test('says once per episode that connections die, how many and of what', () => {
    const { decide, source, textsOf } = harness();
    const cause = new Error('read ECONNRESET');
    const died = { pool: 'sessions', id: 1, reason: 'died', cause } as const;
    const lose = (count: number, at: number): void => {
      for (let nth = 0; nth < count; nth += 1) {
        decide({ at, cause: 'health' });
        source.emit('destroy', died);
      }
      decide({ at, cause: 'created', signals: { size: 8, creating: 6 } });
    };
    source.emit('destroy', { ...died, reason: 'surplus' });
    decide({ at: 0 });
    expect(textsOf('info')).toEqual([]);
    source.emit('destroy', { pool: 'sessions', id: 2, reason: 'invalid' });
    lose(6, 100);
    for (let at = 5_000; at < 30_000; at += 5_000) lose(1, at);
    expect(textsOf('info')).toEqual(['sessions lost 7 connections (read ECONNRESET); 2 open']);
    lose(1, 50_000);
    expect(textsOf('info')[1]).toBe('sessions lost a connection (read ECONNRESET); 2 open');
  });

  test('does not wait for more failures when one is permanent', () => {
    const { decide, source, textsOf } = harness();
    source.emit('create-error', failure({ class: 'permanent', error: new Error('WRONGPASS') }));
    decide({ signals: failing(1, 0) });
    expect(textsOf('error')).toEqual([
      'sessions cannot reach min 2: 0 open; 1 failed in a row (WRONGPASS)',
    ]);
  });

  test('says once when connections open again', () => {
    const { decide, source, textsOf } = harness();
    const failing = { state: 'backing-off', limit: 0, reopensInMs: 50, failuresInARow: 1 } as const;
    const open = { state: 'open', limit: 8, reopensInMs: 0, failuresInARow: 0 } as const;
    source.emit('create-error', failure());
    decide({ at: 0, min: 2, signals: { gate: failing } });
    decide({ at: 100, min: 2, signals: { gate: open, size: 2, creating: 1 } });
    expect(textsOf('info')).toEqual([]);
    for (const at of [200, 300])
      decide({ at, min: 2, signals: { gate: open, size: 2, creating: 0 } });
    expect(textsOf('info')).toEqual(['sessions opens connections again: 2 open']);
  });

  test('warns once when the backend is found to be the bottleneck', () => {
    const { decide, textsOf } = harness();
    for (let at = 0; at < 5_000; at += 100) decide({ at, verdict });
    expect(textsOf('warn')).toHaveLength(1);
  });

  test('does not warn anew of a bottleneck while its cap lasts', () => {
    const { decide, textsOf } = harness();
    const limitedBy = ['backend-saturated'] as const;
    for (let at = 0; at < 120_000; at += 100) {
      decide({ at, limitedBy, ...(at % 30_000 === 0 ? { verdict } : undefined) });
    }
    expect(textsOf('warn')).toHaveLength(1);
    // Without a cap for 10 s the next one is news.
    decide({ at: 130_000, limitedBy, verdict });
    expect(textsOf('warn')).toHaveLength(2);
  });

  test('says at info what a policy that only observes would do, under its name', () => {
    const { calls, source } = harness();
    const observing = { event: 'pool.shadow', mode: 'observe', policy: 'step' } as const;
    source.emit('shadow', decisionOf({ ...observing, ...growing }));
    source.emit('shadow', decisionOf({ ...observing, direction: 'shrink', from: 12, to: 8 }));
    source.emit('shadow', decisionOf({ ...observing, from: 8, to: 8 }));
    expect(calls).toMatchObject([
      { level: 'info', fields: { event: 'pool.shadow', mode: 'observe', policy: 'step', to: 12 } },
      { level: 'info' },
      { level: 'debug' },
    ]);
    expect(calls.map(({ text }) => text.split(':')[0])).toEqual([
      'sessions (step) would grow 8→12 (max 64)',
      'sessions (step) would shrink 12→8 (min 2)',
      'sessions (step) would hold 8 (min 2, max 64)',
    ]);
  });

  test('warns of a policy that only observes and fails, and of a state that was refused', () => {
    const { calls, source } = harness();
    const failed = { pool: 'sessions', operation: 'shadow', error: new Error('no') } as const;
    for (const policy of ['step', 'step', 'mine']) source.emit('error', { ...failed, policy });
    source.emit('error', { pool: 'sessions', operation: 'state', error: new Error('version 2') });
    expect(calls).toMatchObject([
      { level: 'warn', text: 'sessions: shadow step failed: no', fields: { policy: 'step' } },
      { level: 'warn', text: 'sessions: shadow mine failed: no' },
      { level: 'warn', text: 'version 2; the policy begins with nothing learnt' },
    ]);
  });

  test('logs a failed policy as an error, and any other background error as a warning once', () => {
    const { calls, source } = harness();
    source.emit('error', { pool: 'sessions', operation: 'policy', error: new Error('no') });
    for (let time = 0; time < 3; time += 1) {
      source.emit('error', { pool: 'sessions', operation: 'destroy', error: new Error('no') });
    }
    expect(calls).toMatchObject([
      { level: 'error', text: 'sessions keeps its target, the policy failed: no' },
      { level: 'warn', text: 'sessions: destroy failed: no' },
    ]);
  });

  test('fits pino, fields first', () => {
    const lines: string[] = [];
    const logger = pino({ level: 'debug' }, { write: (line) => void lines.push(line) });
    const source = new EventEmitter<PoolEvents>();
    logScaling(source, logger);
    source.emit('scale', decisionOf({ ...growing }));
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 30,
      event: 'pool.scale',
      pool: 'sessions',
      direction: 'grow',
      msg: expect.stringContaining('sessions grow'),
    });
  });

  test('is silent after it was detached and leaves no listener behind', () => {
    const { calls, decide, detach, source } = harness();
    detach();
    decide({ ...growing });
    source.emit('create-error', failure());
    expect(calls).toEqual([]);
    expect(source.eventNames()).toEqual([]);
  });
});
