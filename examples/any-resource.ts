/** Not only Redis: a factory for plain TCP connections to a line-by-line echo server. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { AdaptivePool, type ResourceFactory } from 'adaptive-pool';

function echoFactory(port: number): ResourceFactory<Socket> {
  return {
    async create({ signal, onDeath }) {
      const socket = connect(port, '127.0.0.1');
      try {
        await once(socket, 'connect', { signal });
      } catch (error) {
        socket.destroy(); // nobody else will
        throw error;
      }
      socket.on('error', () => undefined); // 'close' follows and tells the pool
      socket.once('close', () => onDeath());
      return socket;
    },
    isUsable: (socket) => socket.writable && socket.readable,
    validate: async (socket, { signal }) => (await ask(socket, 'ping', signal)) === 'ping',
    destroy: (socket) => void socket.destroy(),
  };
}

async function ask(socket: Socket, line: string, signal?: AbortSignal): Promise<string> {
  const answer = once(socket, 'data', { signal });
  socket.write(`${line}\n`);
  const [data] = (await answer) as [Buffer];
  return data.toString().trimEnd();
}

const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
await once(server, 'listening');

const pool = new AdaptivePool({
  name: 'echo',
  factory: echoFactory((server.address() as AddressInfo).port),
  min: 2,
  max: 8,
  validateAfterIdleMs: 0, // only to show `validate`: every borrow pays a round trip
});
await pool.ready();
const words = ['one', 'two', 'three'];
const answers = await Promise.all(words.map((word) => pool.use((socket) => ask(socket, word))));
console.log(answers.join(' '));
console.log(`${pool.stats.acquired} leases, ${pool.stats.createFailures} failed creates`);

await pool.close();
server.close();
