import { describe, expect, it } from 'vitest';
import { Slot } from '../../src/engine/slot.js';
import { ResourceDriver } from '../../src/runtime/resource-driver.js';
import type { CreateContext, ResourceFactory } from '../../src/runtime/resource-factory.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

interface Setup {
  readonly clock: VirtualClock;
  readonly driver: ResourceDriver<string>;
  readonly slot: Slot<string>;
  readonly heard: unknown[][];
}

/** A slot with an open connection. */
const OPEN = Object.assign(new Slot<string>(1, 0, 0), { resource: 'c' });

/** A driver of one slot whose listener does what the engine would. */
function setUp(given: Partial<ResourceFactory<string>>): Setup {
  const clock = new VirtualClock();
  const heard: unknown[][] = [];
  const slot = new Slot<string>(1, 0, 0);
  const factory: ResourceFactory<string> = { create: () => 'c', destroy: () => {}, ...given };
  const timeouts = {
    createTimeoutMs: 50,
    validateTimeoutMs: 20,
    resetTimeoutMs: 30,
    destroyTimeoutMs: 40,
  };
  const driver = new ResourceDriver<string>(factory, timeouts, clock, {
    name: 'test',
    advised: () => undefined,
    invalidateAll: () => undefined,
    created(made, resource) {
      made.resource = resource;
      made.state = 'idle';
      heard.push(['created', resource]);
    },
    createFailed: (_slot, error, kind) => heard.push(['createFailed', String(error), kind]),
    checked: (_slot, ok) => heard.push(['checked', ok]),
    died: () => heard.push(['died']),
    destroyed: (_slot, reason, cause) => heard.push(['destroyed', reason, cause]),
    failed: (operation, error) => heard.push(['failed', operation, String(error)]),
  });
  return { clock, driver, slot, heard };
}

describe('create', () => {
  it('that answers at once, or later with a promise or a thenable, is reported once', async () => {
    const thenable = (resolve: (value: string) => void): void => resolve('c');
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
    const answers = [() => 'c', async () => 'c', () => ({ then: thenable }) as Promise<string>];
    for (const create of answers) {
      const { clock, driver, slot, heard } = setUp({ create });
      driver.create(slot);
      await clock.advance(100);
      expect(heard).toEqual([['created', 'c']]);
      expect(clock.scheduled).toBe(0);
    }
  });

  it('that fails is classified; an unknown class counts as transient', async () => {
    const classes = ['permanent', 'server-limit', 'transient', 'nonsense', undefined];
    const seen: unknown[] = [];
    for (const kind of classes) {
      const { clock, driver, slot, heard } = setUp({
        create: () => Promise.reject(new Error('no')),
        classify: () => kind as 'transient',
      });
      driver.create(slot);
      await clock.advance(0);
      seen.push(heard[0]?.[2]);
    }
    expect(seen).toEqual(['permanent', 'server-limit', 'transient', 'transient', 'transient']);
  });

  it('that rejects without a reason gets one', async () => {
    // oxlint-disable-next-line prefer-promise-reject-errors -- factories may do that
    const { clock, driver, slot, heard } = setUp({ create: () => Promise.reject(undefined) });
    driver.create(slot);
    await clock.advance(0);
    expect(heard).toEqual([['createFailed', 'Error: create failed', 'transient']]);
  });

  it('that dies while it opens failed, and what it answers then is closed', async () => {
    const destroyed: string[] = [];
    const { clock, driver, slot, heard } = setUp({
      create: async ({ onDeath }) => {
        onDeath(new Error('reset'));
        return 'c';
      },
      destroy: (resource, { reason }) => void destroyed.push(`${resource} ${reason}`),
    });
    driver.create(slot);
    await clock.advance(0);
    expect(heard).toEqual([['createFailed', 'Error: reset', 'transient']]);
    expect(destroyed).toEqual(['c late']);
  });

  it('that reports a death because it is aborted at its deadline counts as a timeout', async () => {
    const { clock, driver, slot, heard } = setUp({
      create: ({ signal, onDeath }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => onDeath(new Error('closed by us')));
        }),
    });
    driver.create(slot);
    await clock.advance(60);
    expect(heard).toMatchObject([['createFailed', expect.stringContaining('50 ms'), 'timeout']]);
  });

  it('that was given up is reported gone when it ends, or at the deadline of a destroy', async () => {
    for (const [create, at] of [
      [({ signal }: CreateContext) => endOf(signal), 0],
      [() => new Promise<never>(() => {}), 40],
    ] as const) {
      const { clock, driver, slot, heard } = setUp({ create });
      driver.create(slot);
      slot.state = 'closing';
      driver.destroy(slot, 'surplus');
      await clock.advance(Math.max(0, at - 1));
      expect(heard).toHaveLength(at === 0 ? 1 : 0);
      await clock.advance(100);
      expect(heard).toEqual([['destroyed', 'surplus', undefined]]);
    }
  });
});

