// TypeScript 6 and later load no types on their own.
/// <reference types="node" preserve="true" />

export type { AcquireOptions, Priority } from './acquire-options.js';
export { AdaptivePool, type RequestObserver, type UseContext } from './adaptive-pool.js';
export type { ControllerState } from './autoscaler/state.js';
export type { CloseOptions, CloseReport } from './closing.js';
export type { RefusalReason } from './engine/ports.js';
export type { Expectation, ExpectedLoad } from './expected-load.js';
export { Lease } from './lease.js';
export type { HeldLease } from './lending.js';
export type { AdaptivePoolOptions, ResolvedOptions, TunableOptions } from './options.js';
export type { OverloadConfig } from './engine/config.js';
export type { OverloadOptions } from './overload-options.js';
export type { PoolStats, SharingStats } from './stats.js';
export {
  AcquireTimeoutError,
  CommandNeedsLeaseError,
  CreateFailedError,
  CreateTimeoutError,
  InvalidOptionsError,
  LeaseReleasedError,
  NotReadyError,
  PoolClosedError,
  PoolError,
  OverloadedError,
  QueueFullError,
  StateRefusedError,
  type AnyPoolError,
  type PoolErrorCode,
} from './errors.js';
export type {
  AdviceEvent,
  CreateErrorEvent,
  CreateEvent,
  DestroyEvent,
  ErrorEvent,
  LeakEndEvent,
  LeakEvent,
  PoolEvents,
  TimeoutEvent,
} from './events.js';
export type {
  Decision,
  Episode,
  Limit,
  Reason,
  ScaleDecision,
  Verdict,
  VerdictKind,
} from './control/decision.js';
export type { Mode } from './control/mode.js';
export type { Policy, PolicyConfig } from './control/policy.js';
export type {
  CreateFailureCounts,
  DecisionCause,
  DurationSummary,
  GateStatus,
  Hint,
  Signals,
} from './control/signals.js';
export type { PolicyOption } from './control/policies/index.js';
export { policyNamed } from './policy-named.js';
export type { Clock, Timer } from './runtime/clock.js';
export type {
  Advice,
  CheckContext,
  CreateContext,
  DestroyContext,
  DestroyReason,
  ErrorClass,
  ResourceFactory,
} from './runtime/resource-factory.js';
export type { ScalingSource } from './telemetry/log-listeners.js';
export type { LevelLogger, Logger } from './telemetry/logger.js';
export {
  consoleLogger,
  logScaling,
  type ConsoleLike,
  type ConsoleLoggerOptions,
} from './telemetry/scaling-log.js';
export {
  recordScaling,
  type RecordOptions,
  type Recording,
  type RecordingSource,
} from './telemetry/recorder.js';
