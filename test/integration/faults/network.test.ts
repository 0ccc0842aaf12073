import { NETWORK_FAULTS } from './faults.js';
import { describeMatrix } from './matrix.js';

describeMatrix(NETWORK_FAULTS);
