import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

import { millisecondsSince, parseInstant } from '../../sim/workload/timestamps.js';
import { readTrace } from '../../sim/workload/trace-file.js';
import type { TraceFile } from '../../sim/workload/trace-file.js';
import { temporaryFiles } from './files.js';

const write = temporaryFiles();

function arrivals(content: string, options: Omit<TraceFile, 'file' | 'format'> = {}): number[] {
  const file = write('timestamps.txt', content);
  const { workload } = readTrace({ file, format: 'timestamps', ...options });
  return workload.kind === 'timestamps' ? Array.from(workload.atMs) : [];
}

function counts(content: string, options: Omit<TraceFile, 'file' | 'format'> = {}): number[] {
  const file = write('counts.txt', content);
  const { workload } = readTrace({ file, format: 'counts', ...options });
  return workload.kind === 'counts' ? Array.from(workload.counts) : [];
}

describe('parseInstant', () => {
  it.each([
    ['2023-11-16T18:17:03Z', 1_700_158_623, 0],
    ['2023-11-16 18:17:03', 1_700_158_623, 0],
    ['2023-11-16 18:17:03.9799600', 1_700_158_623, 979.96],
    ['2023-11-16T18:17:03.5+02:00', 1_700_151_423, 500],
    ['2023-11-16T18:17:03-0530', 1_700_178_423, 0],
    ['1970-01-01 00:00:00.0000001', 0, 0.0001],
    ['12.5', 12, 500],
    ['-0.25', -0, -250],
    ['1700158623.9799601', 1_700_158_623, 979.9601],
    ['0.12500000000000000001', 0, 125],
  ])('reads %s', (text, seconds, fractionMs) => {
    expect(parseInstant(text)).toEqual({ seconds, fractionMs });
  });

  it.each([
    '',
    'noon',
    '2023-11-16',
    '2023-13-01 00:00:00',
    '2023-02-30 00:00:00',
    '2023-11-16 24:00:00',
    '2023-11-16 18:60:00',
    '1e3',
    '0x10',
    '2023-11-16 18:17:03+99:00',
    '12.',
    '.5',
    'Infinity',
  ])('refuses %j', (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  it('tells instants 100 ns apart', () => {
    const [one, two] = ['2023-11-16 18:17:03.9799600', '2023-11-16 18:17:04.0000001'].map((text) =>
      parseInstant(text)!,
    );
    expect(millisecondsSince(one!, two!)).toBeCloseTo(20.0401, 9);
  });
});

describe('a trace of timestamps', () => {
  it('starts at its first arrival', () => {
    expect(arrivals('100.5\n100.5\n101\n\n103\n')).toEqual([0, 0, 500, 2_500]);
  });

  it('is sorted when the file is not', () => {
    expect(arrivals('3\n1\n2\n')).toEqual([0, 1_000, 2_000]);
  });

  it('reads a column of a CSV file, quoted fields and Windows line ends included', () => {
    const content =
      '\uFEFFname,TIMESTAMP,n\r\n"a, ""b""",2023-11-16 18:17:03.5,1\r\nc,2023-11-16 18:17:04,2\r\n';
    expect(arrivals(content, { column: 'TIMESTAMP' })).toEqual([0, 500]);
  });

  it('is played faster with speed', () => {
    expect(arrivals('0\n10\n', { speed: 20 })).toEqual([0, 500]);
  });

  it('begins where it is told to, with what belongs to each arrival', () => {
    expect(arrivals('0\n1\n2.5\n4', { fromMs: 500, speed: 2 })).toEqual([0, 750, 1_500]);
    const file = write('works.csv', 't,work\n0,7\n1,8\n2,9\n');
    const columns = { column: 't', serviceColumn: 'work', fromMs: 500 };
    expect(readTrace({ file, format: 'timestamps', ...columns })).toMatchObject({
      durationMs: 1_501,
      workload: { atMs: [500, 1_500], workMs: [8, 9] },
    });
    expect(() => arrivals('0\n1', { fromMs: 9_000 })).toThrow('no arrivals from 9000 ms on');
  });

  it('may be packed, whatever the file is called', () => {
    const packed = gzipSync('100.5\n101\n');
    for (const name of ['packed.txt.gz', 'packed.txt']) {
      const { workload } = readTrace({ file: write(name, packed), format: 'timestamps' });
      expect(workload).toMatchObject({ atMs: Float64Array.of(0, 500) });
    }
  });

  it('is refused in one line when it is packed badly', () => {
    const packed = gzipSync('100.5\n101\n');
    const read = (content: string | Uint8Array): (() => unknown) => {
      const file = write('bad.txt.gz', content);
      return () => readTrace({ file, format: 'timestamps' });
    };
    expect(read(packed.subarray(0, 20))).toThrow(/bad\.txt\.gz: the gzip file is cut off$/);
    expect(read('100.5\n')).toThrow(/bad\.txt\.gz: not a gzip file$/);
    expect(read('')).toThrow(/bad\.txt\.gz: /);
  });

  it('lasts until just after its last arrival', () => {
    const file = write('short.txt', '0\n10\n');
    expect(readTrace({ file, format: 'timestamps' }).durationMs).toBe(10_001);
  });

  it.each([
    ['1\nfoo\n', {}, /timestamps\.txt, line 2: "foo" is not a time such as/],
    ['TIMESTAMP,n\n1,2\n', {}, /line 1: .*name the column/],
    ['a,b\n1,2\n', { column: 'c' }, /line 1: no column "c"; columns: a, b/],
    ['a,b\n1\n', { column: 'b' }, /line 2: no value for column "b"/],
    ['a,b\n1,"2\n', { column: 'b' }, /line 2: a quote is not closed/],
    ['a,b\n"1"x,2\n', { column: 'b' }, /line 2: text after a closing quote/],
    ['a\nconstructor\n', { column: 'a' }, /line 2: "constructor" is not a time/],
    [`a,${'b'.repeat(70_000)}\n1\n`, { column: 'a' }, /line 1: longer than 65536 characters/],
    ['', {}, /no arrivals in it/],
    ['a,b\n', { column: 'a' }, /no arrivals in it/],
    ['1\n2\n', { scale: 2 }, /timestamps cannot be scaled/],
    ['\u001B[31mred\n', {}, /"\?\[31mred" is not/],
    ['1\n999999999999\n', {}, /spans more than 30 years/],
  ])('refuses %j with %j', (content, options, message) => {
    expect(() => arrivals(content, options)).toThrow(message);
  });
});

describe('a trace of counts', () => {
  it('reads numbers on one line or on many', () => {
    expect(counts('0 1 2\n3\n\n4 5')).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('reads a column of a CSV file', () => {
    expect(counts('period,count\n2014-07-01 00:00:00,7\nx,8.0\n', { column: 'count' })).toEqual([
      7, 8,
    ]);
  });

  it('scales up by multiplying and down by carrying the rest', () => {
    expect(counts('1 0 2', { scale: 3 })).toEqual([3, 0, 6]);
    expect(counts('1 1 1 1 1 1 1 1 1 1', { scale: 0.3 })).toEqual([0, 0, 0, 1, 0, 0, 1, 0, 0, 1]);
  });

  it('begins with the bin it is told to', () => {
    expect(counts('1 2 3 4', { binMs: 1_000, fromMs: 2_500 })).toEqual([3, 4]);
  });

  it('has bins of a minute unless told otherwise', () => {
    const file = write('bins.txt', '1 2');
    expect(readTrace({ file, format: 'counts' }).durationMs).toBe(120_000);
    expect(readTrace({ file, format: 'counts', binMs: 1_000, speed: 4 }).durationMs).toBe(500);
  });

  it.each([
    ['1\n2\nx\n', {}, /counts\.txt, line 3: "x" is not a count/],
    ['1 -2', {}, /line 1: "-2" is not a count/],
    ['1.5', {}, /line 1: "1\.5" is not a count/],
    ['NaN', {}, /line 1: "NaN" is not a count/],
    ['1000000000000000', {}, /line 1: "1000000000000000" is not a count/],
    ['1\n1000000000\n', {}, /line 2: more than 100000000 arrivals/],
    ['1\n1000\n', { scale: 1_000_000 }, /line 2: more than 100000000 arrivals/],
    ['0 0 0', {}, /no arrivals in it/],
    ['__proto__,b\n1,2\n', { column: 'toString' }, /no column "toString"/],
  ])('refuses %j with %j', (content, options, message) => {
    expect(() => counts(content, options)).toThrow(message);
  });

  it('says what is wrong with a file that cannot be read', () => {
    expect(() => readTrace({ file: '/no/such', format: 'counts' })).toThrow(
      '/no/such: cannot be read (no such file)',
    );
    expect(() => readTrace({ file: '/', format: 'counts' })).toThrow('it is a directory');
  });

  it('never reads more than its limit, also from a device without end', () => {
    expect(() => readTrace({ file: '/dev/zero', format: 'counts' })).toThrow('larger than 256 MiB');
  });
});
