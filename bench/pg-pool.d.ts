/** As much of pg-pool, which comes without types, as the bench uses. */
declare module 'pg-pool' {
  import type { EventEmitter } from 'node:events';

  interface Options<Client> {
    readonly Client: new (options: { readonly port: number }) => Client;
    readonly port: number;
    readonly min: number;
    readonly max: number;
    readonly connectionTimeoutMillis: number;
    readonly idleTimeoutMillis?: number;
  }

  class PgPool<Client> extends EventEmitter {
    constructor(options: Options<Client>);
    connect(): Promise<Client & { release(error?: unknown): void }>;
  }

  export default PgPool;
}
