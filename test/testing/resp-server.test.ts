import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRespServer } from '../../src/testing/index.js';
import type { RespServer } from '../../src/testing/index.js';

function encode(...args: string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
}

/** Sends `input`, then QUIT, and collects everything until the server closes. */
async function converse(server: RespServer, input: string): Promise<string> {
  const socket = connect(server.port, server.host);
  socket.setEncoding('latin1');
  let output = '';
  socket.on('data', (text: string) => {
    output += text;
  });
  socket.on('error', () => undefined);
  socket.write(input + encode('QUIT'), 'latin1');
  await once(socket, 'close');
  return output.replace(/\+OK\r\n$/, '');
}

async function open(server: RespServer): Promise<Socket> {
  const socket = connect(server.port, server.host);
  socket.setEncoding('latin1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

async function reply(socket: Socket): Promise<string> {
  const [text] = (await once(socket, 'data')) as [string];
  return text;
}

describe('RESP server', () => {
  let server: RespServer;
  beforeEach(async () => {
    server = await startRespServer();
  });
  afterEach(() => server.close());

  it('answers pipelined commands in order', async () => {
    const input = encode('PING') + encode('ECHO', 'h\u00e9') + encode('GET', 'none');
    expect(await converse(server, input)).toBe('+PONG\r\n$2\r\nh\u00e9\r\n$-1\r\n');
  });

  it('speaks RESP3 after HELLO 3 and RESP2 after HELLO 2', async () => {
    const output = await converse(
      server,
      encode('HELLO', '3', 'SETNAME', 'me') +
        encode('CLIENT', 'GETNAME') +
        encode('GET', 'none') +
        encode('HELLO', '2') +
        encode('GET', 'none'),
    );
    expect(output).toMatch(/^%7\r\n\$6\r\nserver\r\n/);
    expect(output).toContain('$2\r\nme\r\n_\r\n*14\r\n');
    expect(output.endsWith('$-1\r\n')).toBe(true);
    expect(await converse(server, encode('HELLO', '4'))).toMatch(/^-NOPROTO/);
  });

  it('refuses unknown commands and wrong numbers of arguments and goes on', async () => {
    const output = await converse(
      server,
      encode('NO\r\nSUCH') + encode('GET') + encode('SELECT', '16') + encode('PING'),
    );
    expect(output.split('\r\n').slice(0, -1)).toEqual([
      expect.stringMatching(/^-ERR unknown command 'no {2}such'/),
      "-ERR wrong number of arguments for 'get' command",
      '-ERR DB index is out of range',
      '+PONG',
    ]);
  });

  it('closes the connection that sends malformed input, and only that one', async () => {
    const other = await open(server);
    expect(await converse(server, `${encode('PING')}GET / HTTP/1.1\r\n`)).toBe(
      "+PONG\r\n-ERR Protocol error: expected '*'\r\n",
    );
    other.write(encode('PING'));
    expect(await reply(other)).toBe('+PONG\r\n');
    other.destroy();
  });

  it('keeps keys per database, expires and deletes them', async () => {
    const output = await converse(
      server,
      encode('SET', 'k', 'zero') +
        encode('SELECT', '1') +
        encode('GET', 'k') +
        encode('SET', 'k', 'one', 'NX') +
        encode('SET', 'k', 'two', 'NX') +
        encode('DEL', 'k', 'k') +
        encode('SELECT', '0') +
        encode('GET', 'k') +
        encode('SET', 'k', 'v', 'PX', '0') +
        encode('LPUSH', 'k', 'v'),
    );
    expect(output).toBe(
      '+OK\r\n+OK\r\n$-1\r\n+OK\r\n$-1\r\n:1\r\n+OK\r\n$4\r\nzero\r\n' +
        "-ERR invalid expire time in 'set' command\r\n" +
        '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n',
    );
    await converse(server, encode('SET', 'short', 'v', 'PX', '1'));
    await vi.waitFor(async () =>
      expect(await converse(server, encode('GET', 'short'))).toBe('$-1\r\n'),
    );
  });

  describe('transactions', () => {
    it('run queued commands at EXEC, a failing one among them', async () => {
      const output = await converse(
        server,
        encode('SET', 'text', 'v') +
          encode('MULTI') +
          encode('LPUSH', 'text', 'x') +
          encode('GET', 'text') +
          encode('EXEC'),
      );
      expect(output).toBe(
        '+OK\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n' +
          '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n$1\r\nv\r\n',
      );
    });

    it('are refused at EXEC when a command could not be queued', async () => {
      const output = await converse(
        server,
        encode('MULTI') + encode('NOPE') + encode('SET', 'k', 'v') + encode('EXEC'),
      );
      expect(output).toContain('-EXECABORT');
      expect(await converse(server, encode('GET', 'k'))).toBe('$-1\r\n');
    });

    it('are forgotten by DISCARD, and do not nest', async () => {
      const input = encode('MULTI') + encode('MULTI') + encode('SET', 'k', 'v') + encode('DISCARD');
      expect(await converse(server, input + encode('EXEC') + encode('GET', 'k'))).toBe(
        '+OK\r\n-ERR MULTI calls can not be nested\r\n+QUEUED\r\n+OK\r\n-ERR EXEC without MULTI\r\n$-1\r\n',
      );
    });

    it.each([
      ['another client changes a watched key', [encode('SET', 'k', 'theirs')], '*-1\r\n'],
      ['another client deletes a watched key', [encode('DEL', 'k')], '*-1\r\n'],
      ['another client changes another key', [encode('SET', 'j', 'theirs')], '*1\r\n+OK\r\n'],
      [
        'another client changes that key in another database',
        [encode('SELECT', '1') + encode('SET', 'k', 'theirs')],
        '*1\r\n+OK\r\n',
      ],
    ])('with WATCH, when %s', async (_what, [theirs = ''], result) => {
      await converse(server, encode('SET', 'k', 'first'));
      const socket = await open(server);
      socket.write(encode('WATCH', 'k'));
      await reply(socket);
      await converse(server, theirs);
      socket.write(encode('MULTI'));
      await reply(socket);
      socket.write(encode('SET', 'k', 'mine'));
      await reply(socket);
      socket.write(encode('EXEC'));
      expect(await reply(socket)).toBe(result);
      socket.destroy();
    });

    it('are not aborted after UNWATCH', async () => {
      const socket = await open(server);
      socket.write(encode('WATCH', 'k') + encode('UNWATCH'));
      await reply(socket);
      await converse(server, encode('SET', 'k', 'theirs'));
      socket.write(encode('MULTI') + encode('GET', 'k') + encode('EXEC'));
      expect(await reply(socket)).toBe('+OK\r\n+QUEUED\r\n*1\r\n$6\r\ntheirs\r\n');
      socket.destroy();
    });
  });

  describe('BLPOP', () => {
    it('waits for an element, holding back the commands behind it', async () => {
      const socket = await open(server);
      socket.write(encode('BLPOP', 'a', 'b', '0') + encode('PING'));
      await vi.waitFor(() => expect(server.commands).toBe(1));
      const popped = reply(socket);
      expect(await converse(server, encode('LPUSH', 'b', '1', '2'))).toBe(':2\r\n');
      expect(await popped).toBe('*2\r\n$1\r\nb\r\n$1\r\n2\r\n+PONG\r\n');
      socket.destroy();
    });

    it('serves who has waited longest, and nobody who left', async () => {
      const sockets = await Promise.all([open(server), open(server), open(server)]);
      for (const [index, socket] of sockets.entries()) {
        socket.write(encode('BLPOP', 'k', '0'));
        await vi.waitFor(() => expect(server.commands).toBe(index + 1));
      }
      const [first, second, third] = sockets;
      first.destroy();
      await vi.waitFor(() => expect(server.open).toBe(2));
      const served = reply(second);
      await converse(server, encode('LPUSH', 'k', 'x'));
      expect(await served).toContain('x');
      third.destroy();
    });

    it('gives up after its timeout, and does not block in a transaction', async () => {
      expect(await converse(server, encode('BLPOP', 'k', '0.005'))).toBe('*-1\r\n');
      expect(
        await converse(server, encode('MULTI') + encode('BLPOP', 'k', '0') + encode('EXEC')),
      ).toBe('+OK\r\n+QUEUED\r\n*1\r\n*-1\r\n');
    });
  });

  it('delivers messages to subscribers and guards RESP2 subscribers', async () => {
    const socket = await open(server);
    socket.write(encode('SUBSCRIBE', 'c') + encode('GET', 'k'));
    expect(await reply(socket)).toMatch(/^\*3\r\n\$9\r\nsubscribe\r\n\$1\r\nc\r\n:1\r\n-ERR Can't/);
    const message = reply(socket);
    expect(await converse(server, encode('PUBLISH', 'c', 'hi'))).toBe(':1\r\n');
    expect(await message).toBe('*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n');
    socket.write(encode('UNSUBSCRIBE') + encode('PING'));
    expect(await reply(socket)).toBe('*3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n:0\r\n+PONG\r\n');
    socket.destroy();
  });

  it('lists and kills clients', async () => {
    const victim = await open(server);
    victim.write(encode('CLIENT', 'SETNAME', 'victim') + encode('CLIENT', 'ID'));
    const id = /:(\d+)/.exec(await reply(victim))?.[1] ?? '';
    expect(await converse(server, encode('CLIENT', 'LIST'))).toContain(`id=${id} addr=127.0.0.1:`);
    const closed = once(victim, 'close');
    expect(await converse(server, encode('CLIENT', 'KILL', 'ID', id))).toBe(':1\r\n');
    await closed;
    expect(await converse(server, encode('CLIENT', 'KILL', 'ID', id))).toBe(':0\r\n');
  });

  describe('knobs', () => {
    it('ask for a password', async () => {
      server.configure({ password: 'geheim-ü' });
      const bytes = Buffer.from('geheim-ü').toString('latin1');
      const output = await converse(
        server,
        encode('GET', 'k') +
          encode('HELLO', '3') +
          encode('AUTH', 'wrong') +
          encode('AUTH', bytes) +
          encode('GET', 'k'),
      );
      expect(output.replaceAll(/ .*/g, '')).toBe(
        '-NOAUTH\r\n-NOAUTH\r\n-WRONGPASS\r\n+OK\r\n$-1\r\n',
      );
      expect(await converse(server, encode('HELLO', '3', 'AUTH', 'default', bytes))).toMatch(/^%7/);
    });

    it('refuse connections beyond maxclients, until one is free', async () => {
      server.configure({ maxclients: 1 });
      const first = await open(server);
      expect(await converse(server, '')).toBe('-ERR max number of clients reached\r\n');
      expect(server).toMatchObject({ opened: 2, open: 1 });
      first.destroy();
      await vi.waitFor(() => expect(server.open).toBe(0));
      expect(await converse(server, encode('PING'))).toBe('+PONG\r\n');
    });

    it('leave connections without an answer', async () => {
      server.configure({ stallHandshake: true });
      const stalled = await open(server);
      let isAnswered = false;
      stalled.once('data', () => {
        isAnswered = true;
      });
      stalled.write(encode('PING'));
      server.configure({ stallHandshake: false });
      expect(await converse(server, encode('PING'))).toBe('+PONG\r\n');
      expect({ isAnswered, commands: server.commands }).toEqual({ isAnswered: false, commands: 2 });
      stalled.destroy();
      await vi.waitFor(() => expect(server.open).toBe(0));
    });

    it('delay the handshake and the replies, in order', async () => {
      server.configure({ acceptDelayMs: 5, latencyMs: 30 });
      const socket = await open(server);
      socket.write(encode('ECHO', 'slow'));
      await vi.waitFor(() => expect(server.commands).toBe(1));
      server.configure({ latencyMs: 0 });
      socket.write(encode('ECHO', 'quick') + encode('QUIT'));
      let output = '';
      socket.on('data', (text: string) => {
        output += text;
      });
      await once(socket, 'close');
      expect(output).toBe('$4\r\nslow\r\n$5\r\nquick\r\n+OK\r\n');
    });

    it('cut the oldest connections', async () => {
      const sockets = [await open(server), await open(server), await open(server)];
      await vi.waitFor(() => expect(server.open).toBe(3));
      const closed = Promise.all(sockets.slice(0, 2).map((socket) => once(socket, 'close')));
      expect(server.kill(2)).toBe(2);
      await closed;
      expect(server.open).toBe(1);
      expect(server.kill()).toBe(1);
    });
  });

  it('serves a burst of a thousand connections', async () => {
    const replies = await Promise.all(
      Array.from({ length: 1_000 }, () => converse(server, encode('PING'))),
    );
    expect(replies.filter((text) => text === '+PONG\r\n')).toHaveLength(1_000);
    expect(server).toMatchObject({ opened: 1_000, commands: 2_000 });
  });

  it('takes and gives values of many chunks', async () => {
    const value = '\r\n*$\0ÿ'.repeat(500_000);
    const output = await converse(server, encode('SET', 'big', value) + encode('GET', 'big'));
    expect(output === `+OK\r\n$${value.length}\r\n${value}\r\n`).toBe(true);
  });

  it('closes its connections when it is disposed of, twice if need be', async () => {
    const socket = await open(server);
    const closed = once(socket, 'close');
    await server[Symbol.asyncDispose]();
    await closed;
    await server.close();
  });
});
