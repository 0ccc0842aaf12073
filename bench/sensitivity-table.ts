import { percent } from './policies-judgement.js';
import type { SquareOutcome } from './sensitivity-square.js';
import { FACTORS, type Variant } from './sensitivity-variants.js';

/** Part of requests that may be late with a default that is wrong by a factor of two. */
const MOST_VIOLATIONS = 0.03;
/** Late requests over those that nobody who reacts can avoid, where these alone are nearly as many. */
const MOST_OVER_REACTIVE = 1.5;

/** Late requests of one policy in one scenario. */
export interface Late {
  readonly scenario: string;
  /** Null with the defaults. */
  readonly variant: Pick<Variant, 'option' | 'factor' | 'normal'> | null;
  readonly violationRate: number;
  /** Late requests of the reactive bound, null without one. */
  readonly unavoidable: number | null;
}

/** Whether more requests are late than a wrong default may cost. */
export function isTooLate(late: Late): boolean {
  return late.violationRate > limitOf(late);
}

/** Whether so many are late whoever reacts that 3 % would be no limit. */
export function isHard(late: Late): boolean {
  return limitOf(late) > MOST_VIOLATIONS;
}

function limitOf({ unavoidable }: Late): number {
  return Math.max(MOST_VIOLATIONS, MOST_OVER_REACTIVE * (unavoidable ?? 0));
}

/** The one with the most late requests for what it may have. */
function worstOf(all: readonly Late[]): Late | null {
  return all.reduce<Late | null>(
    (worst, one) =>
      worst === null || one.violationRate / limitOf(one) > worst.violationRate / limitOf(worst)
        ? one
        : worst,
    null,
  );
}

/** A Markdown table: per option the most late requests of any scenario with half and with twice the default. */
export function sensitivityTable(all: readonly Late[]): string {
  const options = [...new Set(all.flatMap(({ variant }) => variant?.option ?? []))];
  const rows = options.map((option) => {
    const of = all.filter(({ variant }) => variant?.option === option);
    const cells = FACTORS.map((factor) =>
      worstText(of.filter((one) => one.variant?.factor === factor)),
    );
    return [`\`${option}\``, normalText(of), ...cells];
  });
  return markdown(['option', 'default', 'half of it', 'twice as much'], rows);
}

/** The most late requests in words; empty for none. */
export function worstText(some: readonly Late[]): string {
  const worst = worstOf(some);
  if (worst === null) return '';
  const mark = some.some(isTooLate) ? ' **too many**' : '';
  const text = `${percent(worst.violationRate)} of ${percent(limitOf(worst))}`;
  return `${text} (\`${worst.scenario}\`)${mark}`;
}

function normalText(some: readonly Late[]): string {
  const values = [...new Set(some.flatMap(({ variant }) => variant?.normal ?? []))];
  if (values.length <= 1) return values.join('');
  return `${Math.min(...values)} to ${Math.max(...values)}, by the load`;
}

/** A Markdown table of the loads that are on and off. */
export function squareTable(outcomes: readonly SquareOutcome[]): string {
  return markdown(
    ['period', 'reversals per minute', 'late', 'reactive bound', 'J/OPT'],
    outcomes.map(({ periodS, reversalsPerMinute, violationRate, ...more }) => [
      `${periodS} s`,
      reversalsPerMinute.toFixed(1),
      percent(violationRate),
      more.reactiveViolationRate === null ? '' : percent(more.reactiveViolationRate),
      more.costRatio === null ? '' : more.costRatio.toFixed(2),
    ]),
  );
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
