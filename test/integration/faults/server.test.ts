import { SERVER_FAULTS } from './faults.js';
import { describeMatrix } from './matrix.js';

describeMatrix(SERVER_FAULTS);
