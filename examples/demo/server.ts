import { once } from 'node:events';
import { startRedisServer, startRespServer } from 'adaptive-pool/testing';
import { Redis } from 'ioredis';

/** Where the demo's GETs go. */
export interface DemoServer extends AsyncDisposable {
  /** `redis://` URL. */
  readonly url: string;
  /** What it is, for the reader. */
  readonly description: string;
}

/** The server of `url`; else a private redis-server; else, where none is installed, a small one in this process. */
export async function findServer(url: string | undefined): Promise<DemoServer> {
  if (url !== undefined) {
    return {
      url,
      description: `the Redis you named (${hostOf(url)})`,
      [Symbol.asyncDispose]: nothing,
    };
  }
  try {
    const server = await startRedisServer();
    return {
      url: server.url,
      description: `a private redis-server on 127.0.0.1:${server.port}`,
      [Symbol.asyncDispose]: () => server.stop(),
    };
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('not installed')) throw error;
    const server = await startRespServer();
    return {
      url: server.url,
      description:
        'a small server in this process, because redis-server is not installed (sudo apt-get install -y redis-server)',
      [Symbol.asyncDispose]: () => server.close(),
    };
  }
}

/** Keys that the demo reads; the prefix keeps them apart from a user's own. */
export function keyOf(call: number): string {
  return `adaptive-pool:demo:${call}`;
}

/**
 * Writes the keys of the demo and takes them away again at the end.
 *
 * @throws Error with one line when the server cannot be reached
 */
export async function fillServer(url: string, keys: number): Promise<AsyncDisposable> {
  const redis = new Redis(url, { retryStrategy: () => null, lazyConnect: true });
  const failed = once(redis, 'error').then(([error]) => error as Error);
  await redis.connect().catch(async () => {
    throw new Error(`cannot reach ${hostOf(url)}: ${(await failed).message}`);
  });
  const names = Array.from({ length: keys }, (_, call) => keyOf(call));
  await Promise.all(names.map((name, call) => redis.set(name, `value ${call}`)));
  return {
    async [Symbol.asyncDispose]() {
      await redis.del(...names);
      redis.disconnect();
    },
  };
}

function hostOf(url: string): string {
  // Never print a password that stands in the URL.
  return URL.canParse(url) ? new URL(url).host : 'the URL given';
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
