import { execFileSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { calibrateCommand } from '../sim/commands/calibrate.js';
import { compareCommand } from '../sim/commands/compare.js';
import { oracleCommand } from '../sim/commands/oracle.js';
import { replayCommand } from '../sim/commands/replay.js';
import { scenariosCommand } from '../sim/commands/scenarios.js';
import { simulateCommand } from '../sim/commands/simulate.js';
import { tuneCommand } from '../sim/commands/tune.js';
import { POLICY_NAMES } from '../sim/policies.js';
import { runCommand } from './sim/run.js';
import { projectFolder } from './support/project-folder.js';
import { recordSessions } from './support/sessions-recording.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file))
    .toSorted(),
];
const REFERENCE = PAGES.filter((page) => page.startsWith('docs/reference/'))
  .map((page) => read(page))
  .join('\n');

/** What stands in backquotes somewhere in `text`, taken apart into words: `acquire(options?): Promise` has three. */
function wordsInCode(text: string): ReadonlySet<string> {
  const code = [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
  return new Set(code.flatMap((piece) => piece.split(/[^\w-]+/)));
}

/** Names that an index file exports, types included. */
function exportedNames(file: string): string[] {
  const lists = [...read(file).matchAll(/export (?:type )?\{([^}]*)\}/g)];
  return lists
    .flatMap((match) => (match[1] ?? '').split(','))
    .map((name) => name.replace(/^\s*type /, '').trim())
    .filter((name) => name !== '');
}

