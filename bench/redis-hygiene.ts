/** What it costs a plain GET that the factory takes note of the commands that are sent: `npm run bench:hygiene`. */
import { redisFactory } from 'adaptive-pool/redis';
import { startRedisServer } from 'adaptive-pool/testing';
import { Redis } from 'ioredis';
import { median, printTable } from './report.js';

const ROUNDS = Number(process.env['ROUNDS'] ?? 41);
const BURSTS = 20;
const BURST = 500;

await using server = await startRedisServer();
const options = { port: server.port, enableReadyCheck: false, connectionName: 'x' } as const;
const factory = redisFactory(options);
const signal = new AbortController().signal;
const pooled = await factory.create({ signal, onDeath: () => undefined });
const plain = new Redis(options);
const twin = new Redis(options);
for (const redis of [pooled, plain, twin]) await redis.set('key', 'value');

const contenders: readonly { readonly name: string; readonly get: () => Promise<unknown> }[] = [
  { name: 'plain ioredis', get: () => plain.get('key') },
  { name: 'plain ioredis, once more', get: () => twin.get('key') },
  { name: 'connection of the factory', get: () => pooled.get('key') },
];

/** Processor time of this process per GET, in microseconds: wall time belongs to the server as well. */
async function cost(get: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let burst = 0; burst < BURSTS; burst += 1) {
    await Promise.all(Array.from({ length: BURST }, get));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (BURSTS * BURST);
}

const costs = contenders.map((): number[] => []);
for (let round = -3; round < ROUNDS; round += 1) {
  for (let turn = 0; turn < contenders.length; turn += 1) {
    const index = (turn + round + 3) % contenders.length;
    const micros = await cost(contenders[index]?.get ?? (() => Promise.resolve()));
    if (round >= 0) costs[index]?.push(micros);
  }
}
console.log(`${ROUNDS} interleaved rounds of ${BURSTS * BURST} GETs, medians\n`);
printTable(
  ['', 'µs of processor per GET', 'to plain ioredis'],
  contenders.map(({ name }, index) => {
    const own = costs[index] ?? [];
    const ratio = median(own.map((micros, round) => micros / (costs[0]?.[round] ?? Number.NaN)));
    return [name, median(own).toFixed(2), ratio.toFixed(3)];
  }),
);
const LOOKS = 1_000_000;
const before = performance.now();
for (let look = 0; look < LOOKS; look += 1) {
  factory.isUsable?.(pooled);
  factory.needsReset?.(pooled);
}
const nanos = (1e6 * (performance.now() - before)) / LOOKS;
console.log(`\nThe look at a connection that comes back takes ${nanos.toFixed(0)} ns.`);
for (const redis of [pooled, plain, twin]) redis.disconnect();
