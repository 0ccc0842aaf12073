import { Redis } from 'ioredis';
import { redisFactory } from '../../src/redis/index.js';
import { ioredisVersions } from '../support/ioredis-versions.js';
import { describeRedisFactory } from '../support/redis-factory-suite.js';

const makeRedis = ioredisVersions[1]?.makeRedis ?? (() => new Redis());

describeRedisFactory('ioredis 6, from options', (options) => redisFactory(options));
describeRedisFactory('ioredis 6, from options, RESP2', (options) =>
  redisFactory({ ...options, protocol: 2 }),
);
describeRedisFactory('ioredis 6, from a function that connects', (options) =>
  redisFactory(() => makeRedis(options)),
);
