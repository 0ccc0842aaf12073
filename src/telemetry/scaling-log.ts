import { cleanError, textOf } from '../clean-error.js';
import type { ScaleDecision } from '../control/decision.js';
import { findProblems, objectWith, oneOf, type FieldRule } from '../control/fields.js';
import { formatMs } from '../control/words.js';
import { InvalidOptionsError } from '../errors.js';
import type { AdviceEvent, CreateErrorEvent, DestroyEvent, ErrorEvent } from '../events.js';
import { logLeaks } from './leak-log.js';
import { LogListeners, type ScalingSource } from './log-listeners.js';
import type { LevelLogger } from './logger.js';

/** An episode ends after this much quiet, in milliseconds; trouble that comes and goes is one episode. */
const QUIET_MS = 10_000;
/** Failures in a row after which a pool below `min` is called unable to reach it. */
const MANY_FAILURES = 3;

/** Different texts of background errors after which no more are logged. */
const MOST_KNOWN_TEXTS = 100;

/**
 * Logs a pool's scaling until the returned function is called.
 *
 * Levels: `info` when the target changes, and when that of a policy which only observes would; `debug` when a decision changes nothing; `warn` once per episode (at max and
 * still over the wait objective, creates failing, backend saturated); `error` once per episode when `min` cannot be
 * reached, and when the policy failed; `info` once per episode when connections die, when they open again, and the factory's advice; other background errors `warn` once per text. An episode ends after 10 s of quiet. Every call is `(fields, message)`, with the
 * decision without its message as fields. Errors are logged as copies without credentials.
 */
export function logScaling(source: ScalingSource, logger: LevelLogger): () => void {
  const listeners = new LogListeners(source, logger);
  const log = new ScalingLog(listeners.logger);
  listeners.on('scale', (decision) => log.scaled(decision));
  listeners.on('decision', (decision) => log.decided(decision));
  listeners.on('shadow', (decision) => log.shadowed(decision));
  listeners.on('create-error', (event) => log.createFailed(event));
  listeners.on('destroy', (event) => log.destroyed(event));
  listeners.on('error', (event) => log.failed(event));
  listeners.on('advice', (event) => log.advised(event));
  logLeaks(listeners);
  return () => listeners.stop();
}

/** The part of the global `console` that {@link consoleLogger} uses. */
export type ConsoleLike = Record<'debug' | 'info' | 'warn' | 'error', (message: string) => void>;

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** How {@link consoleLogger} prints. */
export interface ConsoleLoggerOptions {
  /** Least level that is printed. @default 'info' */
  readonly level?: (typeof LEVELS)[number] | undefined;
  /** Where to. @default the global console */
  readonly console?: ConsoleLike | undefined;
}

const CONSOLE_RULES: Readonly<Record<keyof ConsoleLoggerOptions, FieldRule>> = {
  level: oneOf(...LEVELS),
  console: objectWith(...LEVELS),
};

/**
 * A logger that prints the message only, one line each.
 *
 * @throws {@link InvalidOptionsError} that lists every problem of `options`
 */
export function consoleLogger(options: ConsoleLoggerOptions = {}): LevelLogger {
  const problems = findProblems(options, CONSOLE_RULES);
  if (problems.length > 0) throw new InvalidOptionsError('console logger options', problems);
  const { level: least = 'info', console: target = console } = options;
  const isLevelEnabled = (level: string): boolean =>
    LEVELS.findIndex((known) => known === level) >= LEVELS.indexOf(least);
  const print =
    (level: (typeof LEVELS)[number]) =>
    (_fields: object, message: string): void => {
      if (isLevelEnabled(level)) target[level](message);
    };
  return {
    isLevelEnabled,
    debug: print('debug'),
    info: print('info'),
    warn: print('warn'),
    error: print('error'),
  };
}

/** A condition that is reported when it begins, and not again before it was away for `QUIET_MS`. */
class Episode {
  #lastSeen = Number.NEGATIVE_INFINITY;

  /** True when this is the beginning. */
  begins(at: number): boolean {
    const isNew = at - this.#lastSeen >= QUIET_MS;
    this.#lastSeen = at;
    return isNew;
  }

  /** Keeps it from ending while it lasts without being reported. */
  lasts(at: number): void {
    if (at - this.#lastSeen < QUIET_MS) this.#lastSeen = at;
  }
}

class ScalingLog {
  readonly #logger: LevelLogger;
  readonly #atMax = new Episode();
  readonly #failing = new Episode();
  readonly #saturated = new Episode();
  readonly #belowMin = new Episode();
  readonly #losing = new Episode();
  readonly #known = new Set<string>();
  /** A warning that connections cannot be opened was not followed by its end yet. */
  #hasWarned = false;
  #failure: CreateErrorEvent | null = null;
  /** Connections that died since the last decision that told of it, and what they died of. */
  #deaths = 0;
  #cause: unknown = undefined;

  constructor(logger: LevelLogger) {
    this.#logger = logger;
  }

  scaled(decision: ScaleDecision): void {
    this.#logger.info(fieldsOf(decision), decision.message);
  }

