import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseScenario, simulate } from '../../sim/index.js';
import { readTrace } from '../../sim/workload/trace-file.js';
import { temporaryFiles } from './files.js';

const write = temporaryFiles();

describe('a trace with use times', () => {
  it('reads JSON lines, packed or not, in milliseconds, sorted with their use times', () => {
    const lines = '{"t": 30, "n": 4}\n{"t": 10, "n": 2, "x": []}\n\n{"t": "20.5", "n": 8}\n';
    const options = {
      format: 'timestamps',
      column: 't',
      unit: 'ms',
      serviceColumn: 'n',
      serviceScale: 0.5,
    } as const;
    const expected = {
      workload: {
        kind: 'timestamps',
        atMs: Float64Array.of(0, 10.5, 20),
        workMs: Float64Array.of(1, 4, 2),
      },
      durationMs: 21,
      serviceMs: { kind: 'recorded', meanMs: 7 / 3 },
    };
    expect(readTrace({ ...options, file: write('a.jsonl', lines) })).toEqual(expected);
    const packed = write('b.jsonl.gz', gzipSync(lines));
    expect(readTrace({ ...options, file: packed })).toEqual(expected);
  });

  it('reads them from a CSV file too, whatever the order of the columns', () => {
    const file = write('use.csv', 'ms,at\n5,1\n7,0\n');
    const trace = readTrace({ file, format: 'timestamps', column: 'at', serviceColumn: 'ms' });
    expect(trace.workload).toEqual({
      kind: 'timestamps',
      atMs: Float64Array.of(0, 1_000),
      workMs: Float64Array.of(7, 5),
    });
  });

  it.each([
    ['{"t": 1, "n": -1}', 'line 1: "-1" is not a use time'],
    ['{"t": 1}', 'line 1: no number or text under "n"; keys: t'],
    ['[1]', 'line 1: not a JSON object'],
    ['{"t": 1, "n": 1}\n{', 'line 2: not a JSON object'],
  ])('refuses %s', (lines, message) => {
    const file = write('bad.jsonl', lines);
    expect(() =>
      readTrace({ file, format: 'timestamps', column: 't', serviceColumn: 'n' }),
    ).toThrow(message);
  });

  it('refuses a file that is not packed, or that unpacks to too much', () => {
    const plain = write('plain.csv.gz', 'a,b');
    expect(() => readTrace({ file: plain, format: 'counts' })).toThrow('not a gzip file');
    const bomb = write('bomb.gz', gzipSync(Buffer.alloc(257 * 2 ** 20)));
    expect(() => readTrace({ file: bomb, format: 'counts' })).toThrow('larger than 256 MiB');
  });

  it('drives the simulator with its own use times', () => {
    const file = write('two.jsonl', '{"t": 0, "n": 30}\n{"t": 1, "n": 5}\n');
    const trace = { kind: 'trace', file, format: 'timestamps', column: 't', unit: 'ms' };
    const given = {
      version: 1,
      name: 'two',
      description: 'The second waits for the first.',
      workload: { ...trace, serviceColumn: 'n' },
      createMs: 0,
      min: 1,
      max: 1,
      waitObjectiveMs: 10,
      acquireTimeoutMs: 100,
      warmUpMs: 1,
    };
    const scenario = parseScenario(given);
    expect(simulate(scenario, 'fixed').wait.maxMs).toBe(29);
    expect(() => parseScenario({ ...given, serviceMs: 5 })).toThrow('serviceMs must be left out');
    const serviceMs = { kind: 'constant', meanMs: 3 } as const;
    expect(simulate({ ...scenario, serviceMs }, 'fixed').wait.maxMs).toBe(2);
  });
});
