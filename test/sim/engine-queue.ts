import { PLAIN } from '../../src/engine/config.js';
import { PoolEngine } from '../../src/engine/pool-engine.js';
import type { Request } from '../../src/engine/request.js';
import type { Slot } from '../../src/engine/slot.js';
import { exponential } from '../../sim/kernel/distributions.js';
import { EventHeap } from '../../sim/kernel/event-heap.js';
import { randomStream } from '../../sim/kernel/random.js';

/** A pool of theory: all times are exponential, rates per millisecond. */
export interface EngineQueue {
  readonly lam: number;
  readonly mu: number;
  readonly min: number;
  readonly max: number;
  readonly setupRate: number;
  /** Rate at which each idle connection closes; Infinity = at once. */
  readonly closeRate: number;
  /** Whether a create goes on when the waiter it was for has been served by somebody else. */
  readonly isCommitted: boolean;
}

/** What came of it. */
export interface EngineFigures {
  readonly meanWait: number;
  readonly partThatWaits: number;
  readonly meanSettingUp: number;
  readonly meanOn: number;
}

const SETTLING_SHARE = 0.1;

/**
 * Drives the pool's engine without autoscaler, by the rule of the theory of servers with setup: one create per waiter, up
 * to the maximum. No policy follows it, because no policy decides at every single event.
 */
export function runEngineQueue(queue: EngineQueue, arrivals: number, seed: number): EngineFigures {
  const { lam, mu, min, max, setupRate, closeRate, isCommitted } = queue;
  const stream = (name: string): (() => number) => {
    const numbers = randomStream(seed, 0, name);
    return () => exponential(numbers);
  };
  const [gap, work, setup, close] = ['arrivals', 'service', 'setup', 'close'].map(stream) as [
    () => number,
    () => number,
    () => number,
    () => number,
  ];
  const events = new EventHeap<() => void>();
  let now = 0;
  let waits = 0;
  let waited = 0;
  let counted = 0;
  const from = arrivals * SETTLING_SHARE;
  let arrived = 0;
  const begin = (request: Request<number, number>): void => {
    if (request.context >= from) {
      counted += 1;
      waits += now - request.arrivedAt;
      if (now > request.arrivedAt) waited += 1;
    }
    events.push(now + work() / mu, 0, () => {
      engine.release(request, 'clean', now);
      follow();
    });
  };
  const idleSince = new Map<Slot<number>, number>();
  const host = {
    create: (slot: Slot<number>): void => {
      events.push(now + setup() / setupRate, 0, () => {
        if (slot.state !== 'creating') return;
        engine.created(slot, slot.id, now);
        follow();
      });
    },
    // After a death the others are checked before they are lent; that takes no time here.
    check: (slot: Slot<number>): void => {
      events.push(now, 0, () => {
        engine.checked(slot, true, now);
        follow();
      });
    },
    destroy: (slot: Slot<number>): void => {
      events.push(now, 0, () => engine.destroyed(slot, now));
    },
    grant: begin,
    reject: (): void => {},
    isUsable: (): boolean => true,
    pressure: (): void => {},
  };
  const nothing = (): void => {};
  const config = {
    ...PLAIN,
    max,
    maxPending: Number.POSITIVE_INFINITY,
    // The gate must not slow down because one exponential create took longer than another.
    createConcurrency: 1_000_000,
    closeAllowance: 1_000,
  };
  const engine = new PoolEngine<number, number>(
    config,
    host,
    { arrived: nothing, granted: nothing, released: nothing, created: nothing },
    () => 0.5,
    0,
  );
  /** After every event: as many creates as waiters, and a time to close for whoever has just become idle. */
  const follow = (): void => {
    const { slots } = engine;
    const on = slots.inUse + slots.idle + slots.checking;
    // Who only waits for a check is not a waiter of the theory.
    const waiters = engine.pending - slots.checking;
    const creating = isCommitted ? Math.max(slots.creating, waiters) : waiters;
    engine.steer(Math.max(min, Math.min(max, on + creating)), null, now);
    if (closeRate === Number.POSITIVE_INFINITY) {
      const floor = Math.max(min, slots.inUse + slots.creating);
      if (slots.idle > 0) engine.steer(floor, null, now);
      return;
    }
    for (const slot of slots.all()) {
      if (slot.state !== 'idle' || idleSince.get(slot) === slot.provenAt) continue;
      idleSince.set(slot, slot.provenAt);
      const { provenAt } = slot;
      events.push(now + close() / closeRate, 0, () => {
        if (slot.state !== 'idle' || slot.provenAt !== provenAt) return;
        idleSince.delete(slot);
        if (slots.inUse + slots.idle + slots.checking > min) {
          // A lower target would give up a create first. So the connection dies, and none may replace it.
          engine.configure({ ...config, createConcurrency: 0 }, now);
          // One that dies unused would count as a failed create.
          slot.uses += 1;
          engine.died(slot, now);
          engine.steer(slots.size, null, now);
          engine.configure(config, now);
        }
        follow();
      });
    }
  };

  engine.steer(min, null, now);
  let arrivalAt = gap() / lam;
  let settingUp = 0;
  let on = 0;
  let countedMs = 0;
  while (arrived < arrivals || engine.pending > 0) {
    const at = Math.min(events.nextTime, arrived < arrivals ? arrivalAt : Number.POSITIVE_INFINITY);
    if (arrived >= from) {
      countedMs += at - now;
      settingUp += (at - now) * engine.slots.creating;
      on += (at - now) * (engine.slots.inUse + engine.slots.idle);
    }
    const isArrival = at < events.nextTime;
    now = at;
    if (!isArrival) {
      events.pop()();
      continue;
    }
    arrived += 1;
    arrivalAt = now + gap() / lam;
    const request = engine.request(arrived, Number.POSITIVE_INFINITY, now);
    if (request.state === 'granted') begin(request);
    follow();
  }
  return {
    meanWait: waits / counted,
    partThatWaits: waited / counted,
    meanSettingUp: settingUp / countedMs,
    meanOn: on / countedMs,
  };
}
