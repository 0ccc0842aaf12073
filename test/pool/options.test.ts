import { describe, expect, it } from 'vitest';
import { AdaptivePool } from '../../src/adaptive-pool.js';
import { InvalidOptionsError } from '../../src/errors.js';
import type { AdaptivePoolOptions } from '../../src/options.js';

const factory = { create: () => 1, destroy: () => {} };

function problemsOf(options: unknown): readonly string[] {
  try {
    void new AdaptivePool(options as AdaptivePoolOptions<number>);
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error.problems;
    throw error;
  }
  return [];
}

describe('options', () => {
  it('have defaults, and undefined counts as not given', () => {
    const { options } = new AdaptivePool({ factory, min: undefined, maxLifetimeMs: undefined });
    expect(options).toEqual({
      min: 2,
      max: 64,
      waitObjectiveMs: 10,
      policy: 'adaptive',
      mode: 'act',
      shadow: [],
      acquireTimeoutMs: 1_000,
      createTimeoutMs: 5_000,
      validateTimeoutMs: 1_000,
      validateAfterIdleMs: 30_000,
      resetTimeoutMs: 1_000,
      destroyTimeoutMs: 2_000,
      maxLifetimeMs: Number.POSITIVE_INFINITY,
      keepaliveMs: 20_000,
      maxUses: Number.POSITIVE_INFINITY,
      maxPending: 10_000,
      overload: {
        rejectLate: false,
        codelTargetMs: Number.POSITIVE_INFINITY,
        codelIntervalMs: 100,
        newestFirst: false,
      },
      failFastAfter: Number.POSITIVE_INFINITY,
      sharedPerConnection: 1_024,
      createConcurrency: 128,
      leakThresholdMs: Infinity,
      leakSampling: 0.001,
      reclaimLeaks: false,
    });
    expect(Object.isFrozen(options)).toBe(true);
  });

  it('of min and max follow each other when only one is given', () => {
    expect(new AdaptivePool({ factory, max: 1 }).options).toMatchObject({ min: 1, max: 1 });
    expect(new AdaptivePool({ factory, min: 100 }).options).toMatchObject({ min: 100, max: 100 });
    expect(new AdaptivePool({ factory, min: 0 }).options).toMatchObject({ min: 0, max: 64 });
  });

  it('refuse a factory that says that a connection needs a reset and has none', () => {
    const needsReset = (): boolean => true;
    expect(problemsOf({ factory: { ...factory, needsReset } })).toEqual([
      'factory must be an object with reset() where it has needsReset(), got an object',
    ]);
    expect(problemsOf({ factory: { ...factory, needsReset, reset: () => {} } })).toEqual([]);
    expect(problemsOf({ factory: { ...factory, reset: () => {} } })).toEqual([]);
  });

  it('that are wrong are all listed, with the range and the value', () => {
    expect(
      problemsOf({
        min: -1,
        max: 2.5,
        waitObjectiveMs: 0,
        tickMs: 5,
        maxPending: '10',
        createConcurrency: 0,
        maxLifetimeMs: Number.NaN,
        name: '',
        logger: { info: () => {} },
        clock: {},
        surprise: true,
      }),
    ).toEqual([
      'factory is required',
      'min must be an integer from 0 to 100000, got -1',
      'max must be an integer from 1 to 100000, got 2.5',
      'waitObjectiveMs must be a number from 0.001 to 3600000, got 0',
      'maxLifetimeMs must be a number from 1 to Infinity, got NaN',
      'maxPending must be an integer from 0 to Infinity, got "10"',
      'createConcurrency must be an integer from 1 to 1000, got 0',
      'name must be a string that is not empty, got ""',
      'tickMs must be a number from 10 to 60000, got 5',
      'logger must be an object with debug(), info(), warn(), error(), got an object',
      'clock must be an object with now(), epoch(), schedule(), defer(), got an object',
      expect.stringMatching(/^surprise is not an option; known: /),
    ]);
  });

  it('that contradict each other are refused', () => {
    expect(problemsOf({ factory, min: 5, max: 4 })).toEqual([
      'min must be at most max, got min 5 and max 4',
    ]);
  });

  it('that are inherited, or come from a getter, count and are checked as any other', () => {
    const inherited = Object.create({
      factory,
      max: '10',
      maximum: 3,
      toJSON: () => '',
    }) as unknown;
    expect(problemsOf(inherited)).toEqual([
      'max must be an integer from 1 to 100000, got "10"',
      expect.stringMatching(/^maximum is not an option; known: /),
    ]);
    class Options {
      readonly factory = factory;
      get max(): number {
        return this.factory === factory ? 2.5 : 2;
      }
    }
    expect(problemsOf(new Options())).toEqual(['max must be an integer from 1 to 100000, got 2.5']);
    const good = Object.create({ factory, min: 1, max: 9 }) as AdaptivePoolOptions<number>;
    expect(new AdaptivePool(good).options).toMatchObject({ min: 1, max: 9 });
  });

  it('of a factory whose optional calls are no functions are refused, each by its name', () => {
    const wrong = { ...factory, validate: 'yes', reset: null, isUsable: undefined, mine: 7 };
    expect(problemsOf({ factory: wrong })).toEqual([
      'factory.validate must be a function, got "yes"',
      'factory.reset must be a function, got null',
    ]);
  });

  it('of a named policy may be undefined, `decide` as well', () => {
    const policy = { name: 'step', stepSize: undefined, decide: undefined } as const;
    expect(new AdaptivePool({ factory, policy }).policy.name).toBe('step');
  });

  it.each([undefined, null, 7, 'options', []])('must be an object, not %s', (options) => {
    expect(problemsOf(options)[0]).toContain('must be an object');
  });

  it('that are unknown are named without their value', () => {
    const problems = problemsOf({ factory, password: 'hunter2', host: 'db.internal' });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toMatch(/hunter2|db\.internal/);
  });

  it('that are objects are never shown from inside', () => {
    const problems = problemsOf({ factory: { host: 'db', password: 'hunter2' } });
    expect(problems).toEqual(['factory must be an object with create(), destroy(), got an object']);
  });
});
