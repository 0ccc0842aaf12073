import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { RecordingFile } from '../../src/telemetry/recording-file.js';

it('gives up a disk that is too slow, once, with little memory and without waiting for it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'adaptive-pool-slow-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  // A pipe that nobody reads takes 64 KiB and then no more.
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const failures: unknown[] = [];
  const file = new RecordingFile(pipe, 4, (error) => failures.push(error));
  const mebibyte = `${'x'.repeat(2 ** 20 - 1)}\n`;
  for (let nth = 0; nth < 20; nth += 1) {
    file.append(mebibyte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await file.end();
  expect(failures).toEqual([
    new Error(`the disk is too slow for the recording ${pipe}; it ends here`),
  ]);
  // The write that hangs occupies a thread until somebody reads.
  const reader = createReadStream(pipe);
  for await (const _chunk of reader) if (reader.bytesRead >= 2 ** 20) break;
});
