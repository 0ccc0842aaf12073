import { describe } from 'vitest';

import { testRows } from './oracle-check.js';
import { SETUP_ROWS } from './oracle-rows.js';

describe('connections that open and close agree with queueing theory', () => {
  testRows(SETUP_ROWS, 300_000);
});
