import type { LeakEndEvent, LeakEvent } from '../../src/events.js';
import type { AdaptivePoolOptions } from '../../src/options.js';
import { harness, type Harness } from './pool-harness.js';
import type { Stub } from './stub-factory.js';

/** A pool and what it says of leaks. */
export interface Watched extends Harness {
  readonly leaks: LeakEvent[];
  readonly ends: LeakEndEvent[];
  /** Lines of leaks by level, such as `warn p: …`. */
  readonly lines: string[];
}

/** A pool whose leases are suspect after a second and not sampled, unless `options` say otherwise. */
export function watched(options: Partial<AdaptivePoolOptions<Stub>> = {}): Watched {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (fields: object, message: string): void => {
      if (String((fields as { event?: unknown }).event).startsWith('pool.leak')) {
        lines.push(`${level} ${message}`);
      }
    };
  const logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
  const made = harness({ leakThresholdMs: 1_000, leakSampling: 0, logger, ...options });
  const leaks: LeakEvent[] = [];
  const ends: LeakEndEvent[] = [];
  made.pool.on('leak', (event) => leaks.push(event));
  made.pool.on('leak-end', (event) => ends.push(event));
  return { ...made, leaks, ends, lines };
}
