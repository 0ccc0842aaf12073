/** One measurement in a process of its own: `node --expose-gc .bench/bench/cell.js <scenario> <pool> <timeout ms | none>`. */
import { PEERS, type PeerId } from './peers/index.js';
import { SCENARIOS } from './scenarios/index.js';

const [scenarioId, peerId = '', timeout] = process.argv.slice(2);
const scenario = SCENARIOS.find(({ id }) => id === scenarioId);
if (scenario === undefined || !(peerId in PEERS)) throw new Error('usage: see above');
const peer = await PEERS[peerId as PeerId]();
const values = await scenario.run(peer, timeout === 'none' ? null : Number(timeout));
process.stdout.write(`\n${JSON.stringify(values)}\n`, () => {
  // Some pools never end, and those that wait for their own deadlines would.
  process.exit(0);
});
