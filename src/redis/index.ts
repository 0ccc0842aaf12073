export { redisFactory } from './redis-factory.js';
export type { RedisLike } from './redis-like.js';
export type { RedisConnectionOptions } from './redis-options.js';
