import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { AdaptivePool } from '../../src/adaptive-pool.js';
import { cleanError, hideSecrets } from '../../src/clean-error.js';
import { InvalidOptionsError } from '../../src/errors.js';
import type { ErrorEvent } from '../../src/events.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { StubFactory, type Stub } from '../support/stub-factory.js';
import { everyView, Witness } from '../support/witness.js';

const SECRET = 'hunter2';

/** An error as careless drivers throw it. */
function tellTale(what: string): Error {
  const url = `postgres://app:${SECRET}@db.example:5432/orders?ssl=1`;
  const inner = Object.assign(new Error(`Server=db;User=app;Password=${SECRET};`), {
    config: { url, password: SECRET },
  });
  const parts = new AggregateError([inner, new Error(`at ${url}`)], `all of ${url} failed`, {
    cause: inner,
  });
  return Object.assign(new Error(`${what} of ${url} failed`, { cause: parts }), {
    code: 'ECONNREFUSED',
    config: { password: SECRET },
    connectionString: url,
    previousErrors: [inner],
    command: { name: 'auth', args: [SECRET] },
    [Symbol('options')]: { password: SECRET },
  });
}

/** A factory of one's own whose every call can fail with a {@link tellTale}. */
class TellTaleFactory extends StubFactory {
  failing = new Set<string>();
  readonly password = SECRET;

  override create(context: Parameters<StubFactory['create']>[0]): Promise<Stub> | Stub {
    if (this.failing.has('create')) return Promise.reject(tellTale('create'));
    return super.create(context);
  }

  override validate(...args: Parameters<StubFactory['validate']>): Promise<boolean> | boolean {
    if (this.failing.has('validate')) throw tellTale('validate');
    return super.validate(...args);
  }

  override reset(...args: Parameters<StubFactory['reset']>): Promise<void> | void {
    if (this.failing.has('reset')) return Promise.reject(tellTale('reset'));
    return super.reset(...args);
  }

  override destroy(...args: Parameters<StubFactory['destroy']>): Promise<void> | void {
    void super.destroy(...args);
    if (this.failing.has('destroy')) throw tellTale('destroy');
  }
}

/** A pool whose every call went wrong once, and all that it said meanwhile. */
async function troubled(): Promise<{
  readonly pool: AdaptivePool<Stub>;
  readonly witness: Witness;
  readonly rejections: unknown[];
  readonly leases: unknown[];
}> {
  const clock = new VirtualClock();
  const factory = new TellTaleFactory(clock);
  const witness = new Witness();
  const pool = new AdaptivePool<Stub>({
    factory,
    clock,
    logger: witness.logger,
    min: 1,
    max: 2,
    validateAfterIdleMs: 5,
    acquireTimeoutMs: 50,
    readyTimeoutMs: 50,
    maxPending: 2,
    shadow: [
      {
        name: 'mine',
        init: () => null,
        decide: () => {
          throw tellTale('policy');
        },
      },
    ],
  });
  witness.watch(pool);
  pool.on('create', () => {
    throw tellTale('listener');
  });
  const rejections: unknown[] = [];
  const keep = (error: unknown): void => void rejections.push(error);

  factory.failing.add('create');
  pool.ready().catch(keep);
  for (let caller = 0; caller < 4; caller += 1) pool.acquire().catch(keep);
  await clock.advance(2_000);
  factory.failing.clear();
  await clock.advance(10_000);

  const leases: unknown[] = [];
  for (const call of ['reset', 'validate', 'destroy']) {
    const acquiring = pool.acquire();
    await clock.advance(20);
    const lease = await acquiring;
    leases.push(inspect(lease, { depth: 10, showHidden: true }));
    lease.resource.needsReset = call === 'reset';
    factory.failing.add(call);
    if (call === 'destroy') lease.destroy();
    else lease.release();
    await clock.advance(20);
    pool.acquire().then((next) => next.release(), keep);
    await clock.advance(100);
    factory.failing.clear();
  }
  factory.stubs.at(-1)?.die(tellTale('death'));
  await clock.advance(100);
  factory.failing.add('create');
  pool.invalidateAll();
  pool.acquire().catch(keep);
  await clock.advance(100);
  void pool.close({ deadlineMs: 10 });
  pool.acquire().catch(keep);
  pool.ready().catch(keep);
  await clock.advance(10_000);
  return { pool, witness, rejections, leases };
}

