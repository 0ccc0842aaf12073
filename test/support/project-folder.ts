import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A folder like the project of a user who installed the package as built, and of what is here the packages named. */
export function projectFolder(...packages: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'adaptive-pool-project-'));
  const modules = join(directory, 'node_modules');
  mkdirSync(join(modules, '@types'), { recursive: true });
  symlinkSync(ROOT, join(modules, 'adaptive-pool'), 'dir');
  for (const name of packages) {
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'dir');
  }
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  return directory;
}
