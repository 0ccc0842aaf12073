import { describe, expect, it } from 'vitest';

import { loadScenario, parseScenario, scenarioNames } from '../../sim/scenario-file.js';
import { temporaryFiles } from './files.js';

const write = temporaryFiles();

const GOOD = {
  version: 1,
  name: 'mine',
  description: 'A test.',
  durationMs: 1_000,
  workload: { kind: 'poisson', ratePerSecond: 10 },
  serviceMs: 'exp:5',
  createMs: 20,
  min: 1,
  max: 8,
  waitObjectiveMs: 10,
  acquireTimeoutMs: 'Infinity',
};

function problemsOf(changes: object): string {
  try {
    parseScenario({ ...GOOD, ...changes });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the scenarios of the package', () => {
  it.each(scenarioNames())('%s loads under its own name', (name) => {
    const scenario = loadScenario(name);
    expect(scenario.name).toBe(name);
    expect(scenario.description).not.toBe('');
    expect(scenario.durationMs).toBeGreaterThan(0);
  });

  it('cover the usual shapes', () => {
    expect(scenarioNames()).toEqual(
      expect.arrayContaining([
        'azure-llm-code',
        'batch',
        'demo-burst',
        'hold',
        'nasa-http',
        'ramp',
        'sine',
        'spike',
        'steady',
        'step',
      ]),
    );
  });
});

describe('parseScenario', () => {
  it('fills in what need not be said', () => {
    expect(parseScenario(GOOD)).toEqual({
      ...GOOD,
      version: undefined,
      serviceMs: { kind: 'exponential', meanMs: 5 },
      createMs: { kind: 'constant', meanMs: 20 },
      acquireTimeoutMs: Infinity,
      warmUpMs: 0,
      tickMs: 100,
      maxPending: 10_000,
      createConcurrency: 128,
      policies: [],
    });
  });

  it('lists every problem at once', () => {
    const text = problemsOf({ version: 2, min: -1, serviceMs: 'fast', speed: 3, name: undefined });
    expect(text).toContain('name is required');
    expect(text).toContain('version must be 1, got 2');
    expect(text).toContain('min must be an integer from 0 to 100000, got -1');
    expect(text).toContain('serviceMs must be "5" (constant)');
    expect(text).toContain('speed is not an option');
    expect(text).not.toContain('\n');
  });

  it.each([
    [{ min: 9 }, 'max must be at least min (9), got 8'],
    [{ durationMs: undefined }, 'durationMs is required'],
    [
      { durationMs: 1e12, workload: { kind: 'batch', size: 1 } },
      'durationMs must be at most 10000000000 with a decision every 100 ms',
    ],
    [{ hints: 'soon' }, 'hints must be a list of at most 1000, got "soon"'],
    [{ hints: [{ atMs: 1, concurrency: 2 }] }, 'hints[0].forMs is required'],
    [{ hints: [7] }, 'hints[0] must be an object, got 7'],
    [
      { hints: [{ atMs: 1, forMs: 2 }] },
      'hints[0] must have concurrency or ratePerSecond, and not both',
    ],
    [{ tickMs: 1 }, 'tickMs must be a number from 10'],
    [{ policies: ['fixed', 'magic'] }, 'policies must be a list of policies'],
    [{ workload: 'poisson' }, 'workload must be an object, got "poisson"'],
    [{ workload: { kind: 'magic' } }, 'workload.kind must be one of poisson, step'],
    [{ workload: { kind: 'constructor' } }, 'workload.kind must be one of'],
    [{ workload: { kind: 'poisson', ratePerSecond: 1, x: 1 } }, 'workload.x is not an option'],
    [{ workload: { kind: 'poisson', ratePerSecond: -1 } }, 'workload.ratePerSecond must be'],
    [{ workload: { kind: 'poisson', ratePerSecond: 1e7 }, durationMs: 1e9 }, 'about 1.00e+13 req'],
    [{ workload: { kind: 'step', ratePerSecond: 1, steps: [] } }, 'workload.steps must be a list'],
    [
      { workload: { kind: 'step', ratePerSecond: 1, steps: [{ atMs: 5 }] } },
      'workload.steps[0].ratePerSecond is required',
    ],
    [
      {
        workload: {
          kind: 'step',
          ratePerSecond: 1,
          steps: [
            { atMs: 5, ratePerSecond: 1 },
            { atMs: 5, ratePerSecond: 2 },
          ],
        },
      },
      'workload.steps[1].atMs must be more than that of the step before, got 5',
    ],
    [
      {
        workload: { kind: 'ramp', fromRatePerSecond: 1, toRatePerSecond: 2, startMs: 5, endMs: 5 },
      },
      'workload.endMs must be more than startMs, got 5',
    ],
    [{ workload: { kind: 'sine', ratePerSecond: 1, amplitude: 2, periodMs: 9 } }, 'amplitude must'],
    [{ workload: { kind: 'batch', size: 1.5 } }, 'workload.size must be an integer'],
    [{ workload: { kind: 'trace', file: 'x' } }, 'workload.format is required'],
  ])('refuses %j', (changes, message) => {
    expect(problemsOf(changes)).toContain(message);
  });

  it.each([null, [], 'text', 5])('refuses %j', (given) => {
    expect(() => parseScenario(given)).toThrow('a scenario must be an object');
  });

  it('does not fall for __proto__', () => {
    const given: unknown = JSON.parse('{"__proto__": {"min": 1}, "name": "x"}');
    expect(() => parseScenario(given)).toThrow('__proto__ is not an option');
    expect(Object.hasOwn(Object.prototype, 'min')).toBe(false);
  });
});

describe('loadScenario', () => {
  it('reads a file with a trace beside it, as long as the trace unless cut', () => {
    write('arrivals.txt', '0\n1\n2.5\n');
    const workload = { kind: 'trace', file: 'arrivals.txt', format: 'timestamps' };
    const whole = { ...GOOD, durationMs: undefined, workload };
    expect(loadScenario(write('whole.json', JSON.stringify(whole))).durationMs).toBe(2_501);
    expect(loadScenario(write('cut.json', JSON.stringify({ ...GOOD, workload }))).durationMs).toBe(
      1_000,
    );
  });

  it('names the file and the line', () => {
    write('bad.txt', '0\noops\n');
    const workload = { kind: 'trace', file: 'bad.txt', format: 'timestamps' };
    const file = write('trace.json', JSON.stringify({ ...GOOD, workload }));
    expect(() => loadScenario(file)).toThrow(/trace\.json: .*bad\.txt, line 2: "oops"/);
  });

  it.each([
    ['{\n "version": 1,\n "name": }', /line 3: not JSON \(Unexpected token '}'\)$/],
    ['{\n "version": 1\n "name": 2 }', /line 3: not JSON \(Expected ',' or '}'/],
    ['{\n\n', /line 3: not JSON \(Expected property name/],
    ['', /line 1: not JSON \(Unexpected end of JSON input\)$/],
    ['{ "name": "a\nb" }', /line 1: not JSON|line 2: not JSON/],
  ])('names the line of the syntax error in %j', (content, message) => {
    expect(() => loadScenario(write('broken.json', content))).toThrow(message);
  });

  it('knows what it does not know', () => {
    expect(() => loadScenario('nope')).toThrow(/"nope" is not a scenario; known: .*steady/);
    expect(() => loadScenario('./nope.json')).toThrow('./nope.json: cannot be read (no such file)');
  });
});
