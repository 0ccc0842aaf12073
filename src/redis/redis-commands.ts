import type { RedisCommander } from 'ioredis';
import { problemsOfAcquire, type AcquireOptions } from '../acquire-options.js';
import { InvalidOptionsError } from '../errors.js';
import type { ExclusiveCommand } from './command-traits.js';
import type { RedisLike } from './redis-like.js';
import { definedMethods, invoke, METHODS, refuseCall, type Method } from './shared-command.js';
import { SharedPipeline, withCallback, type Run } from './shared-pipeline.js';

/** What {@link redisCommands} needs of a pool. */
export interface SharingPool<Client> {
  run<R>(work: (client: Client) => Promise<R> | R, options?: AcquireOptions): Promise<R>;
}

/** How the commands of one {@link redisCommands} wait for a connection, and which there are besides those of Redis. */
export interface RedisCommandsOptions extends AcquireOptions {
  /**
   * Names of commands that every client has because its option `scripts` defines them. Their types come from where you
   * extend ioredis' own.
   * @default []
   */
  readonly scripts?: readonly string[] | undefined;
}

type Refused = ExclusiveCommand | `${ExclusiveCommand}Buffer`;

/** The commands of a client that others may run beside on the same connection, with arguments and results as they are. */
export type RedisCommands<Client> = Pick<
  Client,
  Exclude<Extract<keyof Client, keyof RedisCommander>, Refused>
> &
  (Client extends { pipeline: (commands?: unknown[][]) => infer Chain }
    ? {
        /** Commands for one connection, sent together by `exec()`. */
        pipeline(commands?: unknown[][]): Chain;
        /** A transaction, sent together by `exec()`. One with WATCH needs `pool.use`. */
        multi(commands?: unknown[][]): Chain;
      }
    : unknown);

/**
 * The commands of Redis on a pool's connections: each call runs on a connection that others use at the same time, so a
 * few connections serve everybody, as one connection of ioredis does.
 *
 * ```ts
 * const redis = redisCommands(pool);
 * await redis.set('key', 'value');
 * await redis.multi().incr('a').incr('b').exec();
 * ```
 *
 * A pipeline and a transaction are sent together to one connection. Commands that block or change their connection are
 * refused: blocking ones such as BLPOP, XREAD with BLOCK and WAIT; WATCH, SUBSCRIBE, MONITOR, SELECT, AUTH, most of
 * CLIENT, and so on; also by `call` and in pipelines, of which nothing is sent then. They need `pool.use`.
 *
 * Every call rejects with what `pool.run` throws, or {@link CommandNeedsLeaseError}, or what Redis answers.
 *
 * @param pool a pool of a `redisFactory`
 * @throws {@link InvalidOptionsError} that lists every problem of `options`
 */
export function redisCommands<Client extends RedisLike>(
  pool: SharingPool<Client>,
  options: RedisCommandsOptions = {},
): RedisCommands<Client> {
  const problems = problemsOfAcquire(options, { scripts: namesOnly });
  if (problems.length > 0) throw new InvalidOptionsError('options', problems);
  const { scripts = [], signal, timeoutMs, priority } = options;
  const isUsual = (signal ?? timeoutMs ?? priority) === undefined;
  const wait = isUsual ? undefined : { signal, timeoutMs, priority };
  const run = ((work: (client: Client) => unknown) => pool.run(work, wait)) as unknown as Run;
  return new SharedCommands(run, definedMethods(scripts)) as unknown as RedisCommands<Client>;
}

function namesOnly(value: unknown): string | null {
  const isList = Array.isArray(value) && value.every((name) => typeof name === 'string');
  return isList ? null : 'an array of names';
}

/** Has every method in {@link METHODS}, made once for all. */
class SharedCommands {
  readonly #run: Run;
  readonly #own: readonly Method[];

  constructor(run: Run, own: readonly Method[]) {
    this.#run = run;
    this.#own = own;
    for (const { name, refuse } of own) {
      Object.defineProperty(this, name, {
        value: (...args: unknown[]) => this.send(name, args, refuse),
      });
    }
  }

  pipeline(commands?: unknown): SharedPipeline {
    return new SharedPipeline('pipeline', this.#run, this.#own, commands);
  }

  multi(commands?: unknown): SharedPipeline | Promise<never> {
    // `{ pipeline: false }` opens a transaction and leaves it open.
    const opened = commands as { readonly pipeline?: unknown } | undefined;
    if (opened?.pipeline === false) return this.send('call', ['multi'], refuseCall);
    return new SharedPipeline('multi', this.#run, this.#own, commands);
  }

  send(name: string, args: unknown[], refuse: Method['refuse']): Promise<never> {
    const callback = typeof args[args.length - 1] === 'function' ? args.pop() : undefined;
    const refusal = refuse(args);
    const reply =
      refusal === null
        ? this.#run((client) => invoke(client, name, args))
        : Promise.reject(refusal);
    return withCallback(reply, callback) as Promise<never>;
  }
}

for (const { name, refuse } of METHODS) {
  if (name in SharedCommands.prototype) continue;
  Object.defineProperty(SharedCommands.prototype, name, {
    value(this: SharedCommands, ...args: unknown[]): Promise<never> {
      return this.send(name, args, refuse);
    },
  });
}
