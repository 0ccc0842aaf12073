export { redisCommands } from './redis-commands.js';
export type { RedisCommands, RedisCommandsOptions, SharingPool } from './redis-commands.js';
export { redisFactory } from './redis-factory.js';
export type { RedisLike } from './redis-like.js';
export type { RedisConnectionOptions } from './redis-options.js';
