import * as fc from 'fast-check';
import { test } from 'vitest';
import { type Command, COMMAND_WEIGHTS, EngineModel } from '../support/engine-model.js';
import { randomFrom } from '../support/random.js';

const RUNS = Number(process.env['ENGINE_RUNS'] ?? 500);
const COMMANDS = Number(process.env['ENGINE_COMMANDS'] ?? 100);

const config = fc.record({
  failFastAfter: fc.constantFrom(1, 3, Infinity),
  overload: fc.record({
    rejectLate: fc.boolean(),
    codelTargetMs: fc.constantFrom(5, Infinity),
    codelIntervalMs: fc.constantFrom(0, 30),
    newestFirst: fc.constant(false),
  }),
  max: fc.integer({ min: 1, max: 6 }),
  maxPending: fc.constantFrom(0, 3, 100),
  createConcurrency: fc.integer({ min: 1, max: 4 }),
  closeAllowance: fc.integer({ min: 0, max: 2 }),
  validateAfterIdleMs: fc.constantFrom(0, 20, Infinity),
  keepaliveMs: fc.constantFrom(15, 100, Infinity),
  maxLifetimeMs: fc.constantFrom(60, 500, Infinity),
  maxUses: fc.constantFrom(1, 3, Infinity),
});

const command: fc.Arbitrary<[Command, number]> = fc.oneof(
  ...Object.entries(COMMAND_WEIGHTS).map(([name, weight]) => ({
    weight: Math.round(weight * 20),
    arbitrary: fc.tuple(fc.constant(name as Command), fc.nat(999)),
  })),
);

const commands = fc.array(command, { maxLength: COMMANDS, size: 'max' });

test('the invariants hold after every command, and in the end everyone is served', () => {
  fc.assert(
    fc.property(
      config,
      commands,
      fc.array(fc.nat(99), { maxLength: COMMANDS, size: 'max' }),
      fc.nat(),
      (settings, steps, moods, seed) => {
        const model = new EngineModel(settings, moods, randomFrom(seed));
        for (const [name, value] of steps) model.step(name, value);
        model.settle();
      },
    ),
    { numRuns: RUNS },
  );
});

test('the invariants hold when the host always answers later', () => {
  fc.assert(
    fc.property(config, commands, fc.nat(), (settings, steps, seed) => {
      const model = new EngineModel(settings, [], randomFrom(seed));
      for (const [name, value] of steps) model.step(name, value);
      model.settle();
    }),
    { numRuns: RUNS },
  );
});
