import { describe, expect, it } from 'vitest';

import { parseScenario, SeriesRecorder, simulate } from '../../sim/index.js';
import type { PolicyResult, RunSeries, Scenario } from '../../sim/index.js';

const BURST = parseScenario({
  version: 1,
  name: 'burst',
  description: 'A step up and down.',
  durationMs: 4_000,
  warmUpMs: 200,
  workload: {
    kind: 'step',
    ratePerSecond: 200,
    steps: [
      { atMs: 1_000, ratePerSecond: 2_000 },
      { atMs: 2_000, ratePerSecond: 200 },
    ],
  },
  serviceMs: 'exp:5',
  createMs: 20,
  min: 2,
  max: 32,
  waitObjectiveMs: 10,
  acquireTimeoutMs: 1_000,
});

function seriesOf(
  scenario: Scenario,
  policy: 'fixed' | 'step' | 'littles-law' = 'step',
  replications = 1,
): { series: RunSeries; result: PolicyResult } {
  const recorder = new SeriesRecorder(scenario.warmUpMs + scenario.durationMs);
  const result = simulate(scenario, policy, { series: recorder, replications });
  return { series: recorder.read(), result };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

describe('the series of a run', () => {
  it('changes nothing about the run', () => {
    expect(seriesOf(BURST).result).toEqual(simulate(BURST, 'step'));
  });

  it('adds up to the figures of the whole run', () => {
    const { series, result } = seriesOf(BURST);
    expect(series.binMs).toBe(20);
    expect(series.lengthMs).toBeGreaterThanOrEqual(4_200);
    expect((sum(series.arrivals) * series.binMs) / 1_000).toBeCloseTo(result.requests, 6);
    const lastMs = series.lengthMs - (series.size.length - 1) * series.binMs;
    const sizeMs =
      sum(series.size.slice(0, -1)) * series.binMs + (series.size.at(-1) ?? 0) * lastMs;
    expect(sizeMs / 1_000).toBeCloseTo(result.connectionSeconds, 6);
    expect(Math.max(...series.size)).toBeLessThanOrEqual(result.peakSize);
    expect(Math.max(...series.waitP99Ms.map((wait) => wait ?? 0))).toBeLessThanOrEqual(
      result.wait.maxMs,
    );
    for (const [bin, inUse] of series.inUse.entries()) {
      expect(inUse).toBeLessThanOrEqual((series.size[bin] ?? 0) + 1e-9);
      expect(series.waiting[bin]).toBeLessThanOrEqual((series.mostWaiting[bin] ?? 0) + 1e-9);
    }
  });

  it('knows every decision, in groups and one by one', () => {
    const { series } = seriesOf(BURST);
    expect(series.decisionCount).toBeGreaterThan(2);
    const groups = series.decisions.filter((group) => group !== null);
    expect(sum(groups.map((group) => group.count))).toBe(series.decisionCount);
    expect(series.largest).toHaveLength(series.decisionCount);
    expect(series.largest[0]?.message).toMatch(/^(grow|shrink) \d+→\d+ /);
    // One group ends where the next begins.
    for (const [index, group] of groups.slice(1).entries()) {
      expect(group.from).toBe(groups[index]?.to);
    }
  });

  it('has gaps where nobody arrived, not zeros', () => {
    const { series } = seriesOf({ ...BURST, workload: { ...BATCH, size: 40 } });
    expect(series.waitP50Ms.filter((wait) => wait !== null)).toHaveLength(1);
    expect(series.permits.every((permits) => permits === null)).toBe(true);
  });

  it('stays within six hundred bins however long callers take to be served', () => {
    const scenario = {
      ...BURST,
      workload: { ...BATCH, size: 3_000 },
      acquireTimeoutMs: Number.POSITIVE_INFINITY,
      min: 1,
      max: 1,
    };
    const { series, result } = seriesOf(scenario, 'fixed');
    expect(series.lengthMs).toBeGreaterThan(12_000);
    expect(series.size.length).toBeLessThanOrEqual(600);
    expect(series.binMs).toBe(40);
    expect((sum(series.arrivals) * series.binMs) / 1_000).toBeCloseTo(result.requests, 6);
    const wait = series.waitP99Ms.find((one) => one !== null && one > 0) ?? 0;
    expect(Math.abs(wait / result.wait.p99Ms - 1)).toBeLessThan(0.03);
  });

  it('is of the first replication', () => {
    expect(seriesOf(BURST, 'step', 3).series).toEqual(seriesOf(BURST).series);
  });
});

const BATCH = {
  kind: 'batch',
  startMs: 100,
  periodMs: Number.POSITIVE_INFINITY,
} as const;
