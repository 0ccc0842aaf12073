import { PLAIN, type EngineConfig } from '../../src/engine/config.js';
import { PoolEngine } from '../../src/engine/pool-engine.js';
import type {
  CheckKind,
  CloseReason,
  EngineHost,
  EngineProbe,
  RejectReason,
} from '../../src/engine/ports.js';
import type { Rank, Request } from '../../src/engine/request.js';
import type { Slot } from '../../src/engine/slot.js';

const CONFIG: EngineConfig = {
  max: 10,
  maxPending: Infinity,
  createConcurrency: 10,
  ...PLAIN,
  closeAllowance: 10,
};

const SILENT_PROBE: EngineProbe = {
  arrived: () => {},
  granted: () => {},
  released: () => {},
  created: () => {},
};

/** An engine whose host answers nothing by itself and writes down what it is asked. */
export class ScriptedPool implements EngineHost<string, string> {
  readonly engine: PoolEngine<string, string>;
  now = 0;
  /** Slots by number whose socket is shut. */
  readonly unusable: Set<number> = new Set<number>();
  /** What the host does besides when it is asked for a slot. */
  onCreate: (slot: Slot<string>) => void = () => {};
  readonly #slots = new Map<number, Slot<string>>();
  #log: string[] = [];
  #granted: Request<string, string> | null = null;

  constructor(config: Partial<EngineConfig> = {}, random: () => number = () => 1) {
    this.engine = new PoolEngine({ ...CONFIG, ...config }, this, SILENT_PROBE, random, 0);
  }

  /** Opens `count` slots, numbered from 1; the last is the warmest. Forgets what was asked so far. */
  open(count: number): this {
    this.engine.steer(count, null, this.now);
    for (const { id, state } of this.#slots.values()) {
      if (state === 'creating') this.created(id);
    }
    this.asked();
    return this;
  }

  slot(id: number): Slot<string> {
    const slot = this.#slots.get(id);
    if (slot === undefined) throw new Error(`the host was not asked for slot ${id}`);
    return slot;
  }

  /** What the host was asked since the last time. */
  asked(): string[] {
    const log = this.#log;
    this.#log = [];
    return log;
  }

  ask(name: string, withinMs: number = Infinity, rank: Rank = 0): Request<string, string> {
    return this.engine.request(name, this.now + withinMs, this.now, rank);
  }

  steer(target: number, permits: number | null = null): void {
    this.engine.steer(target, permits, this.now);
  }

  created(id: number): void {
    this.engine.created(this.slot(id), `connection ${id}`, this.now);
  }

  checked(id: number, ok: boolean): void {
    this.engine.checked(this.slot(id), ok, this.now);
  }

  /** Lets time pass, then lets the engine do what is due. */
  pass(ms: number): void {
    this.now += ms;
    this.engine.advance(this.now);
  }

  create(slot: Slot<string>): void {
    this.#slots.set(slot.id, slot);
    this.#log.push(`create ${slot.id}`);
    this.onCreate(slot);
  }

  check(slot: Slot<string>, kind: CheckKind): void {
    this.#log.push(`${kind} ${slot.id}`);
  }

  destroy(slot: Slot<string>, reason: CloseReason): void {
    this.#log.push(`destroy ${slot.id} ${reason}`);
  }

  /** The request that was last taken from the queue. */
  get granted(): Request<string, string> {
    if (this.#granted === null) throw new Error('nobody waited and was served');
    return this.#granted;
  }

  grant(request: Request<string, string>): void {
    this.#granted = request;
    this.#log.push(`grant ${request.context} ${request.slot?.id}`);
  }

  reject(request: Request<string, string>, why: RejectReason): void {
    this.#log.push(`reject ${request.context} ${why}`);
  }

  isUsable(slot: Slot<string>): boolean {
    return !this.unusable.has(slot.id);
  }

  pressure(): void {
    this.#log.push('pressure');
  }
}