/** Members of `export type Name = 'a' | 'b'`. */
function unionMembers(file: string, name: string): string[] {
  const begin = read(file).split(`export type ${name} =`)[1] ?? '';
  const body = begin.slice(0, begin.indexOf(';')).replaceAll(/\/\*\*[^]*?\*\//g, '');
  return [...body.matchAll(/'([\w-]+)'/g)].map((match) => match[1] ?? '');
}

/** Fields of `export interface Name`. */
function fieldsOf(file: string, name: string): string[] {
  const begin = read(file).split(new RegExp(`export interface ${name}\\b[^{]*\\{`))[1] ?? '';
  const body = begin.slice(0, begin.indexOf('\n}'));
  return [...body.matchAll(/^ {2}(?:readonly )?'?([\w-]+)'?\??(?:\(|:)/gm)].map(
    (match) => match[1] ?? '',
  );
}

function missing(names: readonly string[], text: string): string[] {
  // An empty list would mean that the source was not understood.
  expect(names.length).toBeGreaterThan(0);
  const words = wordsInCode(text);
  return names.filter((name) => !words.has(name));
}

describe('the reference', () => {
  it.each(['src/index.ts', 'src/redis/index.ts', 'src/testing/index.ts', 'sim/index.ts'])(
    'has every name that %s exports',
    (file) => {
      expect(missing(exportedNames(file), REFERENCE)).toEqual([]);
    },
  );

  it('has every option', () => {
    const options = [
      ...fieldsOf('src/options.ts', 'TunableOptions'),
      ...fieldsOf('src/options.ts', 'AdaptivePoolOptions'),
    ];
    expect(options).toContain('waitObjectiveMs');
    expect(missing(options, read('docs/reference/options.md'))).toEqual([]);
    expect(missing(options, read('README.md'))).toEqual([]);
  });

  it.each(POLICY_NAMES)('has every option of the policy %s', (policy) => {
    const type = policy.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const options = fieldsOf(`src/control/policies/${policy}.ts`, `${type}Options`);
    expect(missing([policy, ...options], read('docs/reference/policies.md'))).toEqual([]);
  });

  it('has every event', () => {
    const events = fieldsOf('src/events.ts', 'PoolEvents');
    expect(events).toContain('create-error');
    expect(missing(events, read('docs/reference/events-and-errors.md'))).toEqual([]);
    expect(missing(events, read('README.md'))).toEqual([]);
  });

  it('has every error code', () => {
    const codes = unionMembers('src/errors.ts', 'PoolErrorCode');
    expect(missing(codes, read('docs/reference/events-and-errors.md'))).toEqual([]);
    expect(missing(codes, read('README.md'))).toEqual([]);
  });

  it.each(['Reason', 'Limit', 'VerdictKind', 'Episode'])('has every member of %s', (type) => {
    const members = unionMembers('src/control/decision.ts', type);
    expect(missing(members, read('docs/reference/decisions.md'))).toEqual([]);
  });

  it('has every cause of a decision and every reason to close a connection', () => {
    const words = [
      ...unionMembers('src/control/signals.ts', 'DecisionCause'),
      ...unionMembers('src/runtime/resource-factory.ts', 'DestroyReason'),
    ];
    expect(missing(words, read('docs/reference/events-and-errors.md'))).toEqual([]);
  });

  it('has every field of signals, decisions and statistics', () => {
    const fields = [
      ...fieldsOf('src/control/signals.ts', 'Signals'),
      ...fieldsOf('src/control/decision.ts', 'Decision'),
      ...fieldsOf('src/control/decision.ts', 'ScaleDecision'),
      ...fieldsOf('src/stats.ts', 'PoolStats'),
    ];
    expect(missing(fields, REFERENCE)).toEqual([]);
  });
});

const COMMANDS = [
  simulateCommand,
  compareCommand,
  tuneCommand,
  replayCommand,
  calibrateCommand,
  oracleCommand,
  scenariosCommand,
];

describe('the page of the command', () => {
  it('has every command and every flag of it', () => {
    const page = read('docs/reference/cli.md');
    for (const { name, flags } of COMMANDS) {
      expect(page).toContain(`\`${name}`);
      expect(
        Object.keys(flags).filter((flag) => !new RegExp(`\`--${flag}[\` ]`).test(page)),
        name,
      ).toEqual([]);
    }
  });

  it('has every field of JSON', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'adaptive-pool-json-'));
    try {
      const log = join(directory, 'sessions.jsonl');
      const tampered = join(directory, 'tampered.jsonl');
      const trace = join(directory, 'sessions.csv');
      await recordSessions(log);
      writeFileSync(tampered, readFileSync(log, 'utf8').replace('"drain",', '"steady",'));
      await runCommand('replay', log, '--trace', trace);
      const playTrace = `--trace ${trace} --trace-format timestamps --unit ms --column at_ms --service-column use_ms --create-ms 12 --min 2 --max 16`;
      const lines: (readonly [line: string, ...more: string[]])[] = [
        ['simulate --scenario spike --replications 2'],
        ['simulate --scenario steady --policy step --max 3 --duration-ms 2000'],
        ['compare --scenario spike --replications 2 --policy step,fixed'],
        [`tune ${playTrace} --policy fixed`, '--objective', 'wait p99 < 10ms'],
        ['tune --scenario spike --policy littles-law', '--objective', 'wait p99 < 30ms'],
        ['tune --scenario spike --policy step --max 5', '--objective', 'wait p99 < 1ms'],
        [`replay ${log} --max 9`],
        [`replay ${tampered}`],
        [`calibrate ${log}`],
        ['oracle --rate 500/s --use-ms 4', '--objective', 'wait p99 < 10ms'],
        ['scenarios'],
      ];
      const names = new Set<string>();
      for (const line of lines) {
        const { stdout, stderr } = await runCommand(...line, '--json');
        expect(stderr).toBe('');
        for (const name of namesIn(JSON.parse(stdout))) names.add(name);
      }
      expect(missing([...names], read('docs/reference/cli.md'))).toEqual([]);
      expect(names).toContain('isAsRecorded');
      expect(names).toContain('replayed');
    } finally {
      rmSync(directory, { recursive: true });
    }
  }, 120_000);
});

