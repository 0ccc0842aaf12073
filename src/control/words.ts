/** A create that takes this long, in milliseconds, hangs: a server that answers is open long before. */
export const SLOW_CREATE_MS = 1_000;

/** A duration as a person reads it: `0.4 ms`, `1.9 ms`, `41 ms`, `2.5 s`, `10 s`, `5 min`. */
export function formatMs(ms: number): string {
  if (ms < 9.95) return `${trim(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 9.95) return `${trim(seconds.toFixed(1))} s`;
  if (seconds < 299.5) return `${seconds.toFixed(0)} s`;
  return `${trim((seconds / 60).toFixed(1))} min`;
}

function trim(digits: string): string {
  return digits.endsWith('.0') ? digits.slice(0, -2) : digits;
}
