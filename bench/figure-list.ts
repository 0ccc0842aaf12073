import { SeriesRecorder, type RunSeries } from '../sim/analysis/time-series.js';
import { panelsOf, scalesOf } from '../sim/report/html/series-panels.js';
import { loadScenario } from '../sim/scenario-file.js';
import type { Scenario } from '../sim/scenario.js';
import { simulate } from '../sim/simulate.js';
import {
  adaptivePolicy,
  resolveAdaptive,
  type AdaptiveState,
} from '../src/control/policies/adaptive.js';
import type { PolicyOption } from '../src/control/policies/index.js';
import type { Policy } from '../src/control/policy.js';
import { figureSvg } from './figure-svg.js';

const SEED = 1;

/** A run of a figure and what it is called there; '' where it is the only one. */
interface Run {
  readonly name: string;
  readonly policy: PolicyOption;
}

/** A figure of the documentation: some policies in one scenario. */
export interface Figure {
  readonly file: string;
  readonly title: string;
  readonly scenario: Scenario;
  readonly runs: readonly Run[];
  /** Beginnings of the titles of the panels to show. */
  readonly panels: readonly string[];
}

const ADAPTIVE: Run = { name: '', policy: 'adaptive' };

/** `adaptive` without the measurements that may cap its permits. */
const UNVERIFIED: Policy<AdaptiveState> = {
  name: 'unverified',
  init: (config) => adaptivePolicy.init(resolveAdaptive({}, config)),
  decide: (signals, state, config) =>
    adaptivePolicy.decide(signals, state, resolveAdaptive({}, config)),
};

/** The figures of `docs/explanation/control-law.md`. */
export const FIGURES: readonly Figure[] = [
  {
    file: 'step',
    title: 'The load jumps from 5 to 80 busy connections',
    scenario: { ...loadScenario('suite-step'), durationMs: 6_000 },
    runs: [ADAPTIVE],
    panels: ['Connections', 'Callers', 'Wait'],
  },
  {
    file: 'batch',
    title: '100 callers at one instant, every second, with and without a memory',
    scenario: { ...loadScenario('suite-batch'), durationMs: 12_000 },
    runs: [
      { name: 'adaptive', policy: 'adaptive' },
      { name: 'littles-law', policy: 'littles-law' },
    ],
    panels: ['Connections', 'Wait'],
  },
  {
    file: 'flash-crowd',
    title: 'A flash crowd, and another one 40 seconds later',
    scenario: loadScenario('suite-flash-crowd'),
    runs: [ADAPTIVE],
    panels: ['Arrivals', 'Connections', 'Wait'],
  },
  {
    file: 'retrograde',
    title: 'Ten seconds of overload on a server that does less with more',
    // Without an end to the waiting, the second run would not end either.
    scenario: { ...loadScenario('suite-retrograde'), acquireTimeoutMs: 10_000 },
    runs: [
      { name: 'adaptive', policy: 'adaptive' },
      { name: 'without verification', policy: UNVERIFIED },
    ],
    panels: ['Permits', 'Callers'],
  },
  {
    file: 'slow-down',
    title: 'Uses take eight times as long for 20 seconds, whatever the pool does',
    scenario: loadScenario('suite-slow-down'),
    runs: [ADAPTIVE],
    panels: ['Connections', 'Callers', 'Wait'],
  },
];

/** Simulates the figure's runs and draws them; the same bytes every time. */
export function drawFigure({ title, scenario, runs, panels }: Figure): string {
  const { waitObjectiveMs } = scenario;
  const series = runs.map(({ policy }) => record(scenario, policy));
  const scales = scalesOf(series, waitObjectiveMs);
  const lengthMs = scenario.warmUpMs + scenario.durationMs;
  const shown = runs.flatMap(({ name }, index) => {
    const one = series[index] as RunSeries;
    return panelsOf(one, scales, waitObjectiveMs)
      .filter((panel) => panels.some((begin) => panel.title.startsWith(begin)))
      .toSorted((a, b) => placeOf(panels, a.title) - placeOf(panels, b.title))
      .map((panel) => ({ run: name, panel, series: one }));
  });
  return figureSvg(title, shown, lengthMs);
}

function placeOf(panels: readonly string[], title: string): number {
  return panels.findIndex((begin) => title.startsWith(begin));
}

/** What a run looks like until the callers stop coming. */
function record(scenario: Scenario, policy: PolicyOption): RunSeries {
  const lengthMs = scenario.warmUpMs + scenario.durationMs;
  const recorder = new SeriesRecorder(lengthMs);
  simulate(scenario, policy, { seed: SEED, series: recorder });
  const all = recorder.read();
  const bins = Math.ceil(lengthMs / all.binMs);
  const begin = <Value>(values: readonly Value[]): readonly Value[] => values.slice(0, bins);
  return {
    ...all,
    lengthMs: Math.min(lengthMs, all.lengthMs),
    arrivals: begin(all.arrivals),
    size: begin(all.size),
    inUse: begin(all.inUse),
    target: begin(all.target),
    waiting: begin(all.waiting),
    permits: begin(all.permits),
    mostWaiting: begin(all.mostWaiting),
    waitP50Ms: begin(all.waitP50Ms),
    waitP99Ms: begin(all.waitP99Ms),
  };
}
