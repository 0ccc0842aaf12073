import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ScaleDecision } from '../../src/control/decision.js';
import { policyNamed } from '../../src/policy-named.js';
import { recordScaling, type RecordOptions } from '../../src/telemetry/recorder.js';
import { loadRecording } from '../../sim/recording/recording.js';
import { readRecording } from '../../sim/recording/reader.js';
import type { RecordedDecision, RecordingEntry } from '../../sim/recording/entries.js';
import { harness, type Harness } from '../support/pool-harness.js';
import { randomFrom } from '../support/random.js';

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'adaptive-pool-recorder-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

interface Recorded extends Harness {
  readonly file: string;
  readonly decisions: ScaleDecision[];
  readonly stop: () => Promise<void>;
}

function recorded(
  options: Parameters<typeof harness>[0] = {},
  recordOptions: RecordOptions = {},
  file = join(directory(), 'pool.jsonl'),
): Recorded {
  const made = harness({ min: 1, max: 16, ...options }, { create: { slowMs: 7.3 } });
  const decisions: ScaleDecision[] = [];
  const recording = recordScaling(made.pool, file, recordOptions);
  made.pool.on('decision', (decision) => decisions.push(decision));
  return { ...made, file, decisions, stop: () => recording.stop() };
}

/** Callers at random instants for a while; each holds its connection for a few milliseconds. */
async function load(
  { pool, clock }: Harness,
  durationMs: number,
  seed = 1,
  perMs = 0.3,
): Promise<void> {
  const random = randomFrom(seed);
  for (let ms = 0; ms < durationMs; ms += 1) {
    for (let nth = random() < perMs ? 1 + Math.floor(3 * random()) : 0; nth > 0; nth -= 1) {
      const useMs = 20 * random() ** 2;
      void pool.use(() => clock.sleep(useMs)).catch(() => {});
    }
    await clock.advance(1);
  }
}

/** Time for the disk, which knows no virtual clock. */
function written(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
}

async function entriesOf(file: string): Promise<RecordingEntry[]> {
  const entries: RecordingEntry[] = [];
  for await (const entry of readRecording(file)) entries.push(entry);
  return entries;
}

function decisionsIn(entries: readonly RecordingEntry[]): RecordedDecision[] {
  return entries.flatMap((entry) => (entry.kind === 'decision' ? [entry.decision] : []));
}

