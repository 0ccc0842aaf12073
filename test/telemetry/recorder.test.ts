import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScaleDecision } from '../../src/control/decision.js';
import type { Policy } from '../../src/control/policy.js';
import { recordScaling } from '../../src/telemetry/recorder.js';
import { harness, settled } from '../support/pool-harness.js';

let folder = '';
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recording-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function newPath(): string {
  files += 1;
  return join(folder, `${files}.jsonl`);
}

interface Header {
  readonly columns: readonly string[];
  readonly [field: string]: unknown;
}

type Pairs = readonly (readonly [number, number])[];
type LoadLine = readonly ['l', number, Pairs, Pairs, Pairs, Pairs];

async function linesOf(path: string): Promise<{
  text: string;
  headers: Header[];
  decisions: unknown[][];
  loads: LoadLine[];
}> {
  const text = await readFile(path, 'utf8');
  const lines: unknown[] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return {
    text,
    headers: lines.filter((line) => !Array.isArray(line)) as Header[],
    decisions: lines.filter((line) => Array.isArray(line) && line[0] === 'd') as unknown[][],
    loads: lines.filter((line) => Array.isArray(line) && line[0] === 'l') as LoadLine[],
  };
}

const total = (pairs: Pairs): number => pairs.reduce((sum, [, count]) => sum + count, 0);

describe('a recording', () => {
  it('begins with a header that says what is needed to decide again, and no secret', async () => {
    const path = newPath();
    const { pool } = harness({
      name: 'sessions',
      maxLifetimeMs: Number.POSITIVE_INFINITY,
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    });
    Object.assign(pool, { password: 'hunter2' });
    await recordScaling(pool, path).stop();
    const { headers, text } = await linesOf(path);
    expect(headers).toHaveLength(1);
    expect(headers[0]).toMatchObject({
      recording: 'adaptive-pool',
      version: 1,
      node: process.version,
      pool: 'sessions',
      epochAtZero: 0,
      options: { ...pool.options, maxLifetimeMs: 'Infinity' },
      policy: { name: 'littles-law', state: JSON.parse(JSON.stringify(pool.policy.state)) },
    });
    expect(Object.keys(headers[0]?.['options'] ?? {}).toSorted()).toEqual(
      Object.keys(pool.options).toSorted(),
    );
    expect(text).not.toMatch(/hunter2|factory|logger/);
  });

  it('has a row for every decision, with the columns of the header', async () => {
    const path = newPath();
    const { clock, pool } = harness({ min: 1, max: 4 });
    const seen: ScaleDecision[] = [];
    pool.on('decision', (decision) => seen.push(decision));
    const recording = recordScaling(pool, path);
    await settled(pool.ready(), clock);
    const uses = Array.from({ length: 30 }, () => pool.use(() => clock.sleep(5)));
    await settled(Promise.all(uses), clock);
    await clock.advance(500);
    await recording.stop();
    const { headers, decisions } = await linesOf(path);
    const columns = headers[0]?.columns ?? [];
    expect(decisions).toHaveLength(seen.length);
    expect(seen.length).toBeGreaterThan(3);
    decisions.forEach((row, index) => {
      expect(row).toHaveLength(columns.length + 1);
      const value = (column: string): unknown => row[columns.indexOf(column) + 1];
      const decision = seen[index];
      for (const field of [
        'at',
        'seq',
        'cause',
        'from',
        'to',
        'min',
        'max',
        'permits',
        'reason',
      ] as const) {
        expect(value(field)).toEqual(decision?.[field]);
      }
      expect(value('candidates')).toEqual(decision?.candidates);
      for (const field of ['now', 'size', 'pending', 'inUseMs', 'peakDemand'] as const) {
        expect(value(`signals.${field}`)).toEqual(decision?.signals[field]);
      }
      const sparse = value('signals.arrivalsPerMs') as Pairs;
      const perMs = decision?.signals.arrivalsPerMs ?? [];
      expect(total(sparse)).toBe(perMs.reduce((sum, count) => sum + count, 0));
      for (const [age, count] of sparse) expect(perMs[perMs.length - 1 - age]).toBe(count);
    });
  });

  it('has every arrival, wait, use and create, those after the last decision included', async () => {
    const path = newPath();
    const { clock, pool } = harness({ min: 1, max: 4 });
    const recording = recordScaling(pool, path);
    const arrivals: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      for (let caller = 0; caller <= round % 5; caller += 1) {
        arrivals.push(Math.floor(clock.now()));
        void pool.use(() => clock.sleep(0.05 + round));
      }
      await clock.advance(30);
    }
    await clock.advance(203);
    arrivals.push(Math.floor(clock.now()));
    (await settled(pool.acquire(), clock)).release();
    const { created, released } = pool.stats;
    await recording.stop();
    const { loads } = await linesOf(path);
    const recorded = loads.flatMap(([, at, pairs]) =>
      pairs.flatMap(([offset, count]) => Array.from({ length: count }, () => at + offset)),
    );
    expect(recorded).toEqual(arrivals);
    expect(loads.reduce((sum, line) => sum + total(line[3]), 0)).toBe(arrivals.length);
    expect(loads.reduce((sum, line) => sum + total(line[4]), 0)).toBe(released);
    expect(loads.reduce((sum, line) => sum + total(line[5]), 0)).toBe(created);
    const useMs = loads
      .flatMap((line) => line[4])
      .reduce((sum, [us, n]) => sum + (us / 1_000) * n, 0);
    const trueMs = arrivals.length === 0 ? 0 : expectedUseMs();
    expect(Math.abs(useMs - trueMs) / trueMs).toBeLessThan(0.01);

    function expectedUseMs(): number {
      let sum = 0;
      for (let round = 0; round < 20; round += 1) sum += ((round % 5) + 1) * (0.05 + round);
      return sum;
    }
  });

  it('appends to what is there, with a header of its own', async () => {
    const path = newPath();
    const { pool } = harness();
    await recordScaling(pool, path).stop();
    await recordScaling(pool, path).stop();
    expect((await linesOf(path)).headers).toHaveLength(2);
  });

  it('stops listening, and may be stopped again', async () => {
    const { clock, pool } = harness({ min: 1 });
    const recording = recordScaling(pool, newPath());
    expect(pool.listenerCount('decision')).toBe(1);
    await recording.stop();
    await recording.stop();
    expect(pool.listenerCount('decision')).toBe(0);
    await settled(pool.ready(), clock);
  });

  it('that cannot be written is reported once and leaves the pool alone', async () => {
    const { clock, errors, pool } = harness({ min: 1 });
    const recording = recordScaling(pool, join(folder, 'missing', 'folder.jsonl'));
    await settled(pool.ready(), clock);
    await pool.use(() => 1);
    await recording.stop();
    await clock.advance(300);
    expect(errors).toMatchObject([
      { pool: 'p', operation: 'recording', error: { code: 'ENOENT' } },
    ]);
    expect(pool.stats).toMatchObject({ idle: 1, released: 1 });
    expect(pool.listenerCount('decision')).toBe(0);
  });

  it('that cannot be spelled as JSON is reported once', async () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const policy: Policy = {
      name: 'circular',
      init: () => circular,
      decide: (signals, state) => ({
        target: signals.target,
        permits: null,
        reason: 'custom',
        limitedBy: [],
        candidates: {},
        state,
        wakeInMs: null,
      }),
    };
    const { clock, errors, pool } = harness({ min: 1, policy });
    const recording = recordScaling(pool, newPath());
    await settled(pool.ready(), clock);
    await recording.stop();
    expect(errors).toMatchObject([{ operation: 'recording' }]);
  });
});