describe('of a factory of your own, whose errors carry credentials,', () => {
  it('no line of the log shows any', async () => {
    const { witness } = await troubled();
    const log = witness.logged.join('\n');
    for (const call of ['create', 'validate', 'reset', 'destroy', 'listener', 'shadow mine']) {
      expect(log).toContain(call);
    }
    expect(log).toContain('postgres://***@db.example:5432/orders?ssl=1');
    expect(log).toContain('Password=***;');
    expect(log).not.toContain(SECRET);
  });

  it('no error of the pool quotes any; the cause is the very error of the factory', async () => {
    const { rejections } = await troubled();
    const codes = new Set(rejections.map((error) => (error as { code?: string }).code));
    expect(codes).toEqual(
      new Set([
        'ERR_POOL_NOT_READY',
        'ERR_POOL_QUEUE_FULL',
        'ERR_POOL_ACQUIRE_TIMEOUT',
        'ERR_POOL_CLOSED',
      ]),
    );
    const causes = rejections.map((error) => {
      const { message, stack = '', cause } = error as Error;
      expect(`${message}${stack}${JSON.stringify(error)}${String(error)}`).not.toContain(SECRET);
      return cause as Error | undefined;
    });
    const quoted = rejections.map(String).filter((text) => text.includes('last create failed'));
    expect(quoted[0]).toContain('create of postgres://***@db.example:5432/orders?ssl=1 failed');
    expect(causes.filter((cause) => cause?.message.includes(SECRET)).length).toBe(quoted.length);
  });

  it('events show none besides the error itself, which is the very error of the factory', async () => {
    const { witness } = await troubled();
    const own = new Set<string>();
    for (const { event, payload } of witness.heard) {
      const { error, cause, ...rest } = payload as Partial<ErrorEvent> & { cause?: unknown };
      expect(everyView(rest)).not.toContain(SECRET);
      if (everyView(error ?? cause).includes(SECRET)) own.add(event);
    }
    expect([...own].toSorted()).toEqual(['create-error', 'destroy', 'error', 'timeout']);
  });

  it('recordings, and what the command makes of them, show none', async () => {
    const { witness } = await troubled();
    const files = await witness.files();
    expect(files).toHaveLength(3);
    for (const text of files) {
      expect(text.length).toBeGreaterThan(1_000);
      expect(text).not.toContain(SECRET);
    }
    expect(witness.logged.join('\n')).not.toContain(SECRET);
  });

  it('the pool, its options, figures and memory, and its leases show none', async () => {
    const { pool, leases } = await troubled();
    const { name, options, stats, controllerState, policy } = pool;
    for (const value of [pool, options, stats, controllerState, policy, leases, name]) {
      expect(everyView(value)).not.toContain(SECRET);
    }
  });
});

describe('problems with options', () => {
  function problemsOf(options: object): string {
    try {
      return new AdaptivePool(options as never).name;
    } catch (error) {
      if (error instanceof InvalidOptionsError) return everyView(error);
      throw error;
    }
  }

  const factory = new StubFactory(new VirtualClock());
  it.each<[string, object]>([
    ['a field that nobody knows', { factory, password: SECRET }],
    ['a URL as the factory', { factory: `redis://:${SECRET}@host` }],
    ['a URL as the name', { factory, name: `redis://:${SECRET}@host` }],
    ['a connection string as the name', { factory, name: `password=${SECRET}` }],
    ['a connection string as a number', { factory, max: `Password=${SECRET}` }],
    ['a URL as a policy', { factory, policy: `redis://:${SECRET}@host` }],
    ['an object where a number belongs', { factory, min: { password: SECRET } }],
    ['a URL as the options', `redis://:${SECRET}@host` as never],
  ])('never repeat credentials: %s', (_what, options) => {
    const problems = problemsOf(options);
    expect(problems).toContain('InvalidOptionsError');
    expect(problems).not.toContain(SECRET);
  });
});

describe('texts are shown', () => {
  it.each([
    ['redis://user:hunter2@host:1/2?a=b', 'redis://***@host:1/2?a=b'],
    ['redis://hunter2@host', 'redis://***@host'],
    ['amqps://u:hunter@2@host/v', 'amqps://***@host/v'],
    ['two: a://u:hunter2@x and b+c://u:hunter2@y.', 'two: a://***@x and b+c://***@y.'],
    ['http://host/a@b', 'http://host/a@b'],
    ['mail me@example.org', 'mail me@example.org'],
    ['h://x?password=hunter2&db=1', 'h://x?password=***&db=1'],
    ["host=a password='hunter2 x' user=b", 'host=a password=*** user=b'],
    ['Server=a;Pwd=hunter2;Db=c', 'Server=a;Pwd=***;Db=c'],
    ['api_key = hunter2', 'api_key = ***'],
    ['client-secret=hunter2 auth_token=hunter2', 'client-secret=*** auth_token=***'],
    ['the password is wrong', 'the password is wrong'],
    ['monkey=3', 'monkey=3'],
  ])('%s as %s', (text, shown) => {
    expect(hideSecrets(text)).toBe(shown);
  });

  it('without secrets that are known', () => {
    expect(hideSecrets('a $& b', ['$&'])).toBe('a *** b');
  });
});

describe('a copy of an error', () => {
  it('has the class, code, name, message, stack and cause of the error, which stays as it is', () => {
    const error = Object.freeze(tellTale('create'));
    const clean = cleanError(Object.assign(new TypeError('t'), { cause: error, status: 7 }));
    expect(clean).toBeInstanceOf(TypeError);
    expect(clean).toMatchObject({ message: 't', status: 7 });
    expect(clean.cause).toMatchObject({
      code: 'ECONNREFUSED',
      message: 'create of postgres://***@db.example:5432/orders?ssl=1 failed',
      cause: { errors: [{ message: 'Server=db;User=app;Password=***;' }, expect.any(Error)] },
    });
    expect(clean.stack).toContain('secrets.test.ts');
    expect(everyView(clean)).not.toContain(SECRET);
    expect(error.message).toContain(SECRET);
  });

  it('ends where causes lead in a circle', () => {
    const error = new Error('a');
    error.cause = Object.assign(new Error('b'), { cause: error });
    const clean = cleanError(error);
    expect((clean.cause as Error).cause).toBe(clean);
  });

  it('does without what cannot be read', () => {
    const error = new Error('a');
    Object.defineProperty(error, 'config', {
      get: () => {
        throw new Error('not now');
      },
    });
    expect(cleanError(error)).toMatchObject({ message: 'a' });
    expect(cleanError(Object.create(null))).toMatchObject({ message: 'an error that is no text' });
  });
});
