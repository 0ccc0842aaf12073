/** How many databases SELECT can choose from, as in a stock Redis. */
export const DATABASES = 16;

/** Somebody who watches keys; told by `isDirty` that one of them changed. */
export interface Watcher {
  isDirty: boolean;
}

/** Somebody who blocks until one of `keys` has an element. */
export interface BlockedPop {
  readonly db: number;
  readonly keys: readonly string[];
  /** Called at most once, when the element has left the list. */
  deliver(key: string, element: string): void;
}

interface Entry {
  readonly value: string | string[];
  /** On the clock of `performance.now()`. */
  readonly expiresAt: number;
}

/** Thrown when a list is used as a string or the other way round. */
export class WrongTypeError extends Error {
  override readonly name = 'WrongTypeError';
}

/** The data of a server: strings and lists in 16 databases, with WATCH and blocked pops. */
export class Keyspace {
  readonly #databases: readonly Map<string, Entry>[] = Array.from(
    { length: DATABASES },
    () => new Map<string, Entry>(),
  );
  readonly #watchers = new Map<string, Set<Watcher>>();
  /** In order of arrival: Redis serves who has waited longest. */
  readonly #blocked = new Set<BlockedPop>();
  #hasNewElements = false;

  get(db: number, key: string): string | undefined {
    const value = this.#read(db, key);
    if (Array.isArray(value)) throw new WrongTypeError();
    return value;
  }

  has(db: number, key: string): boolean {
    return this.#read(db, key) !== undefined;
  }

  /** `ttlMs` is `Infinity` for a key that stays. */
  set(db: number, key: string, value: string, ttlMs: number): void {
    this.#database(db).set(key, { value, expiresAt: performance.now() + ttlMs });
    this.#touch(db, key);
  }

  delete(db: number, key: string): boolean {
    const existed = this.has(db, key);
    if (existed) {
      this.#database(db).delete(key);
      this.#touch(db, key);
    }
    return existed;
  }

  /** Prepends the elements one after the other and returns the length of the list. */
  prepend(db: number, key: string, elements: readonly string[]): number {
    const list = this.#list(db, key) ?? [];
    list.unshift(...elements.toReversed());
    this.#database(db).set(key, { value: list, expiresAt: Number.POSITIVE_INFINITY });
    this.#touch(db, key);
    this.#hasNewElements = true;
    return list.length;
  }

  pop(db: number, key: string): string | undefined {
    const list = this.#list(db, key);
    const element = list?.shift();
    if (element === undefined) return undefined;
    if (list?.length === 0) this.#database(db).delete(key);
    this.#touch(db, key);
    return element;
  }

  watch(db: number, key: string, watcher: Watcher): void {
    const id = keyId(db, key);
    const watchers = this.#watchers.get(id);
    if (watchers === undefined) this.#watchers.set(id, new Set([watcher]));
    else watchers.add(watcher);
  }

  unwatch(watcher: Watcher): void {
    watcher.isDirty = false;
    for (const [id, watchers] of this.#watchers) {
      if (watchers.delete(watcher) && watchers.size === 0) this.#watchers.delete(id);
    }
  }

  block(pop: BlockedPop): void {
    this.#blocked.add(pop);
  }

  unblock(pop: BlockedPop): void {
    this.#blocked.delete(pop);
  }

  /** Hands new elements to those who block; called between commands, so that a transaction stays in one piece. */
  serveBlocked(): void {
    if (!this.#hasNewElements) return;
    this.#hasNewElements = false;
    // A delivery can run commands that add, serve or remove others; a Set's iteration allows that.
    for (const pop of this.#blocked) {
      for (const key of pop.keys) {
        const element = this.#listOrNothing(pop.db, key)?.[0];
        if (element === undefined) continue;
        this.pop(pop.db, key);
        this.#blocked.delete(pop);
        pop.deliver(key, element);
        break;
      }
    }
  }

  #database(db: number): Map<string, Entry> {
    const database = this.#databases[db];
    if (database === undefined) throw new Error(`bug: database ${db}`);
    return database;
  }

  #read(db: number, key: string): string | string[] | undefined {
    const entry = this.#database(db).get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAt > performance.now()) return entry.value;
    this.#database(db).delete(key);
    this.#touch(db, key);
    return undefined;
  }

  #list(db: number, key: string): string[] | undefined {
    const value = this.#read(db, key);
    if (typeof value === 'string') throw new WrongTypeError();
    return value;
  }

  #listOrNothing(db: number, key: string): string[] | undefined {
    const value = this.#read(db, key);
    return typeof value === 'string' ? undefined : value;
  }

  #touch(db: number, key: string): void {
    const watchers = this.#watchers.get(keyId(db, key));
    if (watchers === undefined) return;
    for (const watcher of watchers) watcher.isDirty = true;
  }
}

function keyId(db: number, key: string): string {
  return `${db} ${key}`;
}
