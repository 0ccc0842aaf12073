import { describe, expect, it } from 'vitest';
import { Autoscaler } from '../../src/autoscaler/autoscaler.js';
import type { AutoscalerHost, AutoscalerSettings } from '../../src/autoscaler/ports.js';
import type { ScaleDecision } from '../../src/control/decision.js';
import type { Policy } from '../../src/control/policy.js';
import type { Slot } from '../../src/engine/slot.js';
import { settingsOf } from '../support/settings.js';

const FOREVER = Number.POSITIVE_INFINITY;

/** Answers as told and remembers how often it was asked. */
interface Asked {
  readonly policy: Policy<number>;
  readonly causes: string[];
  wakeInMs: number | null;
  target: (target: number) => number;
}

function asked(): Asked {
  const causes: string[] = [];
  const it: Asked = {
    causes,
    wakeInMs: null,
    target: (target) => target,
    policy: {
      name: 'asked',
      init: () => 0,
      decide(signals, count) {
        causes.push(signals.cause);
        return {
          target: it.target(signals.target),
          permits: null,
          reason: 'custom',
          limitedBy: [],
          candidates: { asked: count },
          state: count + 1,
          wakeInMs: it.wakeInMs,
        };
      },
    },
  };
  return it;
}

/** A host that opens connections when told and keeps what it hears. */
class Host implements AutoscalerHost<string, null> {
  wantsEveryDecision = false;
  wantsShadows = false;
  readonly decisions: ScaleDecision[] = [];
  readonly creating: Slot<string>[] = [];
  readonly failures: unknown[] = [];
  pressures = 0;
  grant(): void {}
  reject(): void {}
  check(): void {}
  destroy(): void {}
  isUsable(): boolean {
    return true;
  }
  eventLoopUtilisation(): number {
    return 0.25;
  }
  create(slot: Slot<string>): void {
    this.creating.push(slot);
  }
  pressure(): void {
    this.pressures += 1;
  }
  wantsDecision(isNews: boolean): boolean {
    return isNews || this.wantsEveryDecision;
  }
  decided(decision: ScaleDecision): void {
    this.decisions.push(decision);
  }
  policyFailed(error: unknown): void {
    this.failures.push(error);
  }
}

function setUp(given: Partial<AutoscalerSettings> = {}): {
  host: Host;
  scaler: Autoscaler<string, null>;
  openAll: (now: number) => void;
} {
  const host = new Host();
  const scaler = new Autoscaler<string, null>(settingsOf(given), host, 0);
  const openAll = (now: number): void => {
    for (const slot of host.creating.splice(0)) scaler.created(slot, `c${slot.id}`, now);
  };
  return { host, scaler, openAll };
}

describe('ticks', () => {
  it('come every tickMs from the start on', () => {
    const { policy, causes } = asked();
    const { scaler } = setUp({ policy, min: 1 });
    expect(scaler.wakeAt).toBe(FOREVER);
    scaler.start(0);
    expect(scaler.wakeAt).toBe(100);
    scaler.advance(99);
    scaler.advance(100);
    scaler.advance(200);
    expect(causes).toEqual(['manual', 'tick', 'tick']);
  });

  it('stop when min are idle and nothing happens, and come back with a request', () => {
    const { policy, causes } = asked();
    const { scaler, openAll } = setUp({ policy, min: 1 });
    scaler.start(0);
    openAll(5);
    scaler.advance(100);
    expect(scaler.wakeAt).toBe(FOREVER);
    const request = scaler.request(null, 10_000, 5_000);
    expect(scaler.wakeAt).toBe(5_100);
    scaler.advance(5_100);
    expect(scaler.wakeAt).toBe(5_200);
    scaler.engine.release(request, 'clean', 5_150);
    scaler.advance(5_200);
    expect(scaler.wakeAt).toBe(FOREVER);
    expect(causes).toEqual(['manual', 'tick', 'tick', 'tick']);
  });

  it('go on while callers wait and no connection can be opened', () => {
    const { policy } = asked();
    const { host, scaler } = setUp({ policy });
    scaler.start(0);
    scaler.request(null, FOREVER, 0);
    for (const slot of host.creating.splice(0)) scaler.createFailed(slot, 'transient', 1);
    scaler.advance(1);
    scaler.advance(100);
    expect(scaler.engine.pending).toBe(1);
    expect(scaler.wakeAt).toBeLessThanOrEqual(200);
  });

  it('end for good when it closes', () => {
    const { policy, causes } = asked();
    const { scaler } = setUp({ policy, min: 1 });
    scaler.start(0);
    scaler.close(10);
    scaler.start(20);
    scaler.request(null, FOREVER, 30);
    scaler.pressure(30);
    scaler.advance(1_000);
    expect(causes).toEqual(['manual']);
    expect(scaler.wakeAt).toBe(FOREVER);
  });
});

