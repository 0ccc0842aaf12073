import { describe } from 'vitest';

import { testRows } from './oracle-check.js';
import { LONG_ROWS } from './oracle-rows.js';

describe('the simulator agrees with queueing theory', () => {
  testRows(LONG_ROWS, 1_200_000);
});
