import { isHarmlessClient, textOf, traitOf, wordAt } from './command-traits.js';
import type { Client, SentCommand } from './redis-like.js';

type Listener = (...args: unknown[]) => void;

/** Counts for many plain commands. */
const SPECIAL = 1_000;
/** A reply that others do not mind waiting for, in bytes. */
const SMALL_REPLY = 16_384;

/** Switches of CLIENT that are off at first. */
const SWITCHES = ['tracking', 'no-evict', 'no-touch'] as const;

/**
 * What a borrower changed about a connection, known from the commands that were sent. So nothing is asked of the server
 * and nothing undone that was not done.
 */
export class ConnectionState {
  readonly #client: Client;
  readonly #homeDb: number | undefined;
  readonly #homeName: string;
  #db: number | undefined;
  #name: string;
  #isInMulti = false;
  #isWatching = false;
  readonly #switchedOn = new Set<string>();
  #isSpoilt = false;
  #sent = 0;
  #bytesBefore = 0;
  readonly #listeners: { readonly event: string; readonly listener: Listener }[] = [];

  /** Watches a client from now on; what was sent before is how the connection is to be. */
  constructor(client: Client) {
    this.#client = client;
    this.#homeDb = client.condition?.select;
    this.#db = this.#homeDb;
    this.#homeName = textOf(client.options?.connectionName);
    this.#name = this.#homeName;
    this.#spyOnDefinitions();
    client.on('newListener', (event, listener) => {
      this.#listeners.push({ event: event as string, listener: listener as Listener });
    });
  }

  /** Something is left that cannot be undone with certainty. */
  get isSpoilt(): boolean {
    // Who takes every listener off took this one, too, and that for errors.
    return this.#isSpoilt || this.#client.listenerCount?.('newListener') === 0;
  }

  /** A command is about to be sent. */
  noteSent(command: SentCommand): void {
    const trait = traitOf(command.name);
    this.#sent += trait === 'plain' ? 1 : SPECIAL;
    if (trait === 'changing') this.#note(command);
  }

  /** Ends a lease: whether all that its holder did was one command that others might have run beside. */
  endOfUse(): boolean {
    const { stream } = this.#client;
    const bytes = stream?.bytesRead ?? 0;
    const isOneOfMany = this.#sent === 1 && bytes - this.#bytesBefore <= SMALL_REPLY;
    this.#sent = 0;
    this.#bytesBefore = bytes;
    return isOneOfMany;
  }

  /** Something is left that {@link undo} can undo. */
  get needsUndo(): boolean {
    return (
      this.#isInMulti ||
      this.#isWatching ||
      this.#isAstray ||
      this.#switchedOn.size > 0 ||
      this.#name !== this.#homeName ||
      this.#listeners.length > 0
    );
  }

  /** Sends what brings the connection back, all at once, and nothing else. */
  async undo(): Promise<void> {
    for (const { event, listener } of this.#listeners.splice(0)) {
      this.#client.removeListener(event, listener);
    }
    // Each of these is noted as any command is, which forgets what it undoes.
    const replies: unknown[] = [];
    if (this.#isInMulti) replies.push(this.#client.call?.('discard'));
    if (this.#isWatching) replies.push(this.#client.call?.('unwatch'));
    if (this.#isAstray && this.#homeDb !== undefined) {
      replies.push(this.#client.select(this.#homeDb));
    }
    for (const word of this.#switchedOn) replies.push(this.#client.call?.('client', word, 'off'));
    if (this.#name !== this.#homeName) {
      replies.push(this.#client.call?.('client', 'setname', this.#homeName));
    }
    await Promise.all(replies);
  }

  get #isAstray(): boolean {
    // A client without `sendCommand` may still say where it is.
    return this.#db !== this.#homeDb || this.#client.condition?.select !== this.#homeDb;
  }

  /** A command that a borrower defines may hide one of the client's own. */
  #spyOnDefinitions(): void {
    const client = this.#client;
    for (const method of ['defineCommand', 'addBuiltinCommand'] as const) {
      const define = client[method];
      if (define === undefined) continue;
      client[method] = (...args) => {
        this.#isSpoilt = true;
        return define.apply(client, args);
      };
    }
  }

  #note(command: SentCommand): void {
    const { args } = command;
    switch (command.name.toLowerCase()) {
      case 'multi':
        this.#isInMulti = true;
        break;
      case 'exec':
        this.#endMulti();
        break;
      case 'discard':
        this.#endMulti();
        this.#distrust(command);
        break;
      case 'watch':
        this.#isWatching = true;
        break;
      case 'unwatch':
        // In a transaction it is only queued; the end of that does the same.
        if (!this.#isInMulti) this.#isWatching = false;
        this.#distrust(command);
        break;
      case 'select':
        this.#noteSelect(command);
        break;
      case 'client':
        this.#noteClient(wordAt(args, 0), command);
        break;
      case 'script':
        if (wordAt(args, 0) === 'debug') this.#isSpoilt = true;
        break;
      case 'himport':
        // The client brings its managed field sets to every connection by itself.
        if (this.#client.options?.himportFieldsets === undefined) this.#isSpoilt = true;
        break;
      default:
        this.#isSpoilt = true;
    }
  }

  /** The server ends a transaction whatever it answers to EXEC; without one it refuses, and the watch stays. */
  #endMulti(): void {
    if (this.#isInMulti) this.#isWatching = false;
    this.#isInMulti = false;
  }

  #noteSelect(command: SentCommand): void {
    // Whether a transaction runs or is discarded shows too late.
    this.#db = this.#isInMulti ? Number.NaN : Number(command.args[0]);
    command.promise.catch(() => {
      this.#db = Number.NaN;
    });
  }

  #noteClient(subcommand: string, command: SentCommand): void {
    const { args } = command;
    const isOff = wordAt(args, 1) === 'off';
    if (isHarmlessClient(subcommand) || subcommand === 'setinfo') return;
    if (subcommand === 'setname') {
      this.#name = this.#isInMulti ? `${this.#homeName}?` : textOf(args[1]);
    } else if (SWITCHES.some((word) => word === subcommand)) {
      if (!isOff || this.#isInMulti) this.#switchedOn.add(subcommand);
      else {
        this.#switchedOn.delete(subcommand);
        this.#distrust(command);
      }
    } else if (subcommand !== 'caching') {
      // CACHING means something only while tracking is on, which is undone.
      this.#isSpoilt = true;
    }
  }

  /** Should have undone something: if the server refuses, nothing is known. */
  #distrust(command: SentCommand): void {
    command.promise.catch(() => {
      this.#isSpoilt = true;
    });
  }
}
