/**
 * Buffered files, as C's stdio: the standard streams and files opened by programs. Output is held back until a buffer is full, the
 * outermost call returns, input is read from the same terminal, or (on a terminal) a line ends. What was printed is not held back for
 * longer than a slice, nor past anything else that the outside could see first: PUC's `print` writes out every line at once.
 */
import { type HostEnvironment, HostFailure, type HostFile, type HostProcess, type ProcessEnd } from '../hosts/environment.ts';
import { fromByteString } from '../engine/text.ts';

const BUFFER = 65536;
const NEWLINE = 10;

export type BufferMode = 'no' | 'full' | 'line';

/** What a stream is made on: a file, a process, or a standard stream (which is never closed). */
export type StreamSource = Omit<HostFile, 'close'> & { close?(): ProcessEnd | void };

const badDescriptor = (): never => {
  throw new HostFailure('Bad file descriptor', 9);
};

export class Stream {
  readonly #file: StreamSource;
  #input = new Uint8Array(0);
  #position = 0;
  #output: Uint8Array | undefined;
  #pending = 0;
  /** Pending bytes that are to be written soon. */
  #due = 0;
  #mode: BufferMode;
  #size = BUFFER;
  #isClosed = false;

  constructor(file: StreamSource, mode: BufferMode) {
    this.#file = file;
    this.#mode = mode;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** A standard stream: it cannot be closed. */
  get isStandard(): boolean {
    return this.#file.close === undefined;
  }

  /** @param size bytes that are held back at most */
  setMode(mode: BufferMode, size: number): void {
    this.flush();
    this.#mode = mode;
    this.#size = Math.min(Math.max(size, 1), BUFFER);
  }

  // ---- Output

  write(bytes: Uint8Array): void {
    if (this.#file.write === undefined) badDescriptor();
    this.#dropInput();
    if (bytes.length >= this.#size || this.#mode === 'no') {
      this.flush();
      if (bytes.length > 0) this.#file.write?.(bytes);
      return;
    }
    this.#output ??= new Uint8Array(BUFFER);
    if (this.#pending + bytes.length > this.#size) this.flush();
    this.#output.set(bytes, this.#pending);
    this.#pending += bytes.length;
    if (this.#mode === 'line' && bytes.includes(NEWLINE)) this.flush();
  }

  flush(): void {
    if (this.#pending === 0 || this.#output === undefined) return;
    const bytes = this.#output.subarray(0, this.#pending);
    this.#pending = 0;
    this.#due = 0;
    this.#file.write?.(bytes);
  }

  /** What was written so far goes out with the next `flushDue`. */
  noteDue(): void {
    this.#due = this.#pending;
  }

  flushDue(): void {
    if (this.#due === 0 || this.#output === undefined) return;
    const bytes = this.#output.slice(0, this.#due);
    this.#output.copyWithin(0, this.#due, this.#pending);
    this.#pending -= this.#due;
    this.#due = 0;
    this.#file.write?.(bytes);
  }

  // ---- Input

  /** Makes at least one byte available. @returns false at the end */
  #fill(): boolean {
    if (this.#position < this.#input.length) return true;
    this.flush();
    const chunk = new Uint8Array(BUFFER);
    const count = this.#file.read === undefined ? badDescriptor() : this.#file.read(chunk);
    this.#input = chunk.subarray(0, count);
    this.#position = 0;
    return count > 0;
  }

  /** The next byte without taking it, -1 at the end. */
  peek(): number {
    return this.#fill() ? (this.#input[this.#position] as number) : -1;
  }

  /** Takes the byte `peek` showed. */
  skip(): void {
    this.#position += 1;
  }

  /** A line; undefined at the end. Like all bytes read here it is good until the next read. */
  readLine(keepsNewline: boolean): Uint8Array | undefined {
    if (!this.#fill()) return undefined;
    const found = this.#input.indexOf(NEWLINE, this.#position);
    if (found >= 0) {
      const line = this.#input.subarray(this.#position, keepsNewline ? found + 1 : found);
      this.#position = found + 1;
      return line;
    }
    const parts: Uint8Array[] = [];
    while (this.#fill()) {
      const end = this.#input.indexOf(NEWLINE, this.#position);
      if (end >= 0) {
        parts.push(this.#input.subarray(this.#position, keepsNewline ? end + 1 : end));
        this.#position = end + 1;
        return join(parts);
      }
      parts.push(this.#input.subarray(this.#position));
      this.#position = this.#input.length;
    }
    return parts.length === 0 ? undefined : join(parts);
  }

  /** Up to `count` bytes; fewer only at the end. */
  readBytes(count: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let left = count;
    while (left > 0 && this.#fill()) {
      const part = this.#input.subarray(this.#position, Math.min(this.#input.length, this.#position + left));
      parts.push(part);
      this.#position += part.length;
      left -= part.length;
    }
    return join(parts);
  }

  readAll(): Uint8Array {
    return this.readBytes(Number.POSITIVE_INFINITY);
  }

  // ---- Position

  /** @throws HostFailure for a stream without positions */
  seek(whence: 0 | 1 | 2, offset: number): number {
    this.flush();
    if (this.#file.seek === undefined) throw new HostFailure('Illegal seek', 29);
    const unread = this.#input.length - this.#position;
    const position = this.#file.seek(whence, whence === 1 ? offset - unread : offset);
    this.#input = new Uint8Array(0);
    this.#position = 0;
    return position;
  }

  /** Before writing to a file that was read: the file's position goes back to where the program is. */
  #dropInput(): void {
    if (this.#position < this.#input.length && this.#file.seek !== undefined) this.seek(1, 0);
  }

  /** Closed even if it fails. @returns how the process ended, if it was one */
  close(): ProcessEnd | undefined {
    this.#isClosed = true;
    let end: ProcessEnd | undefined;
    try {
      this.flush();
    } finally {
      end = this.#file.close?.() ?? undefined;
      this.#input = new Uint8Array(0);
      this.#output = undefined;
    }
    return end;
  }
}

/** The parts as one; a single one is a view of the stream's buffer, for immediate use. */
function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The streams of a VM. */
export class Streams {
  readonly stdin: Stream;
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly #open = new Set<Stream>();

  constructor(environment: HostEnvironment) {
    this.stdout = new Stream(environment.stdout, environment.stdout.isTerminal ? 'line' : 'full');
    this.stderr = new Stream(
      {
        ...environment.stderr,
        write: (bytes) => {
          this.flushPrinted();
          environment.stderr.write?.(bytes);
        },
      },
      'no',
    );
    this.stdin = new Stream(
      {
        ...environment.stdin,
        read: (target) => {
          this.stdout.flush();
          return environment.stdin.read?.(target) ?? 0;
        },
      },
      'full',
    );
  }

  add(file: HostFile | HostProcess): Stream {
    this.flushPrinted();
    const stream = new Stream(file, 'full');
    this.#open.add(stream);
    return stream;
  }

  remove(stream: Stream): void {
    this.#open.delete(stream);
  }

  /** Output of `print`. */
  print(bytes: Uint8Array): void {
    this.stdout.write(bytes);
    this.stdout.noteDue();
  }

  /** Writes out what was printed. */
  flushPrinted(): void {
    this.stdout.flushDue();
  }

  /** @param text a byte string */
  writeError(text: string): void {
    this.stdout.flush();
    this.stderr.write(fromByteString(text));
  }

  /** Writes out what all streams hold back. */
  flush(): void {
    this.stdout.flush();
    for (const stream of this.#open) stream.flush();
  }
}
