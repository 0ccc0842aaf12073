import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import type { RedisOptions as Redis5Options } from 'ioredis-5';

/** Makes a client; both versions have the methods that the tests use, so version 6's type stands for both. */
export type MakeRedis = (options: RedisOptions) => Redis;

/** For `describe.each`: the oldest version that the package supports, and the newest. */
export const ioredisVersions: readonly {
  readonly version: string;
  readonly makeRedis: MakeRedis;
}[] = [
  {
    version: 'ioredis 5.4',
    makeRedis: (options) => new Redis5(options as unknown as Redis5Options) as unknown as Redis,
  },
  {
    version: 'ioredis 6',
    // The parameter of the constructor does not fit `exactOptionalPropertyTypes`.
    makeRedis: (options) => new Redis(options as RedisOptions & { replyMapping?: 'legacy' }),
  },
];
