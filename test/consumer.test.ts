import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { projectFolder } from './support/project-folder.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function project(...packages: readonly string[]): string {
  const directory = projectFolder(...packages);
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

it.each(['adaptive-pool', 'adaptive-pool/redis', 'adaptive-pool/sim', 'adaptive-pool/testing'])(
  'the declarations of %s compile where a project lists no types and has no DOM',
  (entry) => {
    const directory = project('@types/node');
    const compilerOptions = {
      target: 'ES2022',
      lib: ['ES2022'],
      module: 'NodeNext',
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: false,
    };
    writeFileSync(join(directory, 'index.ts'), `export * from '${entry}';\n`);
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const { stdout, status } = spawnSync(tsc, ['-p', directory], { encoding: 'utf8' });
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  },
);

it('programs in CommonJS load every entry point by require', () => {
  const directory = project();
  const program = `
    for (const entry of ['', '/redis', '/sim', '/testing']) {
      console.log(Object.keys(require('adaptive-pool' + entry)).length > 0);
    }`;
  writeFileSync(join(directory, 'program.cjs'), program);
  const printed = execFileSync(process.execPath, ['program.cjs'], { cwd: directory });
  expect(String(printed)).toBe('true\n'.repeat(4));
});

it('adaptive-pool alone does not load ioredis', () => {
  const program = `
    import 'adaptive-pool';
    import { createRequire } from 'node:module';
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    console.log(loaded.length > 0, loaded.filter((file) => file.includes('/ioredis/')));`;
  const options = ['--input-type=module', '--eval', program];
  const printed = execFileSync(process.execPath, options, { cwd: project() });
  expect(String(printed)).toBe('true []\n');
});

it('from a bundle the simulator runs scenario files, and says why it has no scenarios of its own', () => {
  const directory = project('eventemitter3', 'hdr-histogram-js');
  const bundle = join(directory, 'bundle');
  // As in a bundle: nothing lies beside the code, which in CommonJS does not even know where it is.
  cpSync(join(ROOT, 'dist'), bundle, { recursive: true });
  rmSync(join(bundle, 'sim/scenarios'), { recursive: true });
  for (const file of readdirSync(bundle, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.js')) continue;
    const code = readFileSync(join(bundle, file), 'utf8');
    writeFileSync(join(bundle, file), code.replaceAll('import.meta.url', 'undefined'));
  }
  copyFileSync(join(ROOT, 'sim/scenarios/step.json'), join(directory, 'own.json'));
  const program = `
    import { loadScenario } from './bundle/sim/index.js';
    console.log(loadScenario('own.json').name);
    try {
      loadScenario('step');
    } catch ({ name, message }) {
      console.log(name, message);
    }`;
  const options = ['--input-type=module', '--eval', program];
  expect(String(execFileSync(process.execPath, options, { cwd: directory }))).toBe(
    'step\nInputError the scenarios of adaptive-pool are not beside its code: keep it out of the bundle, or give the path of a .json file\n',
  );
});