describe('pressure', () => {
  it('of many callers in one instant asks the host once', () => {
    const { policy, causes } = asked();
    const { host, scaler } = setUp({ policy });
    scaler.start(0);
    for (let caller = 0; caller < 50; caller += 1) scaler.request(null, FOREVER, 0);
    expect(host.pressures).toBe(1);
    expect(causes).toEqual(['manual']);
    scaler.pressure(0);
    expect(causes).toEqual(['manual', 'pressure']);
  });

  it('has 5 ms for the first caller, for whom one is being opened, and sees who waited then', () => {
    const mind = asked();
    mind.target = () => 1;
    const { host, scaler, openAll } = setUp({ policy: mind.policy });
    scaler.start(0, true);
    const request = scaler.request(null, FOREVER, 0.5);
    scaler.pressure(0.5);
    expect(host.creating).toHaveLength(1);
    expect(mind.causes).toEqual([]);
    expect(scaler.isWakeKnown).toBe(false);
    expect(scaler.wakeAt).toBe(5.5);
    openAll(1);
    scaler.engine.release(request, 'clean', 1.5);
    scaler.advance(5.5);
    expect(mind.causes).toEqual(['pressure']);
    expect(host.decisions).toMatchObject([{ from: 0, to: 1, signals: { now: 0.5, pending: 1 } }]);
    expect(scaler.engine.slots.idle).toBe(1);
  });

  it('that has time wakes the host before the tick, also where the policy has decided before', () => {
    const { policy } = asked();
    const { scaler } = setUp({ policy, min: 2 });
    scaler.start(0);
    scaler.request(null, FOREVER, 0);
    expect(scaler.wakeAt).toBe(100);
    scaler.pressure(0);
    expect(scaler.isWakeKnown).toBe(false);
    expect(scaler.wakeAt).toBe(5);
  });

  it('that has time keeps what is being opened for a caller who gives up', () => {
    const mind = asked();
    mind.target = () => 1;
    const { host, scaler } = setUp({ policy: mind.policy });
    scaler.start(0, true);
    const request = scaler.request(null, FOREVER, 0);
    scaler.pressure(0);
    scaler.engine.cancel(request, 2);
    scaler.advance(5);
    expect(host.creating).toHaveLength(1);
    expect(scaler.engine.slots.creating).toBe(1);
  });

  it('has no time for a second caller for whom nothing is being opened', () => {
    const mind = asked();
    mind.target = (target) => target + 1;
    const { host, scaler } = setUp({ policy: mind.policy });
    scaler.start(0, true);
    scaler.request(null, FOREVER, 0);
    scaler.pressure(0);
    scaler.request(null, FOREVER, 1);
    expect(host.pressures).toBe(2);
    scaler.pressure(1);
    expect(host.decisions).toMatchObject([
      { from: 0, to: 1, signals: { pending: 1 } },
      { from: 1, to: 2, signals: { pending: 2 } },
    ]);
  });

  it('that had time is followed by another decision if somebody waits meanwhile', () => {
    const mind = asked();
    const { scaler, openAll } = setUp({ policy: mind.policy });
    scaler.start(0, true);
    scaler.request(null, FOREVER, 0);
    scaler.pressure(0);
    openAll(1);
    scaler.request(null, FOREVER, 2);
    scaler.advance(5);
    expect(mind.causes).toEqual(['pressure', 'pressure']);
  });

  it('that has time is answered before whatever is decided next', () => {
    const { policy, causes } = asked();
    const { host, scaler } = setUp({ policy });
    scaler.start(0, true);
    scaler.request(null, FOREVER, 0);
    scaler.pressure(0);
    for (const slot of host.creating.splice(0)) scaler.createFailed(slot, 'transient', 1);
    scaler.advance(1);
    expect(causes).toEqual(['pressure', 'create-failed']);
  });

  it('comes again when twice as many wait', () => {
    const { policy } = asked();
    const { host, scaler } = setUp({ policy });
    scaler.start(0);
    for (let caller = 0; caller < 4; caller += 1) scaler.request(null, FOREVER, 0);
    scaler.pressure(0);
    for (let caller = 0; caller < 3; caller += 1) scaler.request(null, FOREVER, 1);
    expect(host.pressures).toBe(1);
    scaler.request(null, FOREVER, 1);
    expect(host.pressures).toBe(2);
  });

  it('that is over when the host answers costs no decision', () => {
    const { policy, causes } = asked();
    const { host, scaler } = setUp({ policy });
    scaler.start(0);
    const request = scaler.request(null, FOREVER, 0);
    scaler.engine.cancel(request, 0);
    scaler.pressure(0);
    expect(causes).toEqual(['manual']);
    scaler.request(null, FOREVER, 1);
    expect(host.pressures).toBe(2);
  });

  it('asks again while callers wait, a quarter of a create time later, 2 ms to 25 ms', () => {
    const gapAfter = (createMs: number): number => {
      const { policy } = asked();
      const { host, scaler, openAll } = setUp({ policy, max: 4 });
      scaler.start(0);
      scaler.request(null, FOREVER, 0);
      expect(host.creating).toHaveLength(1);
      openAll(createMs);
      scaler.request(null, FOREVER, createMs);
      scaler.advance(createMs);
      scaler.pressure(createMs);
      return scaler.wakeAt - createMs;
    };
    expect(gapAfter(1)).toBe(2);
    expect(gapAfter(40)).toBeCloseTo(10, 0);
    expect(gapAfter(1_000)).toBe(25);
  });

  it('does not come at max, where no decision could help', () => {
    const mind = asked();
    mind.target = () => 100;
    const { host, scaler } = setUp({ policy: mind.policy, max: 2 });
    scaler.start(0);
    for (let caller = 0; caller < 10; caller += 1) scaler.request(null, FOREVER, 0);
    expect(host.pressures).toBe(0);
  });
});

