const CR = 13;
const LF = 10;
const ASTERISK = 42;
const DOLLAR = 36;
const MAX_HEADER_LENGTH = 64;
const MAX_ARGUMENTS = 1024 * 1024;
const MAX_BULK_LENGTH = 512 * 1024 * 1024;

/** Input that is not RESP. The message never repeats the input. */
export class RespProtocolError extends Error {
  override readonly name = 'RespProtocolError';
}

/**
 * Incremental parser of RESP commands (arrays of bulk strings, the form that clients send).
 *
 * Works on latin1 text, one character per byte: binary-safe, and far cheaper than slicing buffers.
 */
export class RespParser {
  readonly #onCommand: (args: string[]) => void;
  #buffer = '';
  #offset = 0;
  #args: string[] = [];
  /** Arguments of the present command that are still to come; 0 between commands. */
  #missing = 0;
  /** Length of the argument whose header was read, or -1 when a header comes next. */
  #bulkLength = -1;
  /** No step can succeed before the buffer is this long, so a large value costs one pass, not one per chunk. */
  #need = 1;

  constructor(onCommand: (args: string[]) => void) {
    this.#onCommand = onCommand;
  }

  /**
   * Takes the next piece of input, cut anywhere, and reports every command that it completes.
   *
   * @throws {@link RespProtocolError} when the input is not RESP; commands before the fault were reported.
   */
  push(chunk: string): void {
    this.#buffer += chunk;
    while (this.#buffer.length >= this.#need && this.#step()) {
      this.#need = this.#offset + 1;
    }
    this.#buffer = this.#buffer.slice(this.#offset);
    this.#need -= this.#offset;
    this.#offset = 0;
  }

  #step(): boolean {
    if (this.#bulkLength >= 0) return this.#readBulk(this.#bulkLength);
    if (this.#missing > 0) {
      const length = this.#readHeader(DOLLAR, MAX_BULK_LENGTH);
      if (length === undefined) return false;
      if (length < 0) throw new RespProtocolError('invalid bulk length');
      this.#bulkLength = length;
      return true;
    }
    const count = this.#readHeader(ASTERISK, MAX_ARGUMENTS);
    if (count === undefined) return false;
    // Like Redis, which takes empty and null arrays for nothing at all.
    this.#missing = Math.max(0, count);
    return true;
  }

  #readHeader(mark: number, max: number): number | undefined {
    if (this.#buffer.charCodeAt(this.#offset) !== mark) {
      throw new RespProtocolError(`expected '${String.fromCharCode(mark)}'`);
    }
    const end = this.#buffer.indexOf('\r\n', this.#offset);
    if (end === -1) {
      if (this.#buffer.length - this.#offset > MAX_HEADER_LENGTH) {
        throw new RespProtocolError('header too long');
      }
      this.#need = this.#buffer.length + 1;
      return undefined;
    }
    const digits = this.#buffer.slice(this.#offset + 1, end);
    const value = /^-?\d{1,10}$/.test(digits) ? Number(digits) : Number.NaN;
    if (!(value >= -1 && value <= max)) throw new RespProtocolError('invalid length');
    this.#offset = end + 2;
    return value;
  }

  #readBulk(length: number): boolean {
    const end = this.#offset + length;
    if (this.#buffer.length < end + 2) {
      this.#need = end + 2;
      return false;
    }
    if (this.#buffer.charCodeAt(end) !== CR || this.#buffer.charCodeAt(end + 1) !== LF) {
      throw new RespProtocolError('argument without end of line');
    }
    this.#args.push(this.#buffer.slice(this.#offset, end));
    this.#offset = end + 2;
    this.#bulkLength = -1;
    this.#missing -= 1;
    if (this.#missing === 0) {
      const args = this.#args;
      this.#args = [];
      this.#onCommand(args);
    }
    return true;
  }
}
