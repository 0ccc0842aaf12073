import fc from 'fast-check';
import { REGRESSIONS, type Regression } from './regressions.js';

type Property<Ts> = fc.IAsyncProperty<Ts> | fc.IProperty<Ts>;

/** Fails with a shrunk counterexample, and with the line that keeps it, unless the property holds for `runs` random cases. */
export async function holds<Ts>(
  name: keyof typeof REGRESSIONS,
  property: Property<Ts>,
  runs: number,
): Promise<void> {
  for (const regression of REGRESSIONS[name]) await check(name, property, regression);
  await check(name, property, { numRuns: runs });
}

export async function check<Ts>(
  name: string,
  property: Property<Ts>,
  how: Regression | { readonly numRuns: number },
): Promise<void> {
  const details = await fc.check(property as fc.IAsyncProperty<Ts>, how);
  if (!details.failed) return;
  const { seed, counterexamplePath } = details;
  throw new Error(
    `${fc.defaultReportMessage(details)}\n\nto keep it, add to ${name} in test/support/regressions.ts:\n  { seed: ${seed}, path: '${counterexamplePath ?? ''}' },`,
    { cause: details.errorInstance },
  );
}
