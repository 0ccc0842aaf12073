import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Source {
  /** Path from the root, such as `src/engine/slot.ts`. */
  readonly path: string;
  readonly text: string;
  /** Files of this package by path, others by name. */
  readonly imports: readonly string[];
  /** Without those of types only. */
  readonly atRunTime: readonly string[];
}

function sourcesIn(folder: string): Source[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = join(folder, name);
      const text = readFileSync(join(ROOT, path), 'utf8');
      const found = text.matchAll(/^(?:import|export)( type)?\s[^'";]*\bfrom '([^']+)'/gm);
      const all = Array.from(found, ([, type, specifier = '']) => ({
        isType: type !== undefined,
        target: specifier.startsWith('.')
          ? join(dirname(path), specifier).replace(/\.js$/, '.ts')
          : specifier,
      }));
      const imports = all.map(({ target }) => target);
      const atRunTime = all.filter(({ isType }) => !isType).map(({ target }) => target);
      return { path, text, imports, atRunTime };
    });
}

const sources = sourcesIn('src');

/** `engine` for `src/engine/slot.ts`, `.` for files of `src` itself. */
function folderOf(path: string): string {
  const [, folder = '', rest] = relative('.', path).split('/');
  return rest === undefined ? '.' : folder;
}

/** What each folder may import besides itself. Files of `src` itself are named; they are shared words. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  control: [],
  engine: ['src/errors.ts'],
  telemetry: [
    'control',
    'engine',
    'src/at-once.ts',
    'src/clean-error.ts',
    'src/errors.ts',
    'src/events.ts',
  ],
  autoscaler: ['control', 'engine', 'telemetry', 'src/at-once.ts'],
  runtime: ['engine', 'src/at-once.ts', 'src/errors.ts'],
  redis: ['runtime', 'src/acquire-options.ts', 'src/clean-error.ts', 'src/errors.ts'],
  testing: ['runtime'],
  '.': ['autoscaler', 'control', 'engine', 'runtime', 'telemetry'],
};

describe('the architecture', () => {
  it('reads every file', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(Object.keys(ALLOWED).toSorted()).toEqual(
      [...new Set(sources.map(({ path }) => folderOf(path)))].toSorted(),
    );
  });

  it('has imports in the allowed directions only', () => {
    const wrong: string[] = [];
    for (const { path, imports } of sources) {
      const folder = folderOf(path);
      for (const target of imports) {
        if (!target.startsWith('src/')) {
          if (target.startsWith('sim/') || target.startsWith('.'))
            wrong.push(`${path} → ${target}`);
          continue;
        }
        const to = folderOf(target);
        const allowed = ALLOWED[folder] ?? [];
        if (to !== folder && !allowed.includes(to) && !allowed.includes(target)) {
          wrong.push(`${path} → ${target}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('has each foreign package in one place', () => {
    const users = (name: string): string[] =>
      sources.filter(({ imports }) => imports.includes(name)).map(({ path }) => path);
    expect(users('hdr-histogram-js')).toEqual(['src/telemetry/latency-window.ts']);
    expect(users('eventemitter3')).toEqual(['src/guarded-emitter.ts']);
    expect(
      users('ioredis')
        .map(folderOf)
        .filter((folder) => folder !== 'redis'),
    ).toEqual([]);
    const foreign = sources.flatMap(({ imports }) =>
      imports.filter((target) => !target.startsWith('src/') && !target.startsWith('node:')),
    );
    expect([...new Set(foreign)].toSorted()).toEqual([
      'eventemitter3',
      'hdr-histogram-js',
      'ioredis',
    ]);
  });

  it('does no input or output in engine, control and autoscaler', () => {
    const impure =
      /\b(?:Date\.now|new Date|performance\.|setTimeout|setInterval|setImmediate|queueMicrotask|Math\.random|new Promise|async )/;
    const wrong = sources.filter(
      ({ path, text, imports }) =>
        ['engine', 'control', 'autoscaler'].includes(folderOf(path)) &&
        (impure.test(text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')) ||
          imports.some((target) => target.startsWith('node:'))),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('has no cycle of files; within a folder, types may refer to each other', () => {
    const byPath = new Map(sources.map((source) => [source.path, source]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path))
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      else if (!done.has(path)) {
        const source = byPath.get(path);
        const counts = (target: string): boolean =>
          folderOf(target) !== folderOf(path) || source?.atRunTime.includes(target) === true;
        for (const target of source?.imports.filter(counts) ?? []) visit(target, [...trail, path]);
        done.add(path);
      }
    };
    for (const { path } of sources) visit(path, []);
    expect(cycles).toEqual([]);
  });

  it('imports only files that exist', () => {
    const paths = new Set(sources.map(({ path }) => path));
    const missing = sources.flatMap(({ path, imports }) =>
      imports
        .filter((target) => target.startsWith('src/') && !paths.has(target))
        .map((target) => `${path} → ${target}`),
    );
    expect(missing).toEqual([]);
  });

  it('asks policies in the autoscaler only, and where one builds on another', () => {
    const callers = sources.filter(({ text }) => /\.decide\(/.test(text)).map(({ path }) => path);
    expect(callers.toSorted()).toEqual(['src/autoscaler/consult.ts', 'src/control/ask.ts']);
  });

  it('has no file above 400 lines', () => {
    const all = [...sources, ...sourcesIn('test')];
    const long = all.filter(({ text }) => text.trimEnd().split('\n').length > 400);
    expect(long.map(({ path }) => path)).toEqual([]);
  });
});

/** Names that an index exports, with the file that declares them. */
function exportsOf(index: string): { name: string; file: string }[] {
  const source = sources.find(({ path }) => path === index);
  const lists = source?.text.matchAll(/export (?:type )?\{([^}]*)\} from '([^']+)'/g) ?? [];
  return Array.from(lists).flatMap(([, names = '', from = '']) =>
    names
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== '')
      .map((name) => ({ name, file: join(dirname(index), from).replace(/\.js$/, '.ts') })),
  );
}

/** True if the declaration of `name` follows a doc comment; `export … from` is followed. */
function isDocumented(name: string, file: string): boolean {
  const text = sources.find(({ path }) => path === file)?.text ?? '';
  const passedOn = exportsOf(file).find((other) => other.name === name);
  if (passedOn !== undefined) return isDocumented(name, passedOn.file);
  const declaration = new RegExp(
    `\\*/\\nexport (?:abstract |async )?(?:class|interface|type|function|const) ${name}\\b`,
  );
  return declaration.test(text);
}

describe.each(['src/index.ts', 'src/redis/index.ts', 'src/testing/index.ts'])('%s', (index) => {
  it('exports only what has a doc comment', () => {
    const names = exportsOf(index);
    expect(names.length).toBeGreaterThan(0);
    const bare = names.filter(({ name, file }) => !isDocumented(name, file));
    expect(bare).toEqual([]);
  });

  it('has no logic', () => {
    const text = sources.find(({ path }) => path === index)?.text ?? '';
    const rest = text.replaceAll(/export (?:type )?\{[^}]*\} from '[^']+';/g, '').trim();
    expect(rest.replaceAll(/\/\*[\s\S]*?\*\/|^\/\/.*$/gm, '').trim()).toBe('');
  });
});

describe('what is built', () => {
  it('has no map to a source, since the package carries none', () => {
    const files = readdirSync(join(ROOT, 'dist'), { recursive: true, encoding: 'utf8' });
    expect(files).toContain('src/index.js');
    expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
  });
});
