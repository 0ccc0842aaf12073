/**
 * The offline simulator: the pool's own engine and controller under a virtual clock, with callers and a backend made up
 * or replayed from a trace.
 */
export { InputError } from './input-error.js';
export { formatDistribution, parseDistribution } from './kernel/distributions.js';
export type { Distribution } from './kernel/distributions.js';
export { POLICY_NAMES } from './policies.js';
export type { PolicyName } from './policies.js';
export type { DecisionGroup, DecisionNote } from './analysis/decision-log.js';
export { SeriesRecorder } from './analysis/time-series.js';
export type { RunSeries } from './analysis/time-series.js';
export type { MeanInterval } from './analysis/statistics.js';
export { calibrate, type CalibratedFigure, type Calibration } from './recording/calibrate.js';
export type { DecisionReplayResult, Difference } from './recording/decision-replay.js';
export type {
  DurationCounts,
  RecordedDecision,
  RecordedLoad,
  RecordedSettings,
  RecordingEntry,
  RecordingHeader,
} from './recording/entries.js';
export { readRecording } from './recording/reader.js';
export type { RecordedDurations } from './run.js';
export { loadRecording, type ReadRecording } from './recording/recording.js';
export type { RecordedRun } from './recording/recorded-run.js';
export {
  simulateRecording,
  type SimulatedRecording,
  type WhatIf,
} from './recording/simulate-recording.js';
export type { PolicyResult, ReplicationSummary, WaitSummary } from './result.js';
export type { BackendModel } from './backend/backend.js';
export type { Fault } from './backend/faults.js';
export type { ShortRun } from './analysis/run-length.js';
export type { Scenario } from './scenario.js';
export type { Retries } from './workload/callers.js';
export { loadScenario, parseScenario, scenarioNames } from './scenario-file.js';
export { simulate } from './simulate.js';
export type { SimulateOptions } from './simulate.js';
export { readTrace } from './workload/trace-file.js';
export type { Trace, TraceFile } from './workload/trace-file.js';
export type {
  BatchWorkload,
  ClosedWorkload,
  CountsWorkload,
  DeterministicWorkload,
  DiurnalWorkload,
  GammaWorkload,
  H2Workload,
  MmppWorkload,
  PoissonWorkload,
  RampWorkload,
  RateStep,
  SineWorkload,
  SpikeWorkload,
  StepWorkload,
  TimestampsWorkload,
  Workload,
} from './workload/workload.js';
