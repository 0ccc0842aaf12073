import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedisServer } from 'adaptive-pool/testing';
import { Redis } from 'ioredis';
import { FaultProxy } from '../test/support/fault-proxy.js';
import type { CallerReport } from './down-caller.js';
import { CLIENT_NAME } from './down-redis.js';
import { median } from './report.js';

/** The ways in which the server is down. */
export const MODES = ['black-hole', 'refuse', 'kill'] as const;
export type Mode = (typeof MODES)[number];

/** What one pool made of one outage; times in milliseconds. */
export interface Result {
  readonly pool: string;
  readonly mode: Mode;
  /** Calls that began while the server was down. */
  readonly down: {
    readonly calls: number;
    readonly succeeded: number;
    /** Calls that had not settled seconds after the end of everything. */
    readonly neverSettled: number;
    readonly medianMs: number;
    readonly worstMs: number;
    readonly errors: Readonly<Record<string, number>>;
    readonly connectsPerSecond: number;
  };
  /** Return of the server to the first answer that any caller got; null: none came. */
  readonly recoveredAfterMs: number | null;
  /** Calls that began after the return and failed. */
  readonly failedAfterwards: number;
  /** Connections of the pool on the server at the end. */
  readonly connectionsLeft: number;
  /** Errors that reached nobody, so that a process without a handler for them would have ended. */
  readonly unhandled: number;
}

/** How long each part takes. */
export interface Times {
  readonly beforeMs: number;
  readonly downMs: number;
  readonly afterMs: number;
}

/** A process with one pool, a proxy and a server in this one, and one outage. */
export async function runOutage(pool: string, mode: Mode, times: Times): Promise<Result> {
  let server = await startRedisServer();
  await using proxy = await FaultProxy.before(server.port);
  const child = fork(process.argv[1] ?? '', ['--caller', pool, String(proxy.port)]);
  try {
    await message(child);
    await sleep(times.beforeMs);
    const downAt = now();
    if (mode === 'kill') await server.stop('SIGKILL');
    await proxy.set({ kind: mode === 'kill' ? 'refuse' : mode });
    await sleep(times.downMs);
    if (mode === 'kill') {
      server = await startRedisServer();
      proxy.target = server.port;
    }
    await proxy.set({ kind: 'pass' });
    const upAt = now();
    await sleep(times.afterMs);
    child.send('stop');
    const report = (await message(child)) as CallerReport;
    const connectionsLeft = await connectionsOn(server.port);
    return { pool, mode, connectionsLeft, ...judge(report, downAt, upAt) };
  } finally {
    child.kill('SIGKILL');
    await server.stop('SIGKILL');
  }
}

function judge(
  { calls, connects, unhandled }: CallerReport,
  downAt: number,
  upAt: number,
): Omit<Result, 'pool' | 'mode' | 'connectionsLeft'> {
  const isDown = (at: number): boolean => at >= downAt && at < upAt;
  const during = calls.filter(({ beganAt }) => isDown(beganAt));
  const durations = during.flatMap(({ tookMs }) => tookMs ?? []);
  const errors: Record<string, number> = {};
  for (const { error } of during) if (error !== null) errors[error] = (errors[error] ?? 0) + 1;
  const answers = calls
    .filter(({ tookMs, error }) => tookMs !== null && error === null)
    .map(({ beganAt, tookMs }) => beganAt + (tookMs ?? 0))
    .filter((at) => at >= upAt);
  return {
    down: {
      calls: during.length,
      // An answer that came only after the return counts, for the caller waited that long.
      succeeded: during.filter(({ tookMs, error }) => tookMs !== null && error === null).length,
      neverSettled: during.length - durations.length,
      medianMs: median(durations),
      worstMs: Math.max(...durations),
      errors,
      connectsPerSecond: (1_000 * connects.filter(isDown).length) / (upAt - downAt),
    },
    recoveredAfterMs: answers.length === 0 ? null : Math.min(...answers) - upAt,
    failedAfterwards: calls.filter(({ beganAt, error }) => beganAt >= upAt && error !== null)
      .length,
    unhandled: unhandled.length,
  };
}

async function connectionsOn(port: number): Promise<number> {
  const admin = new Redis({ port });
  const list = (await admin.client('LIST')) as string;
  admin.disconnect();
  return list.split('\n').filter((line) => line.includes(` name=${CLIENT_NAME} `)).length;
}

async function message(child: ChildProcess): Promise<unknown> {
  const end = once(child, 'exit').then(([code]) => {
    throw new Error(`the process of the pool ended with ${String(code)}`);
  });
  const [text] = (await Promise.race([once(child, 'message'), end])) as unknown[];
  return text;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
