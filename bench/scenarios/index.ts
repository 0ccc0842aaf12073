import { hold, shrink, spike, storm } from './opening.js';
import { abort, timeouts } from './overload.js';
import type { Scenario } from './scenario.js';
import { contended, drain, uncontended, use } from './speed.js';
import { memory, weight } from './weight.js';

export const SCENARIOS: readonly Scenario[] = [
  uncontended,
  contended,
  use,
  drain,
  timeouts,
  abort,
  storm,
  spike,
  hold,
  shrink,
  memory,
  weight,
];
