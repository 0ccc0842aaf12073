import { statSync } from 'node:fs';
import { inFile } from '../input-error.js';
import { DecisionReplay, type DecisionReplayResult } from './decision-replay.js';
import { chunksOf } from './lines.js';
import { readRecording } from './reader.js';
import { RecordedRun } from './recorded-run.js';

/** A recording that was read to its end. */
export interface ReadRecording {
  /** The newest run in it. */
  readonly run: RecordedRun;
  /** What came of deciding again, over all runs in it. */
  readonly decisions: DecisionReplayResult;
}

/**
 * Reads a recording, decides again everything that was decided, and keeps the load.
 *
 * @param onProgress Hears now and then how much is read, 0..1.
 * @throws {@link InputError} that names file and line.
 */
export async function loadRecording(
  file: string,
  onProgress?: (part: number) => void,
): Promise<ReadRecording> {
  const replay = new DecisionReplay();
  let run = new RecordedRun();
  const chunks = onProgress === undefined ? chunksOf(file) : counted(file, onProgress);
  for await (const entry of readRecording(file, chunks)) {
    replay.take(entry);
    const before = run;
    run = inFile(file, () => before.take(entry));
  }
  return { run, decisions: replay.result };
}

async function* counted(file: string, onProgress: (part: number) => void): AsyncGenerator<string> {
  let read = 0;
  for await (const chunk of chunksOf(file)) {
    yield chunk;
    read += chunk.length;
    onProgress(Math.min(1, read / Math.max(1, statSync(file).size)));
  }
}
