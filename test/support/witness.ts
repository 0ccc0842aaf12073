import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { AdaptivePool } from '../../src/adaptive-pool.js';
import type { PoolEvents } from '../../src/events.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { recordScaling } from '../../src/telemetry/recorder.js';
import { consoleLogger } from '../../src/telemetry/scaling-log.js';
import { run } from '../sim/run.js';

const EVENTS: Readonly<Record<keyof PoolEvents, true>> = {
  scale: true,
  decision: true,
  shadow: true,
  create: true,
  'create-error': true,
  destroy: true,
  timeout: true,
  leak: true,
  'leak-end': true,
  advice: true,
  error: true,
};

/** Everything that can be read off a value. */
export function everyView(value: unknown): string {
  const views = [String(value), inspect(value, { depth: 10, showHidden: true })];
  if (value instanceof Error) {
    views.push(value.message, value.stack ?? '', JSON.stringify(Object.getOwnPropertyNames(value)));
    views.push(everyView(value.cause));
  }
  return [...views, jsonOf(value)].join('\n');
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    // A pool refers to itself as the context of its listeners.
    return String(error);
  }
}

/** Writes down everything that a pool says to anybody. */
export class Witness {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'adaptive-pool-witness-'));
  readonly logged: string[] = [];
  /** What listeners were given, by name of the event. */
  readonly heard: { readonly event: keyof PoolEvents; readonly payload: object }[] = [];
  readonly logger: Logger;
  #stop = (): Promise<void> => Promise.resolve();

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
    const line = (text: string): void => void this.logged.push(text);
    const console = { debug: line, info: line, warn: line, error: line };
    const toConsole = consoleLogger({ level: 'debug', console });
    const toPino = pino({ level: 'trace' }, { write: line });
    const both =
      (level: keyof Logger) =>
      (fields: object, message: string): void => {
        line(everyView(fields));
        toConsole[level](fields, message);
        toPino[level](fields, message);
      };
    this.logger = {
      debug: both('debug'),
      info: both('info'),
      warn: both('warn'),
      error: both('error'),
    };
  }

  get recording(): string {
    return join(this.folder, 'recording');
  }

  watch<T>(pool: AdaptivePool<T>): void {
    for (const event of Object.keys(EVENTS) as (keyof PoolEvents)[]) {
      pool.on(event, (payload: object) => this.heard.push({ event, payload }));
    }
    const recording = recordScaling(pool, this.recording, { requests: true });
    this.#stop = () => recording.stop();
  }

  /** Ends the recording, and makes of it everything that the command can make. */
  async files(): Promise<string[]> {
    await this.#stop();
    for (const [name, ...words] of [
      ['replay', 'replay', this.recording, '--policy', 'step', '--html', 'FILE.html'],
      ['json', 'replay', this.recording, '--json'],
      ['calibrate', 'calibrate', this.recording, '--html', 'FILE.html'],
    ] as const) {
      const page = join(this.folder, `${name}.html`);
      const { status, stdout, stderr } = await run(
        ...words.map((word) => (word === 'FILE.html' ? page : word)),
      );
      if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
      this.logged.push(stdout, stderr);
    }
    return readdirSync(this.folder).map((name) => readFileSync(join(this.folder, name), 'utf8'));
  }
}
