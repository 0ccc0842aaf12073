/**
 * What the pool needs of a client. `Redis` of ioredis 5 and 6 satisfies it, with either reply mapping, and so does any
 * client with the same methods and events.
 */
export interface RedisLike {
  /** `wait`, `connecting`, `connect`, `ready`, `close`, `reconnecting` or `end`. */
  readonly status: string;
  connect(): Promise<unknown>;
  disconnect(): void;
  quit(): Promise<unknown>;
  ping(): Promise<unknown>;
  select(db: number): Promise<unknown>;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  once(event: string, listener: (...args: unknown[]) => void): unknown;
  removeListener(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** A command on its way to the server. */
export interface SentCommand {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly promise: Promise<unknown>;
  /** Its place in a pipeline; absent on its own. */
  readonly pipelineIndex?: number;
}

/**
 * Parts of an ioredis client that its types mark as internal or that only some versions have. Each may be missing, and
 * then counts as being in order.
 */
export interface RedisInternals {
  readonly isCluster?: boolean;
  call?(command: string, ...args: string[]): Promise<unknown>;
  sendCommand?(command: SentCommand, stream?: unknown, node?: unknown): unknown;
  defineCommand?(...args: unknown[]): unknown;
  addBuiltinCommand?(...args: unknown[]): unknown;
  listenerCount?(event: string): number;
  readonly autoPipelineQueueSize?: number;
  readonly commandQueue?: { readonly length: number };
  readonly condition?: { readonly select: number; readonly subscriber: unknown } | null;
  readonly stream?: {
    readonly writable: boolean;
    readonly destroyed: boolean;
    readonly bytesRead: number;
    readonly remoteAddress?: string | undefined;
    readonly remotePort?: number | undefined;
    cork?(): void;
    uncork?(): void;
    destroy(): unknown;
    once(event: 'close', listener: () => void): unknown;
    once(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  };
  /** The client's own copy; what a user passed in stays as it is. */
  readonly options?: {
    autoResendUnfulfilledCommands?: unknown;
    autoResubscribe?: unknown;
    enableOfflineQueue?: unknown;
    failoverDetector?: unknown;
    maxRetriesPerRequest?: unknown;
    reconnectOnError?: ((error: Error) => boolean | number) | null;
    retryStrategy?: unknown;
    readonly connectionName?: unknown;
    readonly host?: unknown;
    readonly himportFieldsets?: unknown;
    readonly monitor?: unknown;
    readonly password?: unknown;
    readonly path?: unknown;
    readonly port?: unknown;
    readonly sentinelPassword?: unknown;
    readonly sentinels?: unknown;
    readonly tls?: unknown;
  };
}

/** A client as the pool uses it. */
export type Client = RedisLike & RedisInternals;

/** Why a Cluster is no connection, and what to do instead. */
export const CLUSTER_REFUSAL: string =
  'a Cluster holds connections of its own to every node and picks one for each command: ' +
  'share the Cluster without a pool, or give each node a pool of its own: redisFactory({ host, port })';

/** Commands were sent, or are about to be, and not answered yet. */
export function owesReplies({ commandQueue, autoPipelineQueueSize }: RedisInternals): boolean {
  return (commandQueue?.length ?? 0) > 0 || (autoPipelineQueueSize ?? 0) > 0;
}

/** Nothing is under way and nothing was left behind that the client can see, so that it may change hands. */
export function isQuiet(client: Client): boolean {
  return (
    client.status === 'ready' &&
    client.stream?.writable !== false &&
    // A reply still to come belongs to the borrower before: after a command timeout, or an await that was forgotten.
    !owesReplies(client) &&
    // In RESP3 commands work in spite of subscriptions, and messages would reach the next borrower.
    !client.condition?.subscriber
  );
}
