import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { npmPackage } from './support/npm-package.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

describe('the package as packed', () => {
  it('has pages whose links lead to what is in it', () => {
    const files = npmPackage(ROOT).files.map(({ path }) => path);
    const places = new Set(files.flatMap((file) => [file, ...foldersOf(file)]));
    const pages = files.filter((file) => file.endsWith('.md'));
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/reference/scenarios.md']));
    const dead = pages.flatMap((page) =>
      localLinks(page)
        .filter((link) => !places.has(normalize(join(dirname(page), link)).replace(/\/$/, '')))
        .map((link) => `${page}: ${link}`),
    );
    expect(dead).toEqual([]);
  }, 30_000);
});

function foldersOf(file: string): string[] {
  const parts = file.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Paths that a page links or shows, without those to itself. */
function localLinks(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/```[^]*?```/g, '');
  return [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}
