import { AdaptivePool, recordScaling } from '../../src/index.js';
import { VirtualClock } from '../../src/testing/index.js';
import { randomFrom } from './random.js';
import { StubFactory } from './stub-factory.js';

/** From when on how many callers come per second. */
const RATES: readonly (readonly [fromMs: number, perSecond: number])[] = [
  [0, 150],
  [10_000, 900],
  [20_000, 300],
];

/** Records the same half a minute of load every time, as the guides show it. */
export async function recordSessions(file: string): Promise<void> {
  const clock = new VirtualClock(1_790_000_000_000);
  const factory = new StubFactory(clock, { create: { slowMs: 12 } });
  const pool = new AdaptivePool({ name: 'sessions', factory, min: 2, max: 12, clock });
  const recording = recordScaling(pool, file);
  void pool.ready();
  await clock.advance(100);
  const random = randomFrom(11);
  let at = 100;
  while (at < 30_000) {
    await clock.advance(at - clock.now());
    const useMs = -10 * Math.log(1 - random());
    void pool.use(() => clock.sleep(useMs)).catch(() => {});
    const perSecond = RATES.findLast(([fromMs]) => fromMs <= at)?.[1] ?? 1;
    at += (-1_000 / perSecond) * Math.log(1 - random());
  }
  await clock.advance(200);
  await recording.stop();
  void pool.close({ deadlineMs: 0 });
  await clock.advance(10_000);
}
