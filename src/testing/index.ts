export { startRespServer } from './resp-server.js';
export type { RespServer, RespServerOptions } from './resp-server.js';
