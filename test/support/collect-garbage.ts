import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects garbage until `isDone`, or often enough that it never will be. */
export async function collectGarbage(isDone: () => boolean): Promise<void> {
  for (let round = 0; round < 50 && !isDone(); round += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    collect();
  }
}
