import { subscribe } from 'node:diagnostics_channel';
import { CONTENDERS, type Call } from './down-contenders.js';
import { ACQUIRE_TIMEOUT_MS, scaled } from './down-redis.js';

/** Time from one call to the next. */
export const EVERY_MS: number = scaled(2_000);
/** How long calls may take to settle after the last one; what has not settled then is stuck. */
const LAST_WAIT_MS = 2 * ACQUIRE_TIMEOUT_MS + 2_000;

/** One call; times in milliseconds since 1970, to compare with those of another process. */
export interface CallRecord {
  readonly beganAt: number;
  /** Null: it never settled. */
  tookMs: number | null;
  /** Null: it succeeded, if it settled. */
  error: string | null;
}

/** What a process with one pool and its callers saw. */
export interface CallerReport {
  readonly calls: readonly CallRecord[];
  /** When sockets began to connect. */
  readonly connects: readonly number[];
  /** Errors that reached nobody. */
  readonly unhandled: readonly string[];
}

/** The child's part: one pool, a caller every {@link EVERY_MS} until told to stop. Never returns. */
export async function runCaller(name: string, port: number): Promise<void> {
  const calls: CallRecord[] = [];
  const connects: number[] = [];
  const unhandled: string[] = [];
  subscribe('net.client.socket', () => connects.push(now()));
  process.on('unhandledRejection', (reason) => unhandled.push(messageOf(reason)));
  process.on('disconnect', () => process.exit());
  process.on('uncaughtException', (error) => unhandled.push(messageOf(error)));
  const contender = CONTENDERS.find((one) => one.name === name);
  if (contender === undefined) throw new Error(`no pool is called ${name}`);
  const call = await contender.open(port);
  const timer = setInterval(() => void make(call, calls), EVERY_MS);
  process.on('message', () => {
    clearInterval(timer);
    const endAt = now() + LAST_WAIT_MS;
    const report = (): void => {
      if (now() >= endAt || calls.every(hasSettled)) process.send?.({ calls, connects, unhandled });
      else setTimeout(report, 20);
    };
    report();
  });
  process.send?.('ready');
}

function hasSettled({ tookMs }: CallRecord): boolean {
  return tookMs !== null;
}

async function make(call: Call, calls: CallRecord[]): Promise<void> {
  const record: CallRecord = { beganAt: now(), tookMs: null, error: null };
  calls.push(record);
  try {
    await call(`call:${calls.length}`);
  } catch (error) {
    record.error = messageOf(error);
  }
  record.tookMs = now() - record.beganAt;
}

/** One word for errors that differ in numbers and details only. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) return code;
  const [words = ''] = error.message.split(/[.;:(]/);
  return words === '' ? error.constructor.name : words;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