describe('a death', () => {
  it('is reported once, with its cause at the destroy', async () => {
    let die: (cause?: unknown) => void = () => {};
    const { clock, driver, slot, heard } = setUp({
      create: ({ onDeath }) => {
        die = onDeath;
        return 'c';
      },
    });
    driver.create(slot);
    die('cause');
    die('other');
    slot.state = 'closing';
    driver.destroy(slot, 'died');
    await clock.advance(0);
    expect(heard).toEqual([['created', 'c'], ['died'], ['destroyed', 'died', 'cause']]);
  });
});

describe('check', () => {
  it('without a method of the factory passes', () => {
    const { driver, slot, heard } = setUp({});
    slot.resource = 'c';
    driver.check(slot, 'validate');
    driver.check(slot, 'reset');
    expect(heard).toEqual([
      ['checked', true],
      ['checked', true],
    ]);
  });

  it('passes only on true, and says so of an answer that is neither true nor false', async () => {
    for (const answer of [false, 1, 'yes', undefined]) {
      const { clock, driver, slot, heard } = setUp({ validate: () => answer as boolean });
      slot.resource = 'c';
      driver.check(slot, 'validate');
      await clock.advance(0);
      const said = `TypeError: factory.validate must answer true or false, got ${typeof answer}`;
      const failed = answer === false ? [] : [['failed', 'validate', said]];
      expect(heard).toEqual([...failed, ['checked', false]]);
    }
  });

  it('in flight ends silently when the connection closes', async () => {
    const { clock, driver, slot, heard } = setUp({ validate: (_c, { signal }) => endOf(signal) });
    slot.resource = 'c';
    driver.check(slot, 'validate');
    slot.state = 'closing';
    driver.destroy(slot, 'died');
    await clock.advance(100);
    expect(heard).toEqual([['destroyed', 'died', undefined]]);
  });
});

describe('what a factory throws in a synchronous question', () => {
  it('counts as the cautious answer', () => {
    const no = (): never => {
      throw new Error('no');
    };
    expect(setUp({ isUsable: no }).driver.isUsable(OPEN)).toBe(false);
    expect(setUp({ isUsable: no }).driver.judge(OPEN)).toBe('broken');
    expect(setUp({ needsReset: no }).driver.judge(OPEN)).toBe('broken');
    expect(setUp({ classify: no }).driver.classify(new Error('x'))).toBe('transient');
    expect(setUp({}).driver.judge(OPEN)).toBe('clean');
    expect(setUp({ needsReset: () => true }).driver.judge(OPEN)).toBe('reset');
  });

  it('is reported once whoever asked is done', async () => {
    const no = (): never => {
      throw new Error('no');
    };
    const made = setUp({ isUsable: no, needsReset: no, classify: no, isAnswer: no });
    made.driver.isUsable(OPEN);
    made.driver.classify(new Error('x'));
    made.driver.isAnswer(new Error('x'));
    expect(made.heard).toEqual([]);
    await made.clock.advance(0);
    expect(made.heard).toEqual([
      ['failed', 'isUsable', 'Error: no'],
      ['failed', 'classify', 'Error: no'],
      ['failed', 'isAnswer', 'Error: no'],
    ]);
  });
});

describe('a connection that comes back', () => {
  it('is reset each time when the factory does not say when that is needed', () => {
    expect(setUp({ reset: () => {} }).driver.judge(OPEN)).toBe('reset');
    expect(setUp({ reset: () => {}, needsReset: () => false }).driver.judge(OPEN)).toBe('clean');
    expect(setUp({}).driver.judge(OPEN)).toBe('clean');
  });
});

/** Rejects when the signal is aborted. */
function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')));
  });
}
