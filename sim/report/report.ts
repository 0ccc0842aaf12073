import type { PolicyResult } from '../result.js';
import type { Scenario } from '../scenario.js';

/** Results of one call of the command, ready to be written in any format. */
export interface Report {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly replications: number;
  readonly results: readonly PolicyResult[];
}
