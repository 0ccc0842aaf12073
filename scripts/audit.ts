/**
 * Fails when a runtime dependency has a known vulnerability of level high or critical. Some registries do not answer
 * audits; then it says that nothing was looked at, and fails nothing.
 */
import { spawnSync } from 'node:child_process';

/** What `npm audit --json` prints when it was answered. */
interface Report {
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly severity: string; readonly range: string }>
  >;
}

const LEVELS: ReadonlySet<string> = new Set(['high', 'critical']);

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json', '--fetch-retries=0'], {
  encoding: 'utf8',
});
const { vulnerabilities } = reportIn(stdout);
if (vulnerabilities === undefined) {
  // Not the answer itself, which names the registry.
  console.warn('NOT AUDITED: the package registry does not answer audits, so nothing is known');
} else {
  const found = Object.entries(vulnerabilities);
  const grave = found.filter(([, { severity }]) => LEVELS.has(severity));
  for (const [name, { severity, range }] of grave) console.error(`${name} ${range}: ${severity}`);
  console.log(`audited: ${grave.length} high or critical, ${found.length - grave.length} lower`);
  if (grave.length > 0) process.exitCode = 1;
}

function reportIn(text: string): Report {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return {};
  }
}
