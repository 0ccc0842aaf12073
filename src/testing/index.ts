export { startRespServer } from './resp-server.js';
export type { RespServer, RespServerOptions } from './resp-server.js';
export { startRedisServer } from './redis-server.js';
export type { RedisServer, RedisServerOptions } from './redis-server.js';
export { VirtualClock } from './virtual-clock.js';