describe('a recording', () => {
  it('gives back every decision and every signal to the last bit', async () => {
    const made = recorded();
    await load(made, 3_000);
    await made.stop();
    const read = decisionsIn(await entriesOf(made.file));
    expect(read.length).toBeGreaterThan(40);
    const bare = made.decisions.map(
      ({
        event: _1,
        pool: _2,
        policy: _3,
        direction: _4,
        message: _5,
        waitObjectiveMs: _6,
        mode: _7,
        ...rest
      }) => rest,
    );
    expect(read).toEqual(bare);
    expect((await loadRecording(made.file)).decisions).toEqual({
      identical: read.length,
      notReplayable: 0,
      difference: null,
    });
  });

  it('may begin at any moment, with arrivals just before it and none after', async () => {
    const made = harness({ min: 1, max: 16 }, { create: { slowMs: 7.3 } });
    await load(made, 333, 1, 2);
    const decisions: ScaleDecision[] = [];
    made.pool.on('decision', (decision) => decisions.push(decision));
    const file = join(directory(), 'pool.jsonl');
    const recording = recordScaling(made.pool, file);
    await made.clock.advance(250);
    await load(made, 1_000, 2);
    await recording.stop();
    const read = decisionsIn(await entriesOf(file));
    expect(read.map(({ signals }) => signals)).toEqual(decisions.map(({ signals }) => signals));
    const { decisions: again } = await loadRecording(file);
    expect(again).toMatchObject({ identical: decisions.length, difference: null });
  });

  it('counts every arrival, wait, use and create', async () => {
    const made = recorded({}, { requests: true });
    await load(made, 1_000);
    await made.clock.advance(1_000);
    await made.stop();
    const { run } = await loadRecording(made.file);
    const { acquired, released, created } = made.pool.stats;
    expect([run.arrivals, run.waits.count, run.useTimes.count, run.createTimes.count]).toEqual([
      acquired,
      acquired,
      released,
      created,
    ]);
    expect(run.rows.length).toBe(3 * released);
    expect(run.totals.meanMs).toBeCloseTo(run.waits.meanMs + run.useTimes.meanMs, 1);
  });

  it('goes on in a new file when it is full, and every file replays on its own', async () => {
    const made = recorded({ tickMs: 10 }, { maxBytes: 65_536, maxFiles: 3 });
    await load(made, 12_000, 1, 1.5);
    await made.stop();
    const folder = join(made.file, '..');
    const files = readdirSync(folder).toSorted();
    expect(files).toEqual(['pool.jsonl', 'pool.jsonl.1', 'pool.jsonl.2']);
    let newest = 0;
    for (const file of files.toReversed()) {
      const path = join(folder, file);
      expect(readFileSync(path).length).toBeLessThan(65_536 + 4_096);
      const { decisions, run } = await loadRecording(path);
      expect(decisions).toMatchObject({ notReplayable: 0, difference: null });
      expect(decisions.identical).toBeGreaterThan(0);
      expect(run.header?.continues).toBeGreaterThan(newest);
      newest = run.header?.continues ?? 0;
    }
    // One after the other they are the same run, whose memory at each header is checked.
    const joined = join(folder, 'joined.jsonl');
    const texts = files.toReversed().map((file) => readFileSync(join(folder, file), 'utf8'));
    writeFileSync(joined, texts.join(''));
    const { run, decisions } = await loadRecording(joined);
    expect(decisions.difference).toBeNull();
    expect([run.earlierRuns, run.decisions]).toEqual([0, decisions.identical]);
  });

  it('holds changed options, whoever hears of a decision first', async () => {
    const made = harness({ min: 1, max: 8 });
    let isChanged = false;
    made.pool.on('decision', ({ seq }) => {
      if (seq !== 5 || isChanged) return;
      isChanged = true;
      made.pool.reconfigure({ max: 12, waitObjectiveMs: 3 });
    });
    const file = join(directory(), 'pool.jsonl');
    const recording = recordScaling(made.pool, file);
    await load(made, 500);
    made.pool.reconfigure({ policy: { name: 'step', stepSize: 2 } });
    await load(made, 500);
    made.pool.reconfigure({ min: 2 });
    await load(made, 500);
    await recording.stop();
    const { decisions, run } = await loadRecording(file);
    expect(decisions).toMatchObject({ notReplayable: 0, difference: null });
    expect(run.changes).toBe(3);
    expect(run.settings).toMatchObject({ min: 2, max: 12, waitObjectiveMs: 3, policyName: 'step' });
  });

  it('appends to what is there, also after a line that was cut off', async () => {
    const first = recorded();
    await load(first, 300);
    await first.stop();
    const text = readFileSync(first.file, 'utf8');
    const complete = text.slice(0, -20).split('\n').slice(0, -1);
    writeFileSync(first.file, text.slice(0, -20));
    const second = recorded({}, {}, first.file);
    await load(second, 300);
    await second.stop();
    const { run, decisions } = await loadRecording(first.file);
    expect(run.earlierRuns).toBe(1);
    expect(decisions.difference).toBeNull();
    expect(decisions.identical).toBe(
      complete.filter((line) => line.startsWith('["d"')).length + second.decisions.length,
    );
  });

  it('keeps the options of a named policy that has an undefined `decide`', async () => {
    const policy = { name: 'step', holdMs: 5, decide: undefined } as const;
    const made = recorded({ policy });
    await load(made, 200);
    await made.stop();
    const { run, decisions } = await loadRecording(made.file);
    expect(run.settings?.policy).toEqual({ name: 'step', holdMs: 5 });
    expect(decisions.notReplayable).toBe(0);
  });

  it('names a policy of your own and shows nothing else of it', async () => {
    const policy = {
      name: 'mine',
      secret: 'hunter2',
      init: () => ({ seen: 0 }),
      decide: () => ({
        target: 3,
        permits: null,
        reason: 'custom' as const,
        note: 'because',
        limitedBy: [],
        candidates: {},
        state: { seen: Number.POSITIVE_INFINITY },
        wakeInMs: null,
      }),
    };
    const made = recorded({ policy });
    await load(made, 300);
    await made.stop();
    expect(readFileSync(made.file, 'utf8')).not.toContain('hunter2');
    const { decisions, run } = await loadRecording(made.file);
    expect(decisions).toEqual({ identical: 0, notReplayable: run.decisions, difference: null });
    expect(run.settings?.policyName).toBe('mine');
  });

  it('can be read when a named policy builds on one of your own', async () => {
    const own = { ...policyNamed('step'), name: 'mine' };
    const made = recorded({ policy: { name: 'gradient', over: own } });
    await load(made, 100);
    await made.stop();
    const { decisions, run } = await loadRecording(made.file);
    expect(decisions).toEqual({ identical: 0, notReplayable: run.decisions, difference: null });
    expect(run.settings?.policyName).toBe('gradient');
  });

  it('ends once with an error when it cannot be written, and the pool goes on', async () => {
    const made = recorded({}, {}, join(directory(), 'none', 'pool.jsonl'));
    await load(made, 100);
    await written();
    await load(made, 100);
    await made.stop();
    expect(made.errors).toMatchObject([{ operation: 'recording', error: { code: 'ENOENT' } }]);
    expect(made.pool.listenerCount('decision')).toBe(1);
    expect(made.pool.stats.acquired).toBeGreaterThan(0);
  });

  it('ends once with an error when the disk is full', async () => {
    const made = recorded({}, {}, '/dev/full');
    await load(made, 100);
    await written();
    await load(made, 100);
    await made.stop();
    expect(made.errors).toMatchObject([{ operation: 'recording', error: { code: 'ENOSPC' } }]);
  });

  it('ends with an error when the disk is full at the very end', async () => {
    const made = recorded({}, {}, '/dev/full');
    await made.stop();
    expect(made.errors).toMatchObject([{ operation: 'recording', error: { code: 'ENOSPC' } }]);
    await made.stop();
    expect(made.errors.length).toBe(1);
  });

  it('is for its owner only, every file of it', async () => {
    const made = recorded({ tickMs: 10 }, { maxBytes: 65_536, maxFiles: 2 });
    await load(made, 8_000, 1, 1.5);
    await made.stop();
    for (const file of [made.file, `${made.file}.1`]) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
  });

  it('says which version of the package made it', async () => {
    const made = recorded();
    await made.stop();
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect((await loadRecording(made.file)).run.header?.package).toBe(version);
  });

  it('ends with an error when the memory of a policy is not JSON', async () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const policy = { name: 'odd', init: () => circular, decide: () => ({}) as never };
    const made = recorded({ policy });
    await made.stop();
    expect(made.errors).toMatchObject([{ operation: 'recording' }]);
  });

  it('lists what is wrong with its options', () => {
    const { pool } = harness();
    const file = join(directory(), 'pool.jsonl');
    const options = { maxBytes: 1, maxFiles: 0, request: true } as RecordOptions;
    expect(() => recordScaling(pool, file, options)).toThrow(
      /maxBytes must be .*; maxFiles must be .*; request is not an option/,
    );
  });

  it('takes little room under steady load', async () => {
    const sizes: number[] = [];
    for (const perMs of [0.1, 1]) {
      const made = recorded({ max: 64 });
      // As long as those of a real clock.
      await made.clock.advance(1_234_567.123_457);
      await load(made, 3_000, 1, perMs);
      await written();
      const before = readFileSync(made.file).length;
      await load(made, 4_000, 2, perMs);
      await made.stop();
      sizes.push((readFileSync(made.file).length - before) * 900);
    }
    const [at200 = 0, at2000 = 0] = sizes.map((size) => size / 2 ** 20);
    console.log(
      `a recording takes ${at200.toFixed(1)} MiB per hour at 200 requests per second, ${at2000.toFixed(1)} MiB at 2,000`,
    );
    expect(at200).toBeLessThan(16);
    expect(at2000).toBeLessThan(80);
  }, 60_000);
});