describe('the policy', () => {
  it('is asked when it wished to be', () => {
    const mind = asked();
    mind.wakeInMs = 30;
    const { scaler } = setUp({ policy: mind.policy, min: 1 });
    scaler.start(0);
    expect(scaler.wakeAt).toBe(30);
    mind.wakeInMs = null;
    scaler.advance(30);
    expect(mind.causes).toEqual(['manual', 'tick']);
    expect(scaler.wakeAt).toBe(100);
  });

  it('hears once of all that happened in one instant', () => {
    const mind = asked();
    const { host, scaler } = setUp({ policy: mind.policy, min: 4, max: 4 });
    scaler.start(0);
    for (const slot of host.creating.splice(0)) scaler.createFailed(slot, 'transient', 7);
    expect(scaler.wakeAt).toBe(7);
    scaler.advance(7);
    expect(mind.causes).toEqual(['manual', 'create-failed']);
  });

  it('keeps its memory when other settings change, and starts anew when it is replaced', () => {
    const mind = asked();
    const { scaler } = setUp({ policy: mind.policy });
    scaler.start(0);
    expect(scaler.memory.policy).toBe(1);
    scaler.reconfigure(settingsOf({ policy: mind.policy, max: 5 }), 10);
    expect(scaler.memory.policy).toBe(2);
    scaler.reconfigure(settingsOf({ policy: { ...mind.policy } }), 20);
    expect(scaler.memory.policy).toBe(1);
  });
});

describe('decisions', () => {
  it('are recorded with a number, both targets, the clamp and the signals', () => {
    const mind = asked();
    mind.target = () => 99;
    const { host, scaler } = setUp({ policy: mind.policy, min: 1, max: 8 });
    scaler.start(0);
    mind.target = () => 0;
    scaler.advance(100);
    expect(host.decisions).toMatchObject([
      {
        event: 'pool.scale',
        pool: 'a',
        at: 1_000_000,
        seq: 1,
        policy: 'asked',
        cause: 'manual',
        direction: 'grow',
        from: 0,
        to: 8,
        limitedBy: ['max'],
        signals: { eventLoopUtilisation: 0.25, target: 0 },
      },
      {
        at: 1_000_100,
        seq: 2,
        cause: 'tick',
        direction: 'shrink',
        from: 8,
        to: 1,
        limitedBy: ['min'],
      },
    ]);
    expect(host.decisions[0]?.message).toContain('a grow 0→8');
  });

  it('that change nothing are told only to a host that wants every decision', () => {
    const { policy } = asked();
    const { host, scaler } = setUp({ policy, min: 1 });
    scaler.start(0);
    scaler.advance(100);
    expect(host.decisions).toHaveLength(1);
    host.wantsEveryDecision = true;
    scaler.advance(200);
    expect(host.decisions).toHaveLength(2);
    expect(host.decisions[1]).toMatchObject({ seq: 3, direction: 'hold', from: 1, to: 1 });
  });

  it('of a policy that fails keep the target, and say so', () => {
    const mind = asked();
    const { host, scaler } = setUp({ policy: mind.policy, min: 2 });
    host.wantsEveryDecision = true;
    mind.target = () => Number.NaN;
    scaler.start(0);
    scaler.advance(100);
    expect(host.failures).toHaveLength(1);
    expect(host.decisions).toMatchObject([
      { from: 0, to: 2, limitedBy: ['policy-error', 'min'] },
      { from: 2, to: 2, limitedBy: ['policy-error'] },
    ]);
  });
});
