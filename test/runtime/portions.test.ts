import { describe, expect, it } from 'vitest';
import { Portions } from '../../src/runtime/portions.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

/** Portions of three; each number that is handed on, and `|` where a turn of the event loop ends. */
function setUp(handOn: (value: number) => void = () => {}): {
  portions: Portions<number>;
  log: (number | '|')[];
  turns: (count: number) => Promise<void>;
} {
  const clock = new VirtualClock();
  const log: (number | '|')[] = [];
  const portions = new Portions<number>(clock, 3, (value) => {
    log.push(value);
    handOn(value);
  });
  const turns = (count: number): Promise<void> =>
    new Promise((resolve) => {
      let left = count;
      const endOfTurn = (): void => {
        log.push('|');
        left -= 1;
        if (left > 0) clock.defer(endOfTurn);
      };
      clock.defer(endOfTurn);
      void clock.advance(0).then(resolve);
    });
  return { portions, log, turns };
}

describe('portions', () => {
  it('hand the first few on at once and as many in each turn that follows, in their order', async () => {
    const { portions, log, turns } = setUp();
    for (let value = 1; value <= 8; value += 1) portions.add(value);
    expect(log).toEqual([1, 2, 3]);
    expect(portions.isEmpty).toBe(false);
    await turns(3);
    expect(log.filter((entry) => entry !== '|')).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(log.indexOf('|')).toBeLessThan(log.indexOf(7));
    expect(portions.isEmpty).toBe(true);
  });

  it('begin a new portion once a turn is over', async () => {
    const { portions, log, turns } = setUp();
    portions.add(1);
    await turns(1);
    for (const value of [2, 3, 4, 5]) portions.add(value);
    expect(log.filter((entry) => entry !== '|')).toEqual([1, 2, 3, 4]);
    await turns(2);
    expect(log.filter((entry) => entry !== '|')).toEqual([1, 2, 3, 4, 5]);
  });

  it('let nobody who comes meanwhile overtake those who are left', async () => {
    const { portions, log, turns } = setUp((value) => {
      if (value === 4) portions.add(9);
    });
    for (let value = 1; value <= 5; value += 1) portions.add(value);
    await turns(3);
    expect(log.filter((entry) => entry !== '|')).toEqual([1, 2, 3, 4, 5, 9]);
  });
});
