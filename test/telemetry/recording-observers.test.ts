import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadRecording } from '../../sim/recording/recording.js';
import type { AdaptivePoolOptions } from '../../src/options.js';
import type { Policy } from '../../src/control/policy.js';
import { recordScaling } from '../../src/telemetry/recorder.js';
import { harness, type Harness } from '../support/pool-harness.js';
import type { Stub } from '../support/stub-factory.js';

interface Recorded extends Harness {
  /** Ends the recording and decides again; gives the number of decisions and the text. */
  replay(): Promise<{ readonly decisions: number; readonly text: string }>;
}

function recorded(options: Partial<AdaptivePoolOptions<Stub>>): Recorded {
  const directory = mkdtempSync(join(tmpdir(), 'adaptive-pool-observers-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'pool.jsonl');
  const made = harness({ min: 2, max: 40, ...options }, { create: { slowMs: 30 } });
  const recording = recordScaling(made.pool, file);
  let decisions = 0;
  made.pool.on('decision', () => (decisions += 1));
  return {
    ...made,
    replay: async () => {
      await recording.stop();
      const replayed = await loadRecording(file);
      expect(replayed.decisions).toEqual({
        identical: decisions,
        notReplayable: 0,
        difference: null,
      });
      return { decisions, text: readFileSync(file, 'utf8') };
    },
  };
}

async function burst({ pool, clock }: Harness): Promise<void> {
  for (let caller = 0; caller < 15; caller += 1) {
    void pool.use(() => clock.sleep(80)).catch(() => {});
  }
  await clock.advance(1_000);
}

const MINE: Policy = {
  name: 'mine',
  init: () => null,
  decide: (signals) => ({
    target: signals.pending,
    permits: null,
    reason: 'custom',
    limitedBy: [],
    candidates: {},
    state: null,
    wakeInMs: null,
  }),
};

describe('a recording', () => {
  it('with announced load decides again as it did', async () => {
    const made = recorded({ createConcurrency: 4 });
    const { pool, clock } = made;
    pool.expect({ concurrency: 12, inMs: 900, forMs: 400 });
    const later = pool.expect({ ratePerSecond: 400, inMs: 2_000, forMs: 2_000 });
    await burst(made);
    await clock.advance(1_200);
    later.cancel();
    await burst(made);
    const { text } = await made.replay();
    expect(text).toContain('"concurrency":12');
    expect(text).toContain('"hint"');
  });

  it('of a pool that only observes is that of the constant which acts', async () => {
    const made = recorded({ mode: 'observe', shadow: [MINE] });
    await burst(made);
    made.pool.reconfigure({ min: 3 });
    await burst(made);
    made.pool.reconfigure({ mode: 'act' });
    await burst(made);
    made.pool.reconfigure({ policy: 'step' });
    await burst(made);
    made.pool.reconfigure({ mode: 'observe', policy: MINE });
    await burst(made);
    const { text, decisions } = await made.replay();
    expect(decisions).toBeGreaterThan(50);
    expect(text).toContain('"shadow":["mine"]');
    expect(text).toContain('"mode":"observe"');
  });

  it('that begins with what an earlier process learnt decides again as it did', async () => {
    const first = harness({ min: 2, max: 40 });
    await burst(first);
    const made = recorded({ initialState: first.pool.controllerState });
    await burst(made);
    await made.replay();
  });
});
