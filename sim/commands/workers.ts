import { integerFrom } from '../../src/control/fields.js';
import type { Flag } from './flags.js';

/** `--workers N`. */
export const WORKERS_FLAG: Flag = { kind: 'number', rule: integerFrom(1, 256) };
/** The line of a command's help about `--workers`. */
export const WORKERS_HELP =
  '  --workers N                 threads (default: the cores); the results do not depend on it';
