/**
 * The offline simulator: the pool's own engine and controller under a virtual clock, with callers and a backend made up
 * or replayed from a trace.
 */
export { InputError } from './input-error.js';
export { formatDistribution, parseDistribution } from './kernel/distributions.js';
export type { Distribution } from './kernel/distributions.js';
export { POLICY_NAMES } from './policies.js';
export type { DecisionGroup, DecisionNote } from './analysis/decision-log.js';
export { SeriesRecorder } from './analysis/time-series.js';
export type { RunSeries } from './analysis/time-series.js';
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
export type { RecordedDurations, SettingsChange } from './run.js';
export { loadRecording, type ReadRecording } from './recording/recording.js';
export type { RecordedRun } from './recording/recorded-run.js';
export {
  simulateRecording,
  type SimulatedRecording,
  type WhatIf,
} from './recording/simulate-recording.js';
export type { ChoiceName, PolicyChoice, PolicyName } from './policies.js';
export { bestFixedSize, clairvoyantBound, reactiveBound } from './analysis/bounds.js';
export type {
  ClairvoyantBound,
  CostModel,
  FixedSizeWaits,
  ReactiveBound,
} from './analysis/bounds.js';
export { isLoadIndependent, requestsOf, zeroWaitDemand } from './analysis/bounds-requests.js';
export type { Requests, StepFunction } from './analysis/bounds-requests.js';
export { costFloorWithWaiting } from './analysis/bounds-waiting.js';
export type { CostFloor } from './analysis/bounds-waiting.js';
export { elasticity, readySupply } from './analysis/elasticity.js';
export type { Elasticity } from './analysis/elasticity.js';
export type { PairedDifference } from './analysis/paired.js';
export type { MeanInterval } from './analysis/statistics.js';
export { BASELINE_NAMES } from './baselines/index.js';
export type { BaselineName } from './baselines/index.js';
export { compare } from './compare.js';
export type {
  CompareOptions,
  ComparedBounds,
  ComparedPolicy,
  Comparison,
  Figure,
} from './compare.js';
export type { PolicyResult, ReplicationSummary, WaitSummary } from './result.js';
export type { BackendModel } from './backend/backend.js';
export type { Fault } from './backend/faults.js';
export type { ShortRun } from './analysis/run-length.js';
export type { Scenario } from './scenario.js';
export type { Retries } from './workload/callers.js';
export { loadScenario, parseScenario, scenarioNames } from './scenario-file.js';
export { simulate } from './simulate.js';
export type { SimulateOptions } from './simulate.js';
export { erlangAnswer, fewestConnections } from './tune/erlang-answer.js';
export type { ErlangAnswer, Load } from './tune/erlang-answer.js';
export type { Candidate, PolicySettings } from './tune/candidate.js';
export type { Evaluation, Minimised, Outcome } from './tune/evaluation.js';
export { parseObjective } from './tune/objective.js';
export type { Goal, Metric, Objective } from './tune/objective.js';
export { tune } from './tune/tune.js';
export type { Sensitivity, TunedSetup, TuneOptions, Tuning } from './tune/tune.js';
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
