/** Everything that is measured on this machine: `npm run bench`. */
import { hotPath } from './hot-path.js';
import { simulator } from './simulator.js';
import { spikeAndHold } from './spike-and-hold.js';

console.log(
  `Node ${process.version}. For plain GETs one pipelined ioredis connection beats any exclusive pool;`,
);
console.log('what follows is the cost of the pool itself.');
await hotPath();
await spikeAndHold();
simulator();