/** Names of the fields of a JSON value, at any depth. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap((one) => namesIn(one));
  return Array.isArray(value) ? inside : [...Object.keys(value), ...inside];
}

describe('the guide to sizing a pool', () => {
  it('has commands that run as written, one after the other, and prints what it says', async () => {
    const guide = read('docs/guides/size-your-pool.md');
    const directory = mkdtempSync(join(tmpdir(), 'adaptive-pool-guide-'));
    try {
      await recordSessions(join(directory, 'sessions.jsonl'));
      const commands = [...guide.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block = '']) =>
        block.trim().split('\n'),
      );
      let printed = '';
      for (const command of commands) {
        expect(command).toMatch(/^npx adaptive-pool /);
        // The package as built; a shell takes the words apart.
        const built = `"${process.execPath}" "${join(ROOT, 'dist/sim/cli.js')}"`;
        const line = command.replace('npx adaptive-pool', built);
        printed += execFileSync('sh', ['-c', line], { cwd: directory, encoding: 'utf8' });
      }
      expect(commands.length).toBeGreaterThan(4);
      const shown = [...guide.matchAll(/^```text\n([^]*?)^```$/gm)].map(([, block = '']) => block);
      for (const block of shown) expect(printed).toContain(block);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }, 120_000);
});

describe('the guides', () => {
  it('have every field of the JSON report', () => {
    const fields = fieldsOf('sim/result.ts', 'PolicyResult');
    expect(missing(fields, read('docs/guides/simulator.md'))).toEqual([]);
  });

  it('have every flag of simulate', () => {
    const guide = read('docs/guides/simulator.md');
    const flags = Object.keys(simulateCommand.flags);
    expect(flags.filter((flag) => !guide.includes(`--${flag}`))).toEqual([]);
  });
});

describe('the README', () => {
  it('has at most 250 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(251);
  });

  it('shows the example that is run', () => {
    const program = read('examples/quickstart.ts').replace(/^\/\*\*.*\*\/\n/, '');
    expect(read('README.md')).toContain(program.trim());
  });
});

describe('every page', () => {
  it.each(PAGES)('%s has links that lead somewhere', (page) => {
    const text = read(page).replaceAll(/```[^]*?```/g, '');
    const broken: string[] = [];
    for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path);
      const isThere = existsSync(target);
      if (!isThere || (anchor !== undefined && !anchors(target).includes(anchor)))
        broken.push(link);
    }
    expect(broken).toEqual([]);
  });

  it('has TypeScript that compiles', () => {
    const directory = projectFolder('ioredis', 'pino', 'tsx', '@types/node', '@types/pg');
    try {
      const blocks = PAGES.flatMap((page) => typescriptBlocks(page));
      expect(blocks.length).toBeGreaterThan(10);
      for (const { name, code } of blocks) writeFileSync(join(directory, name), code);
      expect(compile(directory)).toBe('');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('the tutorial', () => {
  it('prints what it says', () => {
    const tutorial = read('docs/tutorial.md');
    const steps = tutorial.matchAll(
      /ave this as `(\w+\.ts)`:\n\n```ts\n([^]*?)```[^]*?```text\n([^]*?)```/g,
    );
    const directory = projectFolder('ioredis', 'pino', 'tsx', '@types/node', '@types/pg');
    try {
      const names: string[] = [];
      for (const [, name = '', program = '', output = ''] of steps) {
        names.push(name);
        writeFileSync(join(directory, name), program);
        const printed = execFileSync(process.execPath, ['--import', 'tsx', name], {
          cwd: directory,
          encoding: 'utf8',
        });
        // Lines with times in them vary, who is served first may, and `…` stands for more of the same.
        const expected = output
          .split('\n')
          .filter((line) => !/ waiting, |, oldest lease |^consumer |…/.test(line));
        expect(printed.split('\n')).toEqual(expect.arrayContaining(expected));
      }
      expect(names).toEqual(['first.ts', 'grow.ts', 'refuse.ts']);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }, 60_000);
});

/** Anchors of a page's headings, as GitHub makes them. */
function anchors(file: string): string[] {
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)];
  return headings.map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

function typescriptBlocks(page: string): { readonly name: string; readonly code: string }[] {
  const blocks = [...read(page).matchAll(/^```ts\n([^]*?)^```$/gm)];
  const base = relative('.', page).replaceAll(/[^\w]/g, '-');
  return blocks.map(([, code = ''], index) => ({ name: `${base}-${index + 1}.ts`, code }));
}

/** Compiles a project; '' when all is well. */
function compile(directory: string): string {
  writeFileSync(
    join(directory, 'pool.d.ts'),
    `declare const pool: import('adaptive-pool').AdaptivePool<import('ioredis').Redis>;\n`,
  );
  const compilerOptions = {
    target: 'ES2023',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'NodeNext',
    moduleDetection: 'force',
    types: ['node'],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  try {
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', directory], { encoding: 'utf8' });
    return '';
  } catch (error) {
    return (error as SpawnSyncReturns<string>).stdout;
  }
}
