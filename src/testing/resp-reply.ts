/** RESP version that a connection speaks. */
export type RespProtocol = 2 | 3;

export const OK = '+OK\r\n';
export const QUEUED = '+QUEUED\r\n';

export function simple(text: string): string {
  return `+${text}\r\n`;
}

/** An error reply; `text` begins with its class, as in `ERR syntax error`. */
export function failure(text: string): string {
  return `-${text}\r\n`;
}

export function integer(value: number): string {
  return `:${value}\r\n`;
}

/** A string, of which every character is one byte. */
export function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

/** Text for people, as INFO and CLIENT LIST reply. */
export function verbatim(text: string, protocol: RespProtocol): string {
  return protocol === 3 ? `=${text.length + 4}\r\ntxt:${text}\r\n` : bulk(text);
}

export function none(protocol: RespProtocol): string {
  return protocol === 3 ? '_\r\n' : '$-1\r\n';
}

/** The null that stands where an array was asked for: an aborted EXEC, a timed-out BLPOP. */
export function noArray(protocol: RespProtocol): string {
  return protocol === 3 ? '_\r\n' : '*-1\r\n';
}

/** An array of replies that are encoded already. */
export function array(items: readonly string[]): string {
  return `*${items.length}\r\n${items.join('')}`;
}

/** Pairs of encoded replies: a map in RESP3, a flat array in RESP2. */
export function map(pairs: readonly (readonly [string, string])[], protocol: RespProtocol): string {
  if (protocol === 2) return array(pairs.flat());
  return `%${pairs.length}\r\n${pairs.flat().join('')}`;
}

/** A message out of turn: a push in RESP3, an array in RESP2. */
export function push(items: readonly string[], protocol: RespProtocol): string {
  return protocol === 3 ? `>${items.length}\r\n${items.join('')}` : array(items);
}
