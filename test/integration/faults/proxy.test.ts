import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultProxy } from '../../support/fault-proxy.js';

/** Long enough to tell silence from an answer, which takes a millisecond. */
const SILENCE_MS = 100;

/** What a client sees of its connection. */
class Client {
  readonly socket: Socket;
  heard = '';
  end: string | null = null;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (text) => (this.heard += text.toString()));
    this.socket.on('error', ({ code }: NodeJS.ErrnoException) => (this.end = code ?? 'error'));
    this.socket.on('close', () => (this.end ??= 'closed'));
  }
}

describe('the proxy that the faults come from', () => {
  let server: Server;
  let accepted: Socket[];
  let proxy: FaultProxy;

  beforeEach(async () => {
    accepted = [];
    server = createServer((socket) => {
      accepted.push(socket);
      socket.on('error', () => undefined);
      socket.pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await FaultProxy.before((server.address() as AddressInfo).port);
  });

  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    for (const socket of accepted) socket.destroy();
    server.close();
  });

  async function opened(): Promise<Client> {
    const client = new Client(proxy.port);
    client.socket.write('hello');
    await expect.poll(() => client.heard).toBe('hello');
    return client;
  }

  it('passes bytes, and counts connections with their time', async () => {
    const before = performance.now();
    await opened();
    expect(proxy.connects).toHaveLength(1);
    expect(proxy.connects[0]).toBeGreaterThanOrEqual(before);
  });

  it.each([
    ['refuse', 'closed', 'ECONNREFUSED'],
    ['reset', 'ECONNRESET', 'ECONNRESET'],
    ['close', 'closed', 'closed'],
  ] as const)('%s: open connections see %s, new ones %s', async (kind, ofOpen, ofNew) => {
    const open = await opened();
    await proxy.set({ kind });
    await expect.poll(() => open.end).toBe(ofOpen);
    const late = new Client(proxy.port);
    await expect.poll(() => late.end).toBe(ofNew);
    await proxy.set({ kind: 'pass' });
    await opened();
  });

  it('black-hole: open connections stand still until it ends, new ones for ever', async () => {
    const open = await opened();
    await proxy.set({ kind: 'black-hole' });
    const late = new Client(proxy.port);
    late.socket.write('anybody');
    open.socket.write(' again');
    await sleep(SILENCE_MS);
    expect([open.heard, late.heard]).toEqual(['hello', '']);
    await proxy.set({ kind: 'pass' });
    await expect.poll(() => open.heard).toBe('hello again');
    await sleep(SILENCE_MS);
    expect([late.heard, late.end]).toEqual(['', null]);
  });

  it('half-open: the server sees the end, the client never', async () => {
    const open = await opened();
    await proxy.set({ kind: 'half-open' });
    await expect.poll(() => accepted[0]?.destroyed).toBe(true);
    open.socket.write(' again');
    await opened();
    await sleep(SILENCE_MS);
    expect([open.heard, open.end]).toEqual(['hello', null]);
  });

  it('cut-mid-reply: the client gets half of the next reply and the end', async () => {
    const open = await opened();
    await proxy.set({ kind: 'cut-mid-reply' });
    open.socket.write('12345678');
    await expect.poll(() => open.end).not.toBeNull();
    expect(open.heard).toBe('hello1234');
  });

  it.each([
    ['slow-handshake', { kind: 'slow-handshake', ms: SILENCE_MS }, 1],
    ['latency', { kind: 'latency', ms: SILENCE_MS / 2 }, 1],
    ['bandwidth', { kind: 'bandwidth', bytesPerSecond: 10_000 }, 500],
  ] as const)('%s: the answer comes, later', async (_name, fault, bytes) => {
    await proxy.set(fault);
    const client = new Client(proxy.port);
    const before = performance.now();
    client.socket.write('x'.repeat(bytes));
    await expect.poll(() => client.heard.length, { interval: 1 }).toBe(bytes);
    // Timers fire up to a millisecond and a half early.
    expect(performance.now() - before).toBeGreaterThan(SILENCE_MS - 5);
  });
});
