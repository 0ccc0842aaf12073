import { describe, expect, it } from 'vitest';

import { erlangAnswer, fewestConnections } from '../../sim/tune/erlang-answer.js';
import { formatGoal, parseObjective } from '../../sim/tune/objective.js';
import { runCommand } from './run.js';

describe('an objective', () => {
  it.each([
    ['wait p99 < 10ms', [{ metric: 'wait p99', limit: 10 }]],
    ['  Wait mean<=0.5 s ', [{ metric: 'wait mean', limit: 500 }]],
    ['wait max < 250us', [{ metric: 'wait max', limit: 0.25 }]],
    ['wait p95 < 3', [{ metric: 'wait p95', limit: 3 }]],
    [
      'wait p50 < 1ms and timeouts < 0.1%, violations < 0.05',
      [
        { metric: 'wait p50', limit: 1 },
        { metric: 'timeouts', limit: 0.001 },
        { metric: 'violations', limit: 0.05 },
      ],
    ],
  ])('is read from %j', (text, goals) => {
    expect(parseObjective(text)).toEqual(goals);
    const formatted = parseObjective(text).map((goal) => formatGoal(goal));
    expect(parseObjective(formatted.join(' and '))).toEqual(goals);
  });

  it.each(['', 'fast', 'wait p98 < 1ms', 'wait p99 > 1ms', 'wait p99 < 0ms', 'wait p99 < 1%'])(
    'is not %j',
    (text) => expect(() => parseObjective(text)).toThrow(/must be "wait p99 < 10ms"/),
  );

  it('names nothing twice', () => {
    expect(() => parseObjective('timeouts < 1% and timeouts < 2%')).toThrow('names timeouts twice');
  });
});

describe('the Erlang answer', () => {
  it('has the quantiles of the textbook', () => {
    // M/M/5 at load 4: P(wait) 0.554113, p95 2.405345 service times.
    const answer = erlangAnswer({ ratePerSecond: 4, useMs: 1_000 }, 5);
    expect(answer.waitProbability).toBeCloseTo(0.554113, 6);
    expect(answer.waitP95Ms).toBeCloseTo(2_405.345, 2);
    expect(answer.waitMeanMs).toBeCloseTo(554.113, 2);
    expect(answer.utilisation).toBeCloseTo(0.8, 12);
  });

  it('is the smallest number that does', () => {
    const load = { ratePerSecond: 2_000, useMs: 5 };
    for (const text of ['wait p99 < 10ms', 'wait mean < 0.2ms', 'wait p50 < 1ms']) {
      const objective = parseObjective(text);
      const answer = fewestConnections(load, objective);
      let expected = 1;
      const level = (connections: number): number => {
        const one = erlangAnswer(load, connections);
        return text.includes('p99')
          ? one.waitP99Ms
          : text.includes('p50')
            ? one.waitP50Ms
            : one.waitMeanMs;
      };
      while (!(level(expected) < (objective[0]?.limit ?? 0))) expected += 1;
      expect(answer?.connections).toBe(expected);
    }
  });
});

describe('adaptive-pool oracle', () => {
  it('finds the fewest connections', async () => {
    const { status, stdout } = await runCommand(
      'oracle --rate 500/s --use-ms 4 --objective',
      'wait p99 < 10ms',
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^4 connections for wait p99 < 10 ms: 500\.0 callers per second, 4 ms each/,
    );
    expect(stdout).toMatch(/^4 < +50\.0 /m);
  });

  it('prints JSON, with null for waits that grow', async () => {
    const { stdout } = await runCommand(
      'oracle --rate 30_000/min --use-ms 4 --connections 2 --json',
    );
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      ratePerSecond: 500,
      useMs: 4,
      offeredLoad: 2,
      objective: null,
      answer: {
        connections: 2,
        utilisation: 1,
        waitProbability: 1,
        waitMeanMs: null,
        waitP50Ms: null,
        waitP95Ms: null,
        waitP99Ms: null,
      },
      neighbours: [],
    });
  });

  it.each([
    ['--rate 500/s --use-ms 4', '--objective or --connections is needed'],
    ['--use-ms 4 --connections 3', '--rate and --use-ms are needed'],
    ['--rate x --use-ms 4 --connections 3', '--rate must be 500/s'],
    ['--rate 5 --use-ms 4 --objective timeouts<1%', '--objective timeouts has no formula'],
    ['--rate 9e9 --use-ms 4 --connections 3', '--rate must be'],
    ['--rate 1000000/s --use-ms 400 --connections 3', 'more than 100000 connections'],
  ])('refuses %j', async (line, message) => {
    const { status, stdout, stderr } = await runCommand(`oracle ${line}`);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
