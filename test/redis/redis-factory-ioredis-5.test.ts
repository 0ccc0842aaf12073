import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { expect, it, vi } from 'vitest';
import { redisFactory } from '../../src/redis/index.js';
import { ioredisVersions } from '../support/ioredis-versions.js';
import { describeRedisFactory } from '../support/redis-factory-suite.js';

// As in the tree of a user who has version 5.
vi.mock('ioredis', () => import('ioredis-5'));

const makeRedis = ioredisVersions[0]?.makeRedis ?? (() => new Redis());

it('runs on version 5 here', () => {
  expect(Redis).toBe(Redis5);
});

describeRedisFactory('ioredis 5, from options', (options) => redisFactory(options));
describeRedisFactory('ioredis 5, from a function that connects', (options) =>
  redisFactory(() => makeRedis(options)),
);
describeRedisFactory('ioredis 5, from a function that asks for nothing', (options) =>
  redisFactory(() =>
    makeRedis({ ...options, lazyConnect: true, enableReadyCheck: false, disableClientInfo: true }),
  ),
);
