/** Defaults that the live pool and the simulator share, so that what is simulated is what runs. */
export const DEFAULTS = {
  waitObjectiveMs: 10,
  policy: 'adaptive',
  acquireTimeoutMs: 1_000,
  tickMs: 100,
  maxPending: 10_000,
  createConcurrency: 128,
  createTimeoutMs: 5_000,
} as const;

/** Connections that may be closing beyond `max`: a tenth, so that slow goodbyes do not stop a pool from being renewed. */
export function closeAllowanceFor(max: number): number {
  return Math.max(1, Math.ceil(max / 10));
}
