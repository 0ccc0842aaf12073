import { execFileSync } from 'node:child_process';

/** What would be published of a checkout, of what is built now. */
export interface NpmPackage {
  readonly files: readonly { readonly path: string }[];
  /** In bytes. */
  readonly unpackedSize: number;
}

/** Asks `npm pack`, which writes nothing. */
export function npmPackage(root: string): NpmPackage {
  const argv = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const output = execFileSync('npm', argv, { cwd: root, encoding: 'utf8', stdio: 'pipe' });
  const [packed] = JSON.parse(output) as NpmPackage[];
  if (packed === undefined) throw new Error('npm pack tells of no package');
  return packed;
}
