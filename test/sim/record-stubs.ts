import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { AdaptivePool, recordScaling } from '../../src/index.js';
import { VirtualClock } from '../../src/testing/index.js';
import { randomFrom } from '../support/random.js';
import { StubFactory } from '../support/stub-factory.js';

/** Records a pool of stubs under two seconds of Poisson load and returns the path of the recording in `folder`. */
export async function recordStubs(folder: string): Promise<string> {
  const file = join(folder, 'recording.jsonl');
  rmSync(file, { force: true });
  const clock = new VirtualClock(1_700_000_000_000);
  const factory = new StubFactory(clock, { create: { slowMs: 12 } });
  const pool = new AdaptivePool({
    name: 'web',
    factory,
    min: 2,
    max: 8,
    waitObjectiveMs: 10,
    clock,
  });
  const recorder = recordScaling(pool, file);
  const random = randomFrom(7);
  for (let at = 50; at < 2_000; at += -2.5 * Math.log(1 - random())) {
    await clock.advance(at - clock.now());
    const useMs = -10 * Math.log(1 - random());
    void pool.use(() => clock.sleep(useMs)).catch(() => {});
  }
  await clock.advance(200);
  await recorder.stop();
  void pool.close({ deadlineMs: 0 });
  await clock.advance(10_000);
  return file;
}
