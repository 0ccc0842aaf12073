import { NETWORK_FAULTS } from './faults.js';
import { describeMatrix } from './matrix.js';

describeMatrix('a pool on a network where something goes wrong', NETWORK_FAULTS);
