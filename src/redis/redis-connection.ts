import { setImmediate as nextTurn } from 'node:timers/promises';
import { InvalidOptionsError } from '../errors.js';
import { abortable } from './abortable.js';
import { ConnectionState } from './connection-state.js';
import { firstWords } from './first-words.js';
import { JointWrites } from './joint-writes.js';
import { classifyRedisError, cleanRedisError, isAnswer, isDemotion } from './redis-errors.js';
import { CLUSTER_REFUSAL, isQuiet, owesReplies } from './redis-like.js';
import { secretsOf } from './redis-secrets.js';
import type { Client } from './redis-like.js';

/**
 * First words of a server that serves nobody here. Over RESP2 ioredis takes them for the reply to a command of its own
 * that it does not care about, and drops them.
 */
const REFUSAL = /^-((?:ERR max number of clients|DENIED|NOAUTH)[^\r\n]*)/;

/** The minus sign that an error reply begins with. */
const ERROR_REPLY = 0x2d;

const SUBSCRIBED = 'a subscribed client cannot be pooled: give subscriptions a client of their own';

/** What becomes of an open connection. */
interface ConnectionListener {
  died(cause: Error): void;
  /** The server takes no writes any more. */
  demoted(): void;
}

/** One client in the pool's hands, from before it connects until it is closed. */
export class RedisConnection {
  readonly #client: Client;
  /** As they were at first: what is sent stays secret when they change. */
  readonly #given: Client['options'];
  readonly #writes: JointWrites;
  #phase: 'opening' | 'open' | 'closed' = 'opening';
  #cause: Error | undefined;
  #listener: ConnectionListener | undefined;
  #state: ConnectionState | undefined;
  /** TCP, or TLS, came about in front of our eyes. */
  #wasConnected = false;

