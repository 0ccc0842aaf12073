import { connect, Socket } from 'node:net';
import { nextTick } from 'node:process';
import { Duplex } from 'node:stream';
import type { Redis, RedisOptions } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AdaptivePool } from '../../src/index.js';
import { redisCommands, redisFactory } from '../../src/redis/index.js';
import { startRedisServer, type RedisServer } from '../../src/testing/index.js';
import { ioredisVersions } from '../support/ioredis-versions.js';

describe.each(ioredisVersions)('commands of one turn, $version', ({ makeRedis }) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.stop());

  function openPool(): AdaptivePool<Redis> {
    const factory = redisFactory(() =>
      makeRedis({ port: server.port, connectionName: 'x', enableReadyCheck: false }),
    );
    return new AdaptivePool({ factory, min: 1, max: 1, destroyTimeoutMs: 100 });
  }

  it('that set a connection up leave in one write', async () => {
    const writes = countWrites(Socket.prototype);
    try {
      await using pool = openPool();
      await pool.ready();
      // With version 5 a PING behind the others proves that the server answers.
      expect(writes.count).toBeLessThanOrEqual(2);
    } finally {
      writes.stop();
    }
  });

  it('leave in their order, the first one at once and the others in one write at the end of the turn', async () => {
    await using pool = openPool();
    const redis = redisCommands(pool);
    const socket = await pool.use((own) => own.stream);
    await redis.del('list');
    const writes = countWrites(socket);
    const replies = [
      redis.rpush('list', 'a'),
      pool.run((own) => own.rpush('list', 'b')),
      redis.pipeline().rpush('list', 'c').rpush('list', 'd').exec(),
      redis.rpush('list', 'e'),
    ];
    expect(writes.count).toBe(1);
    await new Promise((resolve) => nextTick(resolve));
    expect(writes.count).toBe(2);
    expect(socket.writableCorked).toBe(0);
    await Promise.all(replies);
    expect(await redis.lrange('list', 0, -1)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('leave as one text, which costs a socket less than many', async () => {
    const manyAtOnce = vi.spyOn(Socket.prototype, '_writev');
    try {
      await using pool = openPool();
      const redis = redisCommands(pool);
      const values = ['a', 'é', '語', '😀', 'z'];
      expect(await Promise.all(values.map((value) => redis.echo(value)))).toEqual(values);
      expect(manyAtOnce).not.toHaveBeenCalled();
      const bytes = Buffer.from([0xff, 0x00]);
      const echoes = await Promise.all([0, 1, 2, 3].map(() => redis.echoBuffer(bytes)));
      expect(echoes).toEqual([bytes, bytes, bytes, bytes]);
      expect(manyAtOnce).toHaveBeenCalled();
    } finally {
      manyAtOnce.mockRestore();
    }
  });

  it('reach the server through a stream that is no socket and writes in its own way', async () => {
    const factory = redisFactory(() => {
      const Connector = tunnelsTo(server.port);
      return makeRedis({ Connector, enableReadyCheck: false } as unknown as RedisOptions);
    });
    await using pool = new AdaptivePool({ factory, min: 1, max: 1, destroyTimeoutMs: 100 });
    const redis = redisCommands(pool);
    const values = ['a', 'b', 'c', 'd', 'e'];
    expect(await Promise.all(values.map((value) => redis.echo(value)))).toEqual(values);
  });

  it('leave at once when they are alone', async () => {
    await using pool = openPool();
    await pool.use(async (own) => {
      const writes = countWrites(own.stream);
      for (const value of ['1', '2']) {
        const reply = own.set('alone', value);
        expect(own.stream.writableCorked).toBe(0);
        expect(writes.count).toBe(Number(value));
        await reply;
      }
      const reply = own.multi().get('alone').incr('alone').exec();
      expect(writes.count).toBe(3);
      expect(await reply).toEqual([
        [null, '2'],
        [null, 3],
      ]);
    });
  });

  it('leave in several writes when they are very many', async () => {
    await using pool = openPool();
    const redis = redisCommands(pool);
    const socket = await pool.use((own) => own.stream);
    const writes = countWrites(socket);
    const replies = Array.from({ length: 1_000 }, (_, index) => redis.echo(String(index)));
    expect(writes.count).toBeGreaterThan(2);
    expect(await Promise.all(replies)).toEqual(Array.from({ length: 1_000 }, (_, i) => String(i)));
    expect(writes.count).toBeLessThan(20);
  });

  it('reach the server when the connection is ended in the same turn', async () => {
    await using pool = openPool();
    const redis = redisCommands(pool);
    await redis.set('last', 'before');
    const lease = await pool.acquire();
    const reply = lease.resource.set('last', 'words').catch(() => 'unanswered');
    lease.destroy();
    await reply;
    expect(await redis.get('last')).toBe('words');
  });
});

/** One way for one text and for many. */
class Tunnel extends Duplex {
  readonly #socket: Socket;

  constructor(port: number) {
    super({ decodeStrings: false });
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('data', (chunk) => this.push(chunk));
    this.#socket.once('close', () => this.destroy());
  }

  override _read(): void {
    // Comes by itself.
  }

  override _write(chunk: string, encoding: BufferEncoding, done: () => void): void {
    this._writev([{ chunk, encoding }], done);
  }

  override _writev(
    chunks: { readonly chunk: string; readonly encoding: BufferEncoding }[],
    done: () => void,
  ): void {
    for (const { chunk, encoding } of chunks) this.#socket.write(chunk, encoding);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  /** The client sets these of any stream. */
  readonly setNoDelay = (): void => undefined;
  readonly setKeepAlive = (): void => undefined;
}

/** For the option `Connector`. */
function tunnelsTo(port: number): new () => unknown {
  return class {
    readonly #tunnel = new Tunnel(port);
    readonly connect = (): Promise<Tunnel> => Promise.resolve(this.#tunnel);
    readonly disconnect = (): void => void this.#tunnel.end();
    readonly check = (): boolean => true;
  };
}

interface Writes {
  readonly count: number;
  stop(): void;
}

/** Writes to a socket, or to all, from now on, of one command or of several. */
function countWrites(socket: Socket): Writes {
  const spies = (['_write', '_writev'] as const).map((method) => vi.spyOn(socket, method));
  return {
    get count() {
      return spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
    },
    stop: () => spies.forEach((spy) => spy.mockRestore()),
  };
}
