import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

/**
 * Starts Debian's Chromium; `await using` ends it.
 *
 * @throws Error that says how to install it, in one line.
 */
export async function startChromium(): Promise<Browser> {
  const executablePath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'chromium'))
    .find((file) => isExecutable(file));
  if (executablePath === undefined) {
    throw new Error('chromium is not installed: apt-get install -y chromium');
  }
  // Chromium's sandbox refuses to run as root, which containers often are. It sees nothing but our own page.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
