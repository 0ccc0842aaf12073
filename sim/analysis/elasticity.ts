import type { StepFunction } from './bounds-requests.js';

/** How closely supply followed demand. */
export interface Elasticity {
  /** Mean of (d − s)⁺: connections missing, averaged over all the time. */
  readonly underProvisioned: number;
  /** Mean of (s − d)⁺: connections too many, averaged over all the time. */
  readonly overProvisioned: number;
  /** Part of the time with s < d, 0..1. */
  readonly underTimeShare: number;
  /** Part of the time with s > d, 0..1. */
  readonly overTimeShare: number;
  /** (Σ|Δs| − Σ|Δd|) per minute: above 0 supply flaps more than demand moves, below 0 it follows less. */
  readonly jitterPerMinute: number;
}

/**
 * Accuracy, time share and jitter of a scaling rule: for demand d and supply s over a time T,
 * accuracy_U = (1/T)·∫(d − s)⁺ dt, accuracy_O = (1/T)·∫(s − d)⁺ dt, time share τ_U = (1/T)·|{t: s < d}|, τ_O likewise, and
 * jitter = (Σ|Δs| − Σ|Δd|) / T.
 *
 * Herbst, Kounev, Weber and Groenda, "BUNGEE: an elasticity benchmark for self-adaptive IaaS cloud environments", SEAMS 2015;
 * the SPEC Research Group's θ divides by demand, which is often zero for a pool, so that the version in units of
 * connections is used. Changes at one instant count as one.
 *
 * @param demand Connections needed.
 * @param supply Connections there.
 * @param fromMs Start of the time looked at.
 * @param untilMs Its end.
 */
export function elasticity(
  demand: StepFunction,
  supply: StepFunction,
  fromMs: number,
  untilMs: number,
): Elasticity {
  const d = new Walker(demand);
  const s = new Walker(supply);
  let at = fromMs;
  d.moveTo(at);
  s.moveTo(at);
  let under = 0;
  let over = 0;
  let underMs = 0;
  let overMs = 0;
  let moves = 0;
  while (at < untilMs) {
    const next = Math.min(d.nextMs, s.nextMs, untilMs);
    const surplus = s.value - d.value;
    const length = next - at;
    if (surplus < 0) {
      under -= surplus * length;
      underMs += length;
    } else if (surplus > 0) {
      over += surplus * length;
      overMs += length;
    }
    const before = { demand: d.value, supply: s.value };
    at = next;
    d.moveTo(at);
    s.moveTo(at);
    moves += Math.abs(s.value - before.supply) - Math.abs(d.value - before.demand);
  }
  const totalMs = Math.max(untilMs - fromMs, Number.MIN_VALUE);
  return {
    underProvisioned: under / totalMs,
    overProvisioned: over / totalMs,
    underTimeShare: underMs / totalMs,
    overTimeShare: overMs / totalMs,
    jitterPerMinute: moves / (totalMs / 60_000),
  };
}

/** Goes along a step function. */
class Walker {
  readonly #steps: StepFunction;
  #index = 0;
  value = 0;

  constructor(steps: StepFunction) {
    this.#steps = steps;
  }

  /** When the value changes next; Infinity if never. */
  get nextMs(): number {
    const { atMs } = this.#steps;
    return this.#index < atMs.length ? (atMs[this.#index] as number) : Number.POSITIVE_INFINITY;
  }

  moveTo(atMs: number): void {
    while (this.nextMs <= atMs) {
      this.value = this.#steps.values[this.#index] as number;
      this.#index += 1;
    }
  }
}

/**
 * What a pool could serve over time, from the changes of its target: a fall counts at once, a rise when the connections
 * that it asked for are open, so that supply is the least target of the last `createMs`.
 *
 * @param targets The target from each instant on; 0 before the first.
 */
export function readySupply(targets: StepFunction, createMs: number): StepFunction {
  const starts = [Number.NEGATIVE_INFINITY, ...Array.from(targets.atMs)];
  const levels = [0, ...Array.from(targets.values)];
  const instants = starts.slice(1).flatMap((at) => [at, at + createMs]);
  instants.sort((a, b) => a - b);
  const atMs: number[] = [];
  const values: number[] = [];
  // Segments that may still be the least one: their levels rise from front to back.
  const candidates: number[] = [];
  let segment = 0;
  for (const instant of instants) {
    while (segment < starts.length && (starts[segment] as number) <= instant) {
      const level = levels[segment] as number;
      while (candidates.length > 0 && (levels[candidates.at(-1) as number] as number) >= level) {
        candidates.pop();
      }
      candidates.push(segment);
      segment += 1;
    }
    const endOf = (index: number): number => starts[index + 1] ?? Number.POSITIVE_INFINITY;
    while (endOf(candidates[0] as number) <= instant - createMs) candidates.shift();
    const value = levels[candidates[0] as number] as number;
    if (value === (values.at(-1) ?? 0)) continue;
    atMs.push(instant);
    values.push(value);
  }
  return { atMs, values };
}
