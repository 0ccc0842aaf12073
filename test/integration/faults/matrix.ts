import { afterAll, describe, expect, it } from 'vitest';
import { runCell, STATES } from './fault-cell.js';
import type { Fault } from './faults.js';
import { expectSound } from './sound.js';

/** 3 s and 30 s, scaled as the options are: the second outlasts every one of them many times. */
const LENGTHS = [
  { length: 'for a short time', lastsMs: 300 },
  { length: 'for long', lastsMs: 2_000 },
] as const;

/** Every fault × what the connections are doing × how long it lasts. */
export function describeMatrix(faults: readonly Fault[]): void {
  describe('a pool strands nobody, loses nothing and comes back after', () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', onUnhandled);
    afterAll(() => {
      process.off('unhandledRejection', onUnhandled);
      expect(unhandled).toEqual([]);
    });

    for (const fault of faults) {
      for (const state of STATES) {
        for (const { length, lastsMs } of LENGTHS) {
          it.concurrent(`${fault.name}, ${length}, with connections ${state}`, async () => {
            const outcome = await runCell({ fault, state, lastsMs });
            expectSound(expect, outcome);
            if (state === 'creating') expect(outcome.creatingAtBegin).toBeGreaterThan(0);
          }, 60_000);
        }
      }
    }
  });
}
