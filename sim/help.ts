import { POLICY_NAMES } from './policies.js';

/** What `adaptive-pool --help` prints. */
export const HELP: string = `adaptive-pool: try sizing policies offline, on the pool's own engine and controller

usage
  adaptive-pool simulate --scenario NAME|FILE [flags]
  adaptive-pool simulate --trace FILE --trace-format timestamps|counts
                         --service-ms DIST --create-ms DIST --min N --max N [flags]
  adaptive-pool scenarios           list the scenarios that come with the package
  adaptive-pool --help | --version

flags
  --policy A,B,C          policies to compare (default: those of the scenario, else all):
                          ${POLICY_NAMES.join(', ')}
  --seed N                where all randomness comes from (default 1)
  --replications N        independent runs, pooled (default 1)
  --json, --csv           instead of a table
  --service-ms DIST       how long a lease holds its connection
  --create-ms DIST        how long opening a connection takes
  --min N, --max N        limits of the size
  --wait-objective-ms N   a longer wait is a violation (default with --trace: 10)
  --acquire-timeout-ms N  longest wait, or Infinity (default with --trace: 1000)
  --duration-ms N         cut the workload after this time
  --warm-up-ms N          time for the minimum to open before the workload begins (default with --trace: 0)
With --scenario the last seven replace what the scenario says.

traces
  --trace-format timestamps   a time per arrival: 2024-05-01T12:00:00.123Z, 2024-05-01 12:00:00.123 or seconds
  --trace-format counts       a number of arrivals per bin, bins one after the other
  --column NAME           the column of a CSV file with a header (default: a plain file)
  --bin-ms N              length of a bin of counts (default 60000)
  --scale X               multiply counts
  --speed X               play X times as fast

DIST is 5 (constant), exp:5 (exponential) or lognormal:5,2 (mean, sigma of the logarithm), in milliseconds.
`;
