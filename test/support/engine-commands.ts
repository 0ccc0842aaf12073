/** The commands, each with how often it is drawn. */
export const COMMAND_WEIGHTS = {
  request: 12,
  tryRequest: 2,
  cancel: 2,
  release: 8,
  releaseAgain: 1,
  created: 8,
  createFailed: 2,
  checked: 4,
  destroyed: 4,
  answeredLate: 1,
  died: 1,
  steer: 4,
  configure: 1,
  invalidate: 1,
  armPressure: 1,
  pass: 3,
  advance: 4,
  wake: 2,
  leap: 0.3,
  close: 0.1,
  terminate: 0.05,
} as const;

export type Command = keyof typeof COMMAND_WEIGHTS;
