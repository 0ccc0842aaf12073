import { describe, expect, it } from 'vitest';
import { COLUMNS } from '../../src/telemetry/recording-columns.js';
import { InputError } from '../../sim/input-error.js';
import { calibrate } from '../../sim/recording/calibrate.js';
import { loadRecording } from '../../sim/recording/recording.js';
import { readRecording } from '../../sim/recording/reader.js';
import { temporaryFiles } from './files.js';
import { ALL_GIVEN, decisionLine, headerLine, loadLine } from './recording-lines.js';

const write = temporaryFiles();

async function* pieces(...texts: readonly string[]): AsyncGenerator<string> {
  for (const text of texts) yield await Promise.resolve(text);
}

async function count(...texts: readonly string[]): Promise<number> {
  let entries = 0;
  for await (const _entry of readRecording('pool.jsonl', pieces(...texts))) entries += 1;
  return entries;
}

const MASK_DIGITS = Math.ceil(COLUMNS.length / 4);
const GOOD = [headerLine(), loadLine(), decisionLine()];

function withLine(line: string): string {
  return `${[...GOOD, line, decisionLine({ seq: 2 })].join('\n')}\n`;
}

describe('reading a recording', () => {
  it('takes lines in any pieces', async () => {
    const text = `${GOOD.join('\r\n')}\n\n`;
    expect(await count(text)).toBe(3);
    expect(await count(...text.split(/(?<=.)/s))).toBe(3);
  });

  it('takes a file that an editor gave a byte order mark', async () => {
    expect(await count(`\uFEFF${GOOD.join('\n')}`)).toBe(3);
  });

  it('leaves out a line that was cut off where a process may have died', async () => {
    for (const length of [1, 10, 40]) {
      expect(await count(GOOD.join('\n'), '\n', decisionLine({ seq: 2 }).slice(0, length))).toBe(3);
    }
    expect(await count([...GOOD, '["d","00', headerLine(), decisionLine()].join('\n'))).toBe(5);
  });

  it('accepts what a later version of the same format may add', async () => {
    expect(await count(headerLine({ more: { of: [1] } }))).toBe(1);
  });

  it.each([
    ['', 'pool.jsonl: empty'],
    ['\n \n', 'pool.jsonl: empty'],
    ['GIF89a', 'line 1: not a recording of a pool'],
    ['{}', 'line 1: not a recording of a pool'],
    ['7', 'line 1: a line must be an object, got 7'],
    ['[]', 'line 1: not a recording of a pool: no header'],
    [headerLine({ version: 2 }), 'line 1: version 2 of the recording is not known; known: 1'],
    [headerLine({ version: '1' }), 'line 1: version "1" of the recording is not known'],
    [headerLine({ columns: ['at'] }), 'line 1: the columns are not those of version 1'],
    [headerLine({ columns: 1e9 }), 'line 1: columns must be a list'],
    [headerLine({ tickMs: 0 }), 'line 1: tickMs must be a number from 10 to 60000, got 0'],
    [headerLine({ epochAtZero: 'x' }), 'line 1: epochAtZero must be'],
    [headerLine({ package: 7 }), 'line 1: package must be a text or null, got 7'],
    [headerLine({ continues: -1 }), 'line 1: continues must be'],
    [headerLine({ options: null }), 'line 1: options must be an object'],
    [headerLine({}, { min: 9, max: 3 }), 'line 1: options.max must be at least min'],
    [headerLine({}, { max: 1e9 }), 'line 1: options.max must be an integer from 1 to 100000'],
    [headerLine({}, { policy: 'magic' }), 'line 1: options.policy must be one of'],
    [headerLine({}, { policy: { name: 'step', stepSize: -1 } }), 'line 1: options.policy.stepSize'],
    [
      headerLine({}, { policy: { name: '__proto__' } }),
      'line 1: options.policy.name must be one of',
    ],
    [headerLine({ isOwnPolicy: 'no' }), 'line 1: isOwnPolicy must be true or false'],
    [
      headerLine().replace('"state":', '"state":{"__proto__":{"a":1}},"was":'),
      '"__proto__" is not',
    ],
    [
      headerLine().replace('"state":', `"state":${'['.repeat(50_000)}${']'.repeat(50_000)},"was":`),
      'deeper',
    ],
    [withLine('["d","00'), 'line 4: not JSON'],
    [withLine('{"recording":"other"}'), 'line 4: not a recording of a pool'],
    [
      withLine('["x"]'),
      'line 4: a line must be a header or a list that begins with d, l, n, q or r',
    ],
    [withLine('["__proto__"]'), 'line 4: a line must be a header or a list'],
    [withLine('["d"]'), 'line 4: the mask and the values do not fit each other'],
    [withLine(`["d","${'f'.repeat(16)}",1]`), 'line 4: the mask and the values'],
    [withLine(`["d","${'0'.repeat(16)}",1]`), 'line 4: the mask and the values'],
    [withLine(`["d",${'9'.repeat(16)}]`), 'line 4: the mask and the values'],
    [decisionLine(), 'line 1: not a recording of a pool: no header'],
    [`${headerLine()}\n["d","${'0'.repeat(15)}1",5]`, 'line 2: the mask and the values'],
    [
      withLine(decisionLine({ seq: 7 })),
      'line 4: decision 7 follows 1: lines are missing, or two pools wrote to the file',
    ],
    [withLine('["l",0,[1],[],[],[],[],[]]'), 'line 4: arrivals must be a multiple of 2 numbers'],
    [withLine('["l",0,[0,1]]'), 'line 4: a line of load must have 7 values'],
    [withLine('["l",null,[0,1],[],[],[],[],[]]'), 'line 4: the start must be an integer'],
    [withLine('["l",0,[0,1e999],[],[],[],[],[]]'), 'line 4: arrivals must be numbers from'],
    [withLine('["l",0,[0,1.5],[],[],[],[],[]]'), 'line 4: arrivals must be pairs'],
    [withLine('["l",0,[0,0],[],[],[],[],[]]'), 'line 4: arrivals must be pairs'],
    [withLine('["l",0,{"length":4},[],[],[],[],[]]'), 'line 4: arrivals must be a list'],
    [withLine('["l",0,[],[-1,1],[],[],[],[]]'), 'line 4: waits must be pairs'],
    [withLine('["l",0,[],[9e9,1],[],[],[],[]]'), 'line 4: waits must be pairs of a bucket to'],
    [withLine('["l",0,[],[],[1,"a"],[],[],[]]'), 'line 4: uses must be numbers'],
    [withLine('["n",[],[]]'), 'line 4: a line of those who got nothing must have 3 values'],
    [withLine('["n",[5],[],0]'), 'line 4: left must be a multiple of 2 numbers'],
    [withLine('["n",[5,-1],[],0]'), 'line 4: left must be pairs of a gap and a count above 0'],
    [withLine('["n",[5,0.5],[],0]'), 'line 4: left must be pairs of a gap and a count'],
    [withLine('["n",[],[-1,1],0]'), 'line 4: timeouts must be pairs'],
    [withLine('["n",[],[],-1]'), 'line 4: rejected must be a count'],
    [withLine('["q",1,2]'), 'line 4: requests must be a multiple of 3 numbers'],
    [withLine('["q",1,-2,3]'), 'line 4: requests must be waits and use times from 0'],
    [withLine('["r"]'), 'line 4: the change must be an object'],
    [withLine('["r",{"isNewPolicy":1}]'), 'line 4: isNewPolicy must be true or false'],
  ])('refuses %.60j in one line', async (text, message) => {
    const failure: unknown = await count(text).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InputError);
    expect((failure as InputError).message).toContain(message);
    expect((failure as InputError).message).toMatch(/^pool\.jsonl[^\n]{1,300}$/);
  });

  it.each(COLUMNS.map(([path], index) => [path, index] as const))(
    'refuses a wrong type and a huge number in %s',
    async (path, index) => {
      for (const value of ['{"a":{}}', '1e400', '-1e300', 'true', '[[[]]]', '[1,2,3]']) {
        const cells = ALL_GIVEN.map((cell, at) => (at === index ? value : JSON.stringify(cell)));
        const mask = ((1n << BigInt(COLUMNS.length)) - 1n).toString(16);
        const text = `${headerLine()}\n["d","${mask}",${cells.join(',')}]\n`;
        await expect(count(text), value).rejects.toThrow(/^pool\.jsonl, line 2: /);
      }
      expect(path).not.toBe('');
    },
  );

  it('does not read a line of a gigabyte into memory', async () => {
    let made = 0;
    async function* endless(): AsyncGenerator<string> {
      yield `${headerLine()}\n["q"`;
      const megabyte = ',1'.repeat(2 ** 19);
      for (; made < 1_024; made += 1) yield await Promise.resolve(megabyte);
    }
    const reading = async (): Promise<void> => {
      for await (const _entry of readRecording('pool.jsonl', endless()));
    };
    await expect(reading()).rejects.toThrow('pool.jsonl, line 2: longer than 4194304 characters');
    expect(made).toBeLessThan(8);
  });

  it('keeps nothing of decisions in which nothing happened, and little of changed options', async () => {
    const [header, , decision] = [...GOOD];
    const many = function* (line: string): Generator<string> {
      yield `${header}\n${decision}\n`;
      for (let nth = 0; nth < 100; nth += 1) yield `${line}\n`.repeat(200);
    };
    const quiet = `["d","${'0'.repeat(MASK_DIGITS)}"]`;
    const { run } = await loadRecording(write('quiet.jsonl', [...many(quiet)].join('')));
    expect([run.decisions, run.intervals.length]).toEqual([20_001, 0]);
    const { options } = JSON.parse(headerLine()) as { options: object };
    const change = JSON.stringify(['r', { options, isOwnPolicy: false, isNewPolicy: false }]);
    const file = write('restless.jsonl', [...many(`${change}\n${quiet}`)].join(''));
    await expect(loadRecording(file)).rejects.toThrow('more than 10000 times in one run');
  });

  it('refuses instants that would take the simulator for ever', async () => {
    const late = decisionLine({ seq: 2, 'signals.now': 1e15, 'signals.size': 3 });
    const file = write('late.jsonl', [...GOOD, late].join('\n'));
    const { run } = await loadRecording(file);
    expect(() => calibrate(run)).toThrow(/durationMs must be at most/);
  });

  it('refuses more requests than fit into memory', async () => {
    const line = '["l",0,[0,1],[],[10,1000000000000],[],[],[]]';
    const file = write('many.jsonl', [headerLine(), line].join('\n'));
    await expect(loadRecording(file)).rejects.toThrow(/many\.jsonl: more than 20000000 requests/);
  });

  it('says what is wrong with a file that is none', async () => {
    await expect(loadRecording('/none/pool.jsonl')).rejects.toThrow(
      '/none/pool.jsonl: cannot be read (no such file)',
    );
    await expect(loadRecording('/')).rejects.toThrow('/: cannot be read (it is a directory)');
  });
});
