import { describe, expect, test } from 'vitest';
import { InvalidOptionsError } from '../../src/errors.js';
import type { LevelLogger } from '../../src/telemetry/logger.js';
import { consoleLogger } from '../../src/telemetry/scaling-log.js';

describe('the console logger', () => {
  test('prints the message only, from its level on', () => {
    const lines: string[] = [];
    const put =
      (level: string) =>
      (...args: unknown[]) =>
        void lines.push(`${level} ${args.join('|')}`);
    const target = {
      debug: put('debug'),
      info: put('info'),
      warn: put('warn'),
      error: put('error'),
    };
    for (const level of ['info', 'debug'] as const) {
      const logger = consoleLogger({ level, console: target });
      logger.debug({}, 'a');
      logger.info({}, 'b');
      logger.warn({}, 'c');
      logger.error({}, 'd');
    }
    const fromInfo = ['info b', 'warn c', 'error d'];
    expect(lines).toEqual([...fromInfo, 'debug a', ...fromInfo]);
  });

  test('takes the global console when none is given', () => {
    expect(() => consoleLogger()).not.toThrow();
    const logger: LevelLogger = console;
    expect(typeof logger.info).toBe('function');
  });

  test('refuses a level that is none, a console that cannot print, and what it does not know', () => {
    const wrong: unknown[] = [{ level: 'nope' }, { console: {} }, { least: 'warn' }, null];
    const refusals = wrong.map((options) => {
      try {
        return consoleLogger(options as Parameters<typeof consoleLogger>[0]);
      } catch (error) {
        return error instanceof InvalidOptionsError ? error.problems : error;
      }
    });
    expect(refusals).toEqual([
      ['level must be one of debug, info, warn, error, got "nope"'],
      ['console must be an object with debug(), info(), warn(), error(), got an object'],
      [expect.stringContaining('least')],
      ['the options must be an object, got null'],
    ]);
  });
});
