import fc from 'fast-check';
import type { EngineConfig } from '../../src/engine/config.js';
import { type Command, COMMAND_WEIGHTS } from './engine-commands.js';
import { EngineModel } from './engine-model.js';
import { randomFrom } from './random.js';
import { holds } from './sequences.js';

const MOST_COMMANDS = 100;

const config: fc.Arbitrary<EngineConfig> = fc.record({
  max: fc.integer({ min: 1, max: 6 }),
  maxPending: fc.constantFrom(0, 3, 100),
  createConcurrency: fc.integer({ min: 1, max: 4 }),
  closeAllowance: fc.integer({ min: 0, max: 2 }),
  validateAfterIdleMs: fc.constantFrom(0, 20, Infinity),
  keepaliveMs: fc.constantFrom(15, 100, Infinity),
  maxLifetimeMs: fc.constantFrom(60, 500, Infinity),
  maxUses: fc.constantFrom(1, 3, Infinity),
  failFastAfter: fc.constantFrom(1, 3, Infinity),
  overload: fc.record({
    rejectLate: fc.boolean(),
    codelTargetMs: fc.constantFrom(5, Infinity),
    codelIntervalMs: fc.constantFrom(0, 30),
    newestFirst: fc.constant(false),
  }),
});

const command: fc.Arbitrary<[Command, number]> = fc.oneof(
  ...Object.entries(COMMAND_WEIGHTS).map(([name, weight]) => ({
    weight: Math.round(weight * 20),
    arbitrary: fc.tuple(fc.constant(name as Command), fc.nat(999)),
  })),
);

const commands = fc.array(command, { maxLength: MOST_COMMANDS, size: 'max' });
const moods = fc.array(fc.nat(99), { maxLength: MOST_COMMANDS, size: 'max' });

function run(steps: readonly (readonly [Command, number])[], model: EngineModel): void {
  for (const [name, value] of steps) model.step(name, value);
  model.verifyWake();
  model.settle();
}

/** The invariants hold after every command, and in the end everyone is served, with a host that does as it likes. */
export function engineHolds(runs: number): Promise<void> {
  const property = fc.property(
    config,
    commands,
    moods,
    fc.nat(),
    (settings, steps, drawn, seed) => {
      run(steps, new EngineModel(settings, drawn, randomFrom(seed)));
    },
  );
  return holds('engine', property, runs);
}

/** The same with a host that always answers later. */
export function lateEngineHolds(runs: number): Promise<void> {
  const property = fc.property(config, commands, fc.nat(), (settings, steps, seed) => {
    run(steps, new EngineModel(settings, [], randomFrom(seed)));
  });
  return holds('lateEngine', property, runs);
}
