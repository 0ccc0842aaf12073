import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RespParser, RespProtocolError } from '../../src/testing/resp-parser.js';

function encode(args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
}

function parse(chunks: readonly string[]): string[][] {
  const commands: string[][] = [];
  const parser = new RespParser((args) => commands.push(args));
  for (const chunk of chunks) parser.push(chunk);
  return commands;
}

const bytes = fc
  .uint8Array({ maxLength: 40 })
  .map((array) => Buffer.from(array).toString('latin1'));
const command = fc.array(bytes, { minLength: 1, maxLength: 5 });

describe('RESP parser', () => {
  it('finds the same commands wherever the input is cut', () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 6 }),
        fc.array(fc.nat(400), { maxLength: 12 }),
        (commands, cuts) => {
          const input = commands.map(encode).join('');
          const places = [0, ...cuts.filter((cut) => cut < input.length), input.length].toSorted(
            (a, b) => a - b,
          );
          const chunks = places.slice(1).map((end, index) => input.slice(places[index], end));
          expect(parse(chunks)).toEqual(commands);
        },
      ),
    );
  });

  it('finds the same commands when they come byte by byte', () => {
    const commands = [['SET', 'a', '\r\n$3\r\n*1\r\n'], ['GET', ''], ['PING']];
    expect(parse(commands.map(encode).join('').split(''))).toEqual(commands);
  });

  it('takes empty and null arrays for nothing', () => {
    expect(parse([`*0\r\n*-1\r\n${encode(['PING'])}`])).toEqual([['PING']]);
  });

  it.each([
    ['an inline command', 'PING\r\n'],
    ['an HTTP request', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a count that is no number', '*x\r\n'],
    ['a count without digits', '*\r\n'],
    ['a count beyond the limit', '*1048577\r\n'],
    ['an argument that is no bulk string', '*1\r\n:1\r\n'],
    ['a null argument', '*1\r\n$-1\r\n'],
    ['a length beyond the limit', '*1\r\n$536870913\r\n'],
    ['an argument longer than announced', '*1\r\n$2\r\nabc\r\n'],
    ['an endless header', `*${'1'.repeat(100)}`],
  ])('refuses %s', (_what, input) => {
    expect(() => parse([input])).toThrow(RespProtocolError);
  });

  it('reports the commands that came before the fault', () => {
    const commands: string[][] = [];
    const parser = new RespParser((args) => commands.push(args));
    expect(() => parser.push(`${encode(['PING'])}nonsense`)).toThrow(RespProtocolError);
    expect(commands).toEqual([['PING']]);
  });
});
