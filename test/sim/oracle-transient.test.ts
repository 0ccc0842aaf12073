import { describe } from 'vitest';

import { testRows } from './oracle-check.js';
import { TRANSIENT_ROWS } from './oracle-rows.js';

describe('the simulator agrees with queueing theory at every time', () => {
  testRows(TRANSIENT_ROWS, 300_000);
});
