import { describe, expect, test } from 'vitest';
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
});
