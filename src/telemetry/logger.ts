/** A pino-shaped logger: fields first, then the message. For a terminal there is `consoleLogger()`. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A logger that may say whether a level is on, as pino does; one that does not say wants everything. */
export interface LevelLogger extends Logger {
  isLevelEnabled?(level: string): boolean;
}
