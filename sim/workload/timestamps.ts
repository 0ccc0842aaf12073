/** An instant, split so that 100 ns survive: a double that holds epoch milliseconds cannot tell them apart. */
export interface Instant {
  readonly seconds: number;
  /** Milliseconds within the second, with fractions. */
  readonly fractionMs: number;
}

/** What `parseInstant` accepts, in words. */
export const INSTANT_FORMS =
  'a time such as 2024-05-01T12:00:00.123Z or 2024-05-01 12:00:00.123 (UTC), or a number of seconds';

const CALENDAR =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?\s?(Z|[+-]\d{2}:?\d{2})?$/;
const SECONDS = /^(-?)(\d{1,12})(?:\.(\d{1,20}))?$/;

/**
 * Reads an instant: ISO 8601 or `YYYY-MM-DD HH:MM:SS` with up to nine decimals, UTC unless a zone stands there, or a
 * number of seconds. Null when it is neither.
 */
export function parseInstant(text: string): Instant | null {
  const number = SECONDS.exec(text);
  if (number !== null) {
    const sign = number[1] === '-' ? -1 : 1;
    return { seconds: sign * Number(number[2]), fractionMs: sign * fractionMs(number[3]) };
  }
  const calendar = CALENDAR.exec(text);
  if (calendar === null) return null;
  const [year, month, day, hour, minute, second] = calendar.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const date = new Date(Date.UTC(year, month - 1, day));
  // 31 April would silently become 1 May.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const offset = offsetSeconds(calendar[8]);
  if (offset === null) return null;
  const seconds = date.getTime() / 1_000 + hour * 3_600 + minute * 60 + second - offset;
  return { seconds, fractionMs: fractionMs(calendar[7]) };
}

/** Milliseconds from `origin` to `instant`. */
export function millisecondsSince(origin: Instant, instant: Instant): number {
  return (instant.seconds - origin.seconds) * 1_000 + (instant.fractionMs - origin.fractionMs);
}

function fractionMs(digits: string | undefined): number {
  return digits === undefined
    ? 0
    : Number(`${digits.slice(0, 3).padEnd(3, '0')}.${digits.slice(3)}`);
}

function offsetSeconds(zone: string | undefined): number | null {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 14 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3_600 + minutes * 60);
}
