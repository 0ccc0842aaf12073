import { statSync, type BigIntStats } from 'node:fs';
import { resolve } from 'node:path';

/** Whether two paths lead to one file, through links too. */
export function isSameFile(one: string, other: string): boolean {
  if (resolve(one) === resolve(other)) return true;
  const [here, there] = [found(one), found(other)];
  return here !== null && here.dev === there?.dev && here.ino === there.ino;
}

function found(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return null;
  }
}
