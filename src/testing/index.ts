// TypeScript 6 and later load no types on their own.
/// <reference types="node" preserve="true" />

export { startRespServer } from './resp-server.js';
export type { RespServer, RespServerOptions } from './resp-server.js';
export { startRedisServer } from './redis-server.js';
export type { RedisServer, RedisServerOptions } from './redis-server.js';
export { VirtualClock } from './virtual-clock.js';
