import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Version of this package, as its manifest says. */
export function packageVersion(): string {
  const manifest = createRequire(import.meta.url).resolve('adaptive-pool/package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
}
