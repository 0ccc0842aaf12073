import {
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { RecordingFile } from '../../src/telemetry/recording-file.js';

const NOBODY = 65_534;

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'adaptive-pool-recording-file-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Makes `path` another user's. Only root can give away; for anybody else, this process becomes the other user. */
function giveAway(path: string): void {
  const own = process.getuid?.() ?? 0;
  if (own === 0) lchownSync(path, NOBODY, NOBODY);
  else {
    const spy = vi.spyOn(process, 'getuid').mockReturnValue(own + 1);
    onTestFinished(() => spy.mockRestore());
  }
}

/** Writes a line, a new file, and a line; `between` runs when the first is on disk. */
async function record(
  path: string,
  maxFiles = 3,
  between: () => void = () => {},
): Promise<string[]> {
  const errors: string[] = [];
  const file = new RecordingFile(path, maxFiles, (error) => errors.push(String(error)));
  file.append('first\n');
  await vi.waitFor(() => {
    if (errors.length === 0) expect(readFileSync(path, 'utf8')).toContain('first\n');
  });
  between();
  file.rotate();
  file.append('second\n');
  await file.end();
  return errors;
}

it('writes files that only their owner can read', async () => {
  const path = join(directory(), 'recording');
  expect(await record(path)).toEqual([]);
  expect(readFileSync(path, 'utf8')).toBe('second\n');
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('first\n');
  for (const file of [path, `${path}.1`]) expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('never writes through a symbolic link, not even one of its own user', async () => {
  const folder = directory();
  const target = join(folder, 'target');
  const path = join(folder, 'link');
  symlinkSync(target, path);
  expect(await record(path)).toEqual([
    `Error: the recording ${path} is a symbolic link; give the path of the file itself`,
  ]);
  expect(existsSync(target)).toBe(false);
});

it('does not append to a file of another user', async () => {
  const path = join(directory(), 'recording');
  writeFileSync(path, 'theirs\n', { mode: 0o666 });
  giveAway(path);
  const [error] = await record(path);
  expect(error).toMatch(/recording(?: \S+)? belongs to another user \(\d+, this process is \d+\)$/);
  expect(error).toContain(dirname(path));
  expect(readFileSync(path, 'utf8')).toBe('theirs\n');
});

it('does not write into a directory of another user', async () => {
  const folder = join(directory(), 'theirs');
  mkdirSync(folder, { mode: 0o777 });
  giveAway(folder);
  const path = join(folder, 'recording');
  const errors = await record(path);
  expect(errors).toEqual([expect.stringContaining(`the directory ${folder} of the recording`)]);
  expect(errors[0]).toContain('belongs to another user');
  expect(existsSync(path)).toBe(false);
});

it('replaces no older file of another user when a new one begins', async () => {
  const path = join(directory(), 'recording');
  writeFileSync(`${path}.1`, 'theirs\n');
  const errors = await record(path, 3, () => giveAway(`${path}.1`));
  expect(errors).toEqual([expect.stringContaining('belongs to another user')]);
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('theirs\n');
  expect(readFileSync(path, 'utf8')).toBe('first\n');
});

it('moves no link that took the place of its file', async () => {
  const folder = directory();
  const path = join(folder, 'recording');
  const target = join(folder, 'target');
  writeFileSync(target, 'precious\n');
  const errors = await record(path, 1, () => {
    rmSync(path);
    symlinkSync(target, path);
  });
  expect(errors).toEqual([expect.stringContaining(`${path} is a symbolic link`)]);
  expect(readFileSync(target, 'utf8')).toBe('precious\n');
});

it('looks at the directory again when a new file begins', async () => {
  const folder = join(directory(), 'ours');
  mkdirSync(folder);
  const path = join(folder, 'recording');
  const errors = await record(path, 3, () => giveAway(folder));
  expect(errors).toEqual([expect.stringContaining('belongs to another user')]);
  const texts = [path, `${path}.1`].map((file) => existsSync(file) && readFileSync(file, 'utf8'));
  expect(texts).not.toContain('second\n');
});

it('ends when somebody else writes to the same file, and leaves the other one alone', async () => {
  const path = join(directory(), 'recording');
  const errors: string[] = [];
  const first = new RecordingFile(path, 3, (error) => errors.push(`first: ${String(error)}`));
  const second = new RecordingFile(path, 3, (error) => errors.push(`second: ${String(error)}`));
  first.append('first\n');
  await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toBe('first\n'));
  second.append('second\n');
  await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toBe('first\nsecond\n'));
  first.append('first again\n');
  await first.end();
  second.append('second again\n');
  await second.end();
  expect(errors).toEqual([
    `first: Error: somebody else writes to the recording ${path}, which ends here; give every pool and every process a file of its own`,
  ]);
  expect(readFileSync(path, 'utf8')).toBe('first\nsecond\nsecond again\n');
});

it('writes to what is no file', async () => {
  const errors: unknown[] = [];
  const file = new RecordingFile('/dev/null', 1, (error) => errors.push(error));
  file.append('first\n');
  await file.end();
  file.append('second\n');
  await file.end();
  expect(errors).toEqual([]);
});