  /**
   * Takes the client over: it will neither reconnect nor queue, for a pool replaces what dies.
   *
   * @throws {@link InvalidOptionsError} when the client cannot be pooled
   */
  constructor(client: Client) {
    this.#client = client;
    const { options } = client;
    this.#given = { ...options };
    if (client.isCluster === true) {
      throw new InvalidOptionsError('Redis client', [CLUSTER_REFUSAL]);
    }
    if (options?.monitor === true) {
      throw new InvalidOptionsError('Redis client', ['a monitoring client runs no commands']);
    }
    if (options !== undefined) {
      options.retryStrategy = null;
      options.enableOfflineQueue = false;
      options.autoResubscribe = false;
      options.autoResendUnfulfilledCommands = false;
      options.maxRetriesPerRequest = null;
      // Would open connections to the sentinels for each one of the pool, and leave them open when that dies.
      options.failoverDetector = false;
      this.#hearErrors(options);
    }
    this.#writes = new JointWrites(client);
    this.#watchCommands();
    // Stays for ever: ioredis prints errors that nobody listens to, those of a closing socket included.
    client.on('error', (error) => this.#onError(error));
  }

  /**
   * Connects and proves that the server answers and accepted everything.
   *
   * Rejects with the reason of `signal`, or with the real cause where ioredis only says that the connection is closed;
   * the socket is gone then.
   */
  async open(signal: AbortSignal, listener: ConnectionListener): Promise<void> {
    try {
      await abortable(this.#connect(), signal);
      await this.#settle(signal);
    } catch (error) {
      this.#cut();
      if (signal.aborted) throw error;
      const cause = this.#cause ?? this.#clean(error);
      throw (await this.#refusalBehind(cause, signal)) ?? cause;
    }
    this.#phase = 'open';
    this.#listener = listener;
    this.#client.once('close', this.#onClose);
    this.#client.once('end', this.#onClose);
    // A borrower may take all listeners off the client, but hardly off its socket.
    this.#client.stream?.once('close', this.#onClose);
    // Last: everything from now on is the borrowers'.
    this.#state = new ConnectionState(this.#client);
  }

  /** Nothing is under way, and nothing was left behind that cannot be undone. */
  get isUsable(): boolean {
    return isQuiet(this.#client) && this.#state?.isSpoilt !== true;
  }

  /** Ends a lease: whether all that its holder did was one command that others might have run beside. */
  endOfUse(): boolean {
    return this.#state?.endOfUse() === true;
  }

  /** The borrower left something behind that {@link goHome} undoes. */
  get isAstray(): boolean {
    return this.#state?.needsUndo === true;
  }

  /** Undoes what the borrower left behind. */
  async goHome(signal: AbortSignal): Promise<void> {
    try {
      await abortable(this.#state?.undo() ?? Promise.resolve(), signal);
    } catch (error) {
      throw this.#clean(error);
    }
  }

  /** A round trip; false when it fails, and for a connection that is not {@link isUsable}. */
  async isAlive(signal: AbortSignal): Promise<boolean> {
    if (!this.isUsable) return false;
    try {
      await this.#ping(signal);
      return true;
    } catch {
      return false;
    }
  }

  /** Says goodbye where that is possible, and closes in any case. Never rejects; at the latest done when `signal` aborts. */
  async close(signal: AbortSignal): Promise<void> {
    // First of all, so that the end that follows is not taken for a death.
    this.#phase = 'closed';
    if (isQuiet(this.#client) && !signal.aborted) {
      await abortable(this.#client.quit(), signal).catch(() => undefined);
    }
    this.#cut();
  }

  /** Closes it under whoever uses it: it leads to the wrong server. */
  cutOff(cause: Error): void {
    if (this.#phase !== 'open') return;
    this.#cause = cause;
    this.#onClose();
    this.#cut();
  }

  #watchCommands(): void {
    const client = this.#client;
    const own = Object.getOwnPropertyDescriptor(client, 'sendCommand')?.value as unknown;
    const holder = (
      own === undefined ? Object.getPrototypeOf(client) : { sendCommand: own }
    ) as Pick<Client, 'sendCommand'>;
    if (client.sendCommand === undefined) return;
    client.sendCommand = (command, stream, node) => {
      this.#writes.begin(command, this.#phase === 'opening');
      this.#state?.noteSent(command);
      // Looked up at each call: tracing patches it late.
      return holder.sendCommand?.call(client, command, stream, node);
    };
  }

  /** The client asks at each error of a reply, also of one in a pipeline, whose rejections nobody sees. */
  #hearErrors(options: NonNullable<Client['options']>): void {
    const { reconnectOnError } = options;
    options.reconnectOnError = (error: Error) => {
      if (isDemotion(error)) this.#listener?.demoted();
      return reconnectOnError?.(error) ?? false;
    };
  }

  async #connect(): Promise<void> {
    const client = this.#client;
    // Errors before TCP connects were overcome if it does: a sentinel that was down, an address that refused.
    const onConnect = (): void => {
      this.#wasConnected = true;
      this.#cause = undefined;
      client.stream?.once('data', (chunk) => this.#onFirstData(chunk));
    };
    client.once('connect', onConnect);
    try {
      if (client.status === 'wait') await client.connect();
      else if (client.status === 'connecting' || client.status === 'connect')
        await readiness(client);
      else if (client.status !== 'ready')
        throw new Error(`the client is closed (${client.status})`);
    } finally {
      client.removeListener('connect', onConnect);
    }
  }

  /** Proves that the server answers, and lets whoever sets the client up when it is ready come to his end. */
  async #settle(signal: AbortSignal): Promise<void> {
    const client = this.#client;
    // Ready may mean no more than TCP, if the client had nothing to ask; and replies of the handshake may be missing.
    let isProven = this.#wasConnected && client.stream?.bytesRead !== 0;
    while (this.#cause === undefined && (!isProven || owesReplies(client))) {
      await this.#ping(signal);
      isProven = true;
      // Who got a reply may send the next command.
      await abortable(nextTurn(), signal);
    }
    if (this.#cause !== undefined) throw this.#cause;
    if (!isQuiet(client)) throw whyNotQuiet(client);
  }

  /** Why a server closed that had accepted, if it says so to somebody who only listens. */
  async #refusalBehind(cause: Error, signal: AbortSignal): Promise<Error | null> {
    const { stream, options } = this.#client;
    const isMute = this.#wasConnected && stream?.bytesRead === 0;
    if (!isMute || classifyRedisError(cause) !== 'transient') return null;
    // Those would have to be shaken hands with first, or found.
    if (options?.tls || options?.sentinels) return null;
    const refusal = REFUSAL.exec((await abortable(firstWords(options), signal)) ?? '')?.[1];
    return refusal === undefined ? null : this.#clean(new Error(refusal));
  }

  async #ping(signal: AbortSignal): Promise<void> {
    try {
      await abortable(this.#client.ping(), signal);
    } catch (error) {
      // LOADING, MASTERDOWN or NOPERM prove the round trip; to close the connection would mend nothing.
      if (!isAnswer(error)) throw error;
    }
  }

  readonly #onClose = (): void => {
    if (this.#phase !== 'open') return;
    this.#phase = 'closed';
    this.#listener?.died(this.#cause ?? new Error('the connection was closed'));
  };

  #onError(error: unknown): void {
    const cause = this.#clean(error);
    // While connecting, the first error is the cause and later ones its consequences; but one that says why the server
    // refuses beats a broken pipe.
    const isBetter = this.#cause !== undefined && classifyRedisError(cause) !== 'transient';
    if (this.#phase === 'open' || this.#cause === undefined || isBetter) this.#cause = cause;
  }

  #onFirstData(chunk: Uint8Array): void {
    if (this.#phase !== 'opening' || chunk[0] !== ERROR_REPLY) return;
    const refusal = REFUSAL.exec(Buffer.from(chunk).toString('latin1'))?.[1];
    if (refusal !== undefined) this.#onError(new Error(refusal));
  }

  /** A copy without credentials, which are only looked for when there is an error. */
  #clean(error: unknown): Error {
    return cleanRedisError(error, secretsOf(this.#given, this.#client.options));
  }

  #cut(): void {
    this.#phase = 'closed';
    const { stream } = this.#client;
    // At the end `disconnect` would only start a timer; before it, another attempt may be under way or planned.
    if (this.#client.status !== 'end') this.#client.disconnect();
    // `disconnect` alone waits for the peer to close its side, which a silent one never does.
    stream?.destroy();
  }
}

function whyNotQuiet({ status, condition }: Client): Error {
  return status === 'ready' && condition?.subscriber
    ? new InvalidOptionsError('Redis client', [SUBSCRIBED])
    : new Error('the connection was closed before it was ready');
}

function readiness(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    const onReady = (): void => settle(resolve);
    const onClose = (): void => settle(() => reject(new Error('Connection is closed.')));
    function settle(done: () => void): void {
      client.removeListener('ready', onReady);
      client.removeListener('close', onClose);
      client.removeListener('end', onClose);
      done();
    }
    client.once('ready', onReady);
    client.once('close', onClose);
    client.once('end', onClose);
  });
}
