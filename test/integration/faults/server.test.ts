import { SERVER_FAULTS } from './faults.js';
import { describeMatrix } from './matrix.js';

describeMatrix('a pool of connections to a server with which something goes wrong', SERVER_FAULTS);
