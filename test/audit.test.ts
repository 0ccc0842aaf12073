import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

interface Outcome {
  readonly status: number | null;
  readonly text: string;
}

/** Runs the audit with an npm that prints `answer`. */
function audited(answer: object | string): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'adaptive-pool-audit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\ncat <<'END'\n${text}\nEND\nexit 1\n`, {
    mode: 0o755,
  });
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'scripts/audit.ts'],
    {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}` },
    },
  );
  return { status, text: `${stdout}${stderr}`.trim() };
}

const weak = { severity: 'low', range: '<1.0.0' };

it('a grave vulnerability fails the audit and is named', () => {
  const grave = { severity: 'critical', range: '<=2.1.0' };
  const { status, text } = audited({ vulnerabilities: { tarball: grave, other: weak } });
  expect(status).toBe(1);
  expect(text).toContain('tarball <=2.1.0: critical');
  expect(text).toContain('audited: 1 high or critical, 1 lower');
});

it('without a grave one it passes', () => {
  const outcome = audited({ vulnerabilities: { other: weak } });
  expect(outcome).toEqual({ status: 0, text: 'audited: 0 high or critical, 1 lower' });
});

it.each([[{ message: '405 - POST registry.example', statusCode: 405 }], ['no JSON'], ['']])(
  'a registry that answers %j is said to have answered nothing, without its name',
  (answer) => {
    const { status, text } = audited(answer);
    expect(status).toBe(0);
    expect(text).toContain('NOT AUDITED');
    expect(text).not.toContain('registry.example');
  },
);
