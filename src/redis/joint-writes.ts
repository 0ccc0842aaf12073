import { Socket } from 'node:net';
import type { RedisInternals, SentCommand } from './redis-like.js';
import { writeAsText } from './text-writes.js';

/** So many commands are worth a write of their own: the server begins while the others are still being made. */
const MOST_AT_ONCE = 128;

/**
 * The commands that are sent to a client in one turn leave together, at its end, but for the first on an idle connection: a
 * write to a socket costs more than all else that a command costs this process. The first goes at once, since often there
 * are no others. Their order stays, and none waits for anything but code that runs at that moment.
 */
export class JointWrites {
  readonly #client: RedisInternals;
  #stream: RedisInternals['stream'];
  /** Those of this turn, but for the one that went ahead; one for each pipeline. */
  #commands = 0;

  constructor(client: RedisInternals) {
    this.#client = client;
  }

  /** A command is about to be written. While the connection `isOpening` it does not go ahead: more are sure to follow. */
  begin({ pipelineIndex = 0 }: SentCommand, isOpening: boolean): void {
    // The client writes a pipeline at one go.
    if (pipelineIndex > 0) return;
    if (this.#commands === 0) {
      // Nothing is under way: it is alone as a rule, and to look out for the end of the turn would cost more than it brings.
      if (!isOpening && this.#client.commandQueue?.length === 0) return;
      this.#takeStream();
      this.#stream?.cork?.();
      process.nextTick(this.#endTurn);
    } else if (this.#commands % MOST_AT_ONCE === 0) {
      this.#stream?.uncork?.();
      this.#stream?.cork?.();
    }
    this.#commands += 1;
  }

  #takeStream(): void {
    const { stream } = this.#client;
    if (stream === this.#stream) return;
    this.#stream = stream;
    // Other streams write in their own way.
    if (stream instanceof Socket) writeAsText(stream);
  }

  readonly #endTurn = (): void => {
    this.#commands = 0;
    this.#stream?.uncork?.();
  };
}