  decided(decision: ScaleDecision): void {
    const logger = this.#logger;
    const { at, direction, signals } = decision;
    if (direction === 'hold') this.#hold(decision);
    // Who dies together is heard of one after the other.
    if (this.#deaths > 0 && decision.cause !== 'health') this.#reportDeaths(decision);
    if (isAtMaxAndLate(decision) && this.#atMax.begins(at)) {
      logger.warn(fieldsOf(decision), `at max and over the objective: ${decision.message}`);
    }
    if (decision.limitedBy.includes('backend-saturated')) this.#saturated.lasts(at);
    if (decision.verdict?.kind === 'knee' && this.#saturated.begins(at)) {
      logger.warn(fieldsOf(decision), `the backend is the bottleneck: ${decision.message}`);
    }
    if (signals.gate.failuresInARow > 0 || this.#failure !== null) this.#reportFailing(decision);
    else if (this.#hasWarned) this.#reportRecovery(decision);
  }

  /** What a policy would have done. */
  shadowed(decision: ScaleDecision): void {
    if (decision.direction !== 'hold') this.scaled(decision);
    else this.#hold(decision);
  }

  #hold(decision: ScaleDecision): void {
    if (this.#logger.isLevelEnabled?.('debug') === false) return;
    this.#logger.debug(fieldsOf(decision), decision.message);
  }

  createFailed(event: CreateErrorEvent): void {
    this.#failure = event;
  }

  destroyed({ reason, cause }: DestroyEvent): void {
    // Of those that die together some are found dead before they say so.
    if (reason !== 'died' && reason !== 'invalid') return;
    this.#deaths += 1;
    this.#cause ??= cause;
  }

  advised({ message, ...event }: AdviceEvent): void {
    this.#logger.info({ event: 'pool.advice', ...event }, `${event.pool}: ${message}`);
  }

  /** True the first time; a listener that throws at every decision must not fill the log. */
  #isNews(text: string): boolean {
    if (this.#known.has(text) || this.#known.size >= MOST_KNOWN_TEXTS) return false;
    this.#known.add(text);
    return true;
  }

  failed(event: ErrorEvent): void {
    const { pool, operation, policy, error } = event;
    const text = textOf(error);
    const of = policy === undefined ? undefined : { policy };
    const fields = { event: 'pool.error', pool, operation, ...of, err: cleanError(error) };
    if (operation === 'policy') {
      this.#logger.error(fields, `${pool} keeps its target, the policy failed: ${text}`);
    } else if (operation === 'state') {
      this.#logger.warn(fields, `${text}; the policy begins with nothing learnt`);
    } else {
      const what = policy === undefined ? operation : `${operation} ${policy}`;
      if (!this.#isNews(`${what}: ${text}`)) return;
      this.#logger.warn(fields, `${pool}: ${what} failed: ${text}`);
    }
  }

  /** Failed creates are reported with the next decision, which knows the time and the size; it follows at once. */
  #reportFailing(decision: ScaleDecision): void {
    const { at, min, pool, signals } = decision;
    const { reopensInMs } = signals.gate;
    const failure = this.#failure;
    const failuresInARow = Math.max(signals.gate.failuresInARow, failure?.failuresInARow ?? 0);
    this.#failure = null;
    const isPermanent = failure?.class === 'permanent' || signals.createFailures.permanent > 0;
    const open = signals.size - signals.creating;
    const what = failure === null ? whyNoCreateFailed(decision) : ` (${textOf(failure.error)})`;
    const next = reopensInMs > 0 ? `, next in ${formatMs(reopensInMs)}` : '';
    const times = `${failuresInARow} failed in a row${what}${next}`;
    const fields =
      failure === null
        ? fieldsOf(decision)
        : { ...fieldsOf(decision), err: cleanError(failure.error) };
    if (this.#failing.begins(at)) {
      this.#hasWarned = true;
      this.#logger.warn(fields, `${pool} cannot open connections: ${times}; ${open} open`);
    }
    const isStuck = failuresInARow >= MANY_FAILURES || isPermanent;
    if (open < min && isStuck && this.#belowMin.begins(at)) {
      this.#logger.error(fields, `${pool} cannot reach min ${min}: ${open} open; ${times}`);
    }
  }

  /** They are replaced without a caller, but commands under way on them have failed. */
  #reportDeaths(decision: ScaleDecision): void {
    const { at, pool, signals } = decision;
    const lost = this.#deaths === 1 ? 'a connection' : `${this.#deaths} connections`;
    const why = this.#cause === undefined ? '' : ` (${textOf(this.#cause)})`;
    this.#deaths = 0;
    this.#cause = undefined;
    if (!this.#losing.begins(at)) return;
    const open = signals.size - signals.creating;
    this.#logger.info(fieldsOf(decision), `${pool} lost ${lost}${why}; ${open} open`);
  }

  /** Whoever read the warning wants to know that it is over. */
  #reportRecovery(decision: ScaleDecision): void {
    const { min, pool, signals } = decision;
    const open = signals.size - signals.creating;
    if (open < min || open === 0) return;
    this.#hasWarned = false;
    this.#logger.info(fieldsOf(decision), `${pool} opens connections again: ${open} open`);
  }
}

/** A connection that opens and dies at once counts as a create that failed. */
function whyNoCreateFailed({ cause }: ScaleDecision): string {
  return cause === 'health' ? ' (a new connection died before it was used)' : '';
}

/** All of `max` is open and somebody has waited too long all the same; while connections come, there is hope. */
function isAtMaxAndLate({ to, max, signals, waitObjectiveMs }: ScaleDecision): boolean {
  const isFull = to === max && signals.size - signals.creating >= max;
  return isFull && signals.pending > 0 && signals.oldestWaitMs > waitObjectiveMs;
}

function fieldsOf(decision: ScaleDecision): Omit<ScaleDecision, 'message'> {
  const { message: _message, ...fields } = decision;
  return fields;
}
