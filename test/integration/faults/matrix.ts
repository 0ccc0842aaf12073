import { afterAll, describe, expect, it } from 'vitest';
import { runCell, STATES } from './fault-cell.js';
import type { Fault } from './faults.js';
import { expectSound } from './sound.js';

/** 3 s and 30 s, scaled as the options are: the second outlasts every one of them many times. */
const LENGTHS = [
  { length: 'short', lastsMs: 300 },
  { length: 'long', lastsMs: 2_000 },
] as const;

/** Every fault × what the connections are doing × how long it lasts. */
export function describeMatrix(title: string, faults: readonly Fault[]): void {
  describe(title, () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', onUnhandled);
    afterAll(() => {
      process.off('unhandledRejection', onUnhandled);
      expect(unhandled).toEqual([]);
    });

    const cells = faults.flatMap((fault) =>
      STATES.flatMap((state) =>
        LENGTHS.map(({ length, lastsMs }) => ({ name: fault.name, fault, state, length, lastsMs })),
      ),
    );
    it.concurrent.each(cells)(
      'strands nobody and leaks nothing: $name, connections $state, $length',
      async ({ fault, state, lastsMs }, ) => {
        const outcome = await runCell({ fault, state, lastsMs });
        expectSound(expect, outcome);
        if (process.env['PRINT']) print(fault.name, state, lastsMs, outcome);
      },
      60_000,
    );
  });
}
function print(name: string, state: string, lastsMs: number, o: import('./fault-cell.js').Outcome): void {
  const during = o.calls.filter((c) => c.beganAt > o.beganAt && c.beganAt < o.endedAt);
  const kinds = new Map<string, number>();
  for (const c of during) { const e = (c.refusal ?? c.failure) as Error | null; const k = e === null ? (c.answer === null ? '?' : 'ok') : (c.refusal ? 'R:' : 'F:') + e.message.replace(/\(.*?last create failed/, '').slice(0, 90); kinds.set(k, (kinds.get(k) ?? 0) + 1); }
  console.log(JSON.stringify({ name, state, lastsMs, creating: o.creatingAtBegin, attempts: o.attempts.length, connects: o.connects, first: Math.round((o.firstAnswerAt ?? NaN) - o.endedAt), backOff: Math.round(o.backOffMs), size: o.stats.size, conns: o.connections, calls: o.calls.length, kinds: [...kinds] }));
}
