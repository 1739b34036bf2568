/**
 * The host's side of files: what a file is made on, and filling and draining the buffers that the core reads and writes (src/core/lib/file.ts).
 * Output is held back until a buffer is full, the outermost call returns, input is read from the same terminal, a function of the host's is
 * called, or (on a terminal) a line ends. What was printed is not held back for longer than a slice: PUC's `print` writes out every line at once.
 *
 * Bytes are copied on their way in and out: functions of the host's never see the VM's memory, which may grow and change under them.
 */
import { HOST_STDERR, HOST_STDIN, HOST_STDOUT } from '../bytecode/host-places.ts';
import {
  FILE_BUFFER, FILE_CLOSED, FILE_END, FILE_FLAGS, FILE_FULL, FILE_INPUT, FILE_INPUT_SIZE, FILE_LINE, FILE_MODE, FILE_OUTPUT, FILE_OUTPUT_SIZE,
  FILE_PENDING, FILE_POSITION, FILE_PRINTED, FILE_READS, FILE_UNBUFFERED, FILE_WRITES, SLOT_SIZE, TAG_USERDATA, USERDATA_HANDLE, VM_INPUT, VM_OUTPUT, VM_STDOUT,
} from '../bytecode/layout.ts';
import type { FilePort } from '../engine/machine-options.ts';
import type { Machine } from '../engine/machine.ts';
import { MoontraceError } from '../engine/errors/errors.ts';
import { fromByteString } from '../engine/text.ts';
import { HostFailure, type HostFile, type HostProcess, type ProcessEnd } from '../hosts/environment.ts';

const NEWLINE = 10;
/** Bytes that are read at once. */
const PIECE = 65536;

export type BufferMode = 'no' | 'full' | 'line';
const MODES: Readonly<Record<BufferMode, number>> = { no: FILE_UNBUFFERED, full: FILE_FULL, line: FILE_LINE };

/** What a stream is made on: a file, a process, or a standard stream (which is never closed). */
export type StreamSource = Omit<HostFile, 'close'> & { close?(): ProcessEnd | void };

const badDescriptor = (): never => {
  throw new HostFailure('Bad file descriptor', 9);
};

/** All methods @throw HostFailure. */
export class Stream {
  /** The file in the VM; 0 once the collector has freed it. */
  file = 0;
  /** What it was opened as, for messages. */
  readonly name: string;
  readonly #machine: Machine;
  readonly #source: StreamSource;

  constructor(machine: Machine, source: StreamSource, name: string) {
    this.#machine = machine;
    this.#source = source;
    this.name = name;
  }

  #get(field: number): number {
    return this.#machine.memory.load(this.file + field);
  }

  #set(field: number, value: number): void {
    this.#machine.memory.store(this.file + field, value);
  }

  get isClosed(): boolean {
    return (this.#get(FILE_FLAGS) & FILE_CLOSED) !== 0;
  }

  /** A standard stream: it cannot be closed. */
  get isStandard(): boolean {
    return this.#source.close === undefined;
  }

  /** FILE_READS and FILE_WRITES as the source can. */
  get flags(): number {
    return (this.#source.read === undefined ? 0 : FILE_READS) | (this.#source.write === undefined ? 0 : FILE_WRITES);
  }

  /** @param size bytes that are held back at most */
  setMode(mode: BufferMode, size: number): void {
    this.flush();
    this.#set(FILE_MODE, MODES[mode]);
    this.#set(FILE_OUTPUT_SIZE, Math.min(Math.max(size, 1), FILE_BUFFER));
  }

  // ---- Output

  /** Writes bytes of the VM's memory behind what is held back. */
  writeMemory(address: number, length: number): void {
    this.#giveUpInput();
    this.flush();
    if (this.#source.write === undefined) badDescriptor();
    if (length > 0) this.#source.write?.(this.#machine.memory.copyBytes(address, length));
  }

  write(bytes: Uint8Array): void {
    this.flush();
    if (bytes.length > 0) this.#source.write?.(bytes);
  }

  /** Is anything held back? */
  get isPending(): boolean {
    return this.#get(FILE_PENDING) !== 0;
  }

  /** Writes out what is held back. */
  flush(): void {
    this.#flushBytes(this.#get(FILE_PENDING));
  }

  /** Writes out what was printed, and what was written before. */
  flushPrinted(): void {
    this.#flushBytes(this.#get(FILE_PRINTED));
  }

  /** If that fails they are lost, as in C. */
  #flushBytes(count: number): void {
    if (count === 0) return;
    const { memory } = this.#machine;
    const output = this.#get(FILE_OUTPUT);
    const pending = this.#get(FILE_PENDING);
    const bytes = memory.copyBytes(output, count);
    memory.moveBytes(output, output + count, pending - count);
    this.#set(FILE_PENDING, pending - count);
    this.#set(FILE_PRINTED, 0);
    this.#source.write?.(bytes);
  }

  // ---- Input

  /** Reads to the end of the input buffer, by way of `chunk`. @returns bytes; 0 at the end */
  fill(chunk: Uint8Array): number {
    this.flush();
    if (this.#source.read === undefined) return badDescriptor();
    const count = this.#source.read(chunk.subarray(0, this.#get(FILE_INPUT_SIZE) - this.#get(FILE_END)));
    const end = this.#get(FILE_END);
    if (!(count >= 0 && count <= this.#get(FILE_INPUT_SIZE) - end)) throw new HostFailure('Input/output error', 5);
    this.#machine.memory.storeBytes(this.#get(FILE_INPUT) + end, chunk.subarray(0, count));
    this.#set(FILE_END, end + count);
    return count;
  }

  /** What was read ahead. */
  get #unread(): number {
    return this.#get(FILE_END) - this.#get(FILE_POSITION);
  }

  /** A line; undefined at the end. */
  readLine(keepsNewline: boolean): Uint8Array | undefined {
    const { memory, core } = this.#machine;
    const start = (): number => this.#get(FILE_INPUT) + this.#get(FILE_POSITION);
    let seen = 0;
    let found: number;
    do {
      found = memory.viewBytes(start() + seen, this.#unread - seen).indexOf(NEWLINE);
      if (found < 0) seen = this.#unread;
    } while (found < 0 && core.fillFile(this.file) > 0);
    const length = found < 0 ? seen : seen + found + 1;
    if (length === 0) return undefined;
    const line = memory.copyBytes(start(), length);
    this.#set(FILE_POSITION, this.#get(FILE_POSITION) + length);
    return found < 0 || keepsNewline ? line : line.subarray(0, length - 1);
  }

  /** Everything up to the end. */
  readAll(): Uint8Array {
    this.flush();
    const parts = [this.#machine.memory.copyBytes(this.#get(FILE_INPUT) + this.#get(FILE_POSITION), this.#unread)];
    this.#set(FILE_POSITION, this.#get(FILE_END));
    for (;;) {
      const chunk = new Uint8Array(PIECE);
      const count = this.#source.read === undefined ? badDescriptor() : this.#source.read(chunk);
      if (count === 0) return join(parts);
      parts.push(chunk.subarray(0, count));
    }
  }

  // ---- Position

  seek(whence: 0 | 1 | 2, offset: number): number {
    this.flush();
    if (this.#source.seek === undefined) throw new HostFailure('Illegal seek', 29);
    const position = this.#source.seek(whence, whence === 1 ? offset - this.#unread : offset);
    this.#set(FILE_POSITION, 0);
    this.#set(FILE_END, 0);
    return position;
  }

  /** Before writing to a file that was read: the file's position goes back to where the program is. */
  #giveUpInput(): void {
    if (this.#unread > 0 && this.#source.seek !== undefined) this.seek(1, 0);
  }

  /** Closed even if it fails. @returns how the process ended, if it was one */
  close(): ProcessEnd | undefined {
    this.#set(FILE_FLAGS, this.#get(FILE_FLAGS) | FILE_CLOSED);
    try {
      this.flush();
    } finally {
      this.#freeBuffers();
    }
    return this.#source.close?.() ?? undefined;
  }

  #freeBuffers(): void {
    const { core } = this.#machine;
    const output = this.#get(FILE_OUTPUT);
    if (output !== 0) core.freeRaw(output, FILE_BUFFER);
    if (this.#get(FILE_INPUT_SIZE) !== 0) core.freeRaw(this.#get(FILE_INPUT), this.#get(FILE_INPUT_SIZE));
    for (const field of [FILE_OUTPUT, FILE_PENDING, FILE_INPUT, FILE_INPUT_SIZE, FILE_POSITION, FILE_END]) this.#set(field, 0);
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The streams of a VM, and the core's imports for files. */
export class Streams implements FilePort {
  readonly stdin: Stream;
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly #machine: Machine;
  readonly #open = new Set<Stream>();
  /** What input comes in. */
  #idleChunk: Uint8Array | undefined;
  /** What the core is told of by `failure`. */
  #failure: Pick<HostFailure, 'message' | 'errorNumber'> = { message: '', errorNumber: 0 };

  constructor(machine: Machine) {
    const { environment } = machine;
    this.#machine = machine;
    machine.files = this;
    this.stdout = this.#standard(HOST_STDOUT, { ...environment.stdout, write: (bytes) => this.#writeWithin(environment.stdout, bytes) }, environment.stdout.isTerminal ? 'line' : 'full');
    this.stderr = this.#standard(HOST_STDERR, { ...environment.stderr, write: (bytes) => this.#writeError(bytes) }, 'no');
    this.stdin = this.#standard(HOST_STDIN, { ...environment.stdin, read: (target) => this.#readInput(target) }, 'full');
    if (machine.memory.load(VM_STDOUT) !== 0) return;
    machine.memory.store(VM_STDOUT, this.stdout.file);
    machine.memory.store(VM_OUTPUT, this.stdout.file);
    machine.memory.store(VM_INPUT, this.stdin.file);
  }

  #writeError(bytes: Uint8Array): void {
    this.flushPrinted();
    this.#writeWithin(this.#machine.environment.stderr, bytes);
  }

  /** Writes as much as the limit of output allows. @throws LimitReached */
  #writeWithin(stream: Pick<HostFile, 'write'>, bytes: Uint8Array): void {
    const { limits } = this.#machine;
    const allowed = limits.takeOutput(bytes.length);
    if (allowed > 0) stream.write?.(bytes.subarray(0, allowed));
    if (allowed < bytes.length) limits.endOutput();
  }

  #readInput(target: Uint8Array): number {
    this.#quietly(() => this.stdout.flush());
    return this.#machine.environment.stdin.read?.(target) ?? 0;
  }

  /** Its file is never freed. They are the first objects of all: their handles are the same in every host. @param place of the file in the VM's memory */
  #standard(place: number, source: StreamSource, mode: BufferMode): Stream {
    const { core, host } = this.#machine;
    const stream = new Stream(this.#machine, source, 'a standard stream');
    const handle = this.#hold(stream);
    stream.file = host.pointer(place);
    if (stream.file !== 0) return stream;
    stream.file = core.newFile(handle, stream.flags, MODES[mode]);
    host.set(place, TAG_USERDATA, stream.file);
    return stream;
  }

  /** Standard streams are as good as new, for this environment. */
  renew(): void {
    const { memory, environment } = this.#machine;
    const modes = [[this.stdin, 'full'], [this.stdout, environment.stdout.isTerminal ? 'line' : 'full'], [this.stderr, 'no']] as const;
    for (const [stream, mode] of modes) {
      memory.store(stream.file + FILE_FLAGS, stream.flags);
      memory.store(stream.file + FILE_MODE, MODES[mode]);
    }
  }

  /** @returns its handle */
  #hold(stream: Stream): number {
    return this.#machine.hostObjects.addObject(stream, () => this.#forget(stream));
  }

  /** @param name a byte string, for messages */
  add(source: HostFile | HostProcess, name: string): Stream {
    this.flushPrinted();
    const stream = new Stream(this.#machine, source, name);
    stream.file = this.#machine.core.newFile(this.#hold(stream), stream.flags, FILE_FULL);
    this.#open.add(stream);
    return stream;
  }

  /** A stream for a file that is in the memory already, one of another host's. @param source undefined for a file that is closed, or is to be */
  revive(file: number, source: HostFile | undefined, name: string): { readonly stream: Stream; readonly onRelease: () => void } {
    const stream = new Stream(this.#machine, source ?? {}, name);
    stream.file = file;
    if (source !== undefined) this.#open.add(stream);
    else if (!stream.isClosed) stream.close();
    return { stream, onRelease: () => this.#forget(stream) };
  }

  #forget(stream: Stream): void {
    this.#open.delete(stream);
    stream.file = 0;
  }

  remove(stream: Stream): void {
    this.#open.delete(stream);
  }

  /** The stream of a file. */
  at(file: number): Stream {
    const { hostObjects, memory } = this.#machine;
    const stream = hostObjects.objectAt(memory.load(file + USERDATA_HANDLE)) as Stream | undefined;
    if (stream === undefined) throw new MoontraceError('wrong-thread', 'a file');
    return stream;
  }

  // ---- The core's imports

  /** Runs an operation; a failure is noted. @returns -1 then */
  #attempt(operation: () => number): number {
    try {
      return operation();
    } catch (error) {
      if (!(error instanceof HostFailure)) throw error;
      this.#failure = error;
      return -1;
    }
  }

  output(file: number, bytes: number, length: number): number {
    return this.#attempt(() => {
      this.at(file).writeMemory(bytes, length);
      return 0;
    });
  }

  input(file: number): number {
    // Nobody else's while it is in use: the host may run Lua that reads.
    const chunk = this.#idleChunk ?? new Uint8Array(PIECE);
    this.#idleChunk = undefined;
    const count = this.#attempt(() => this.at(file).fill(chunk));
    this.#idleChunk = chunk;
    return count;
  }

  failure(base: number): number {
    const { slots } = this.#machine;
    slots.setNil(base - SLOT_SIZE);
    slots.setText(base, this.#failure.message);
    slots.setInteger(base + SLOT_SIZE, BigInt(this.#failure.errorNumber));
    return 3;
  }

  close(file: number): void {
    const stream = this.at(file);
    this.remove(stream);
    this.#quietly(() => stream.close());
  }

  // ---- What the host's side writes

  /** Writes out what was printed. */
  flushPrinted(): void {
    this.#quietly(() => this.stdout.flushPrinted());
  }

  /** What nobody waits for may fail: as print in C, and the end of a program. */
  #quietly(operation: () => void): void {
    this.#attempt(() => {
      operation();
      return 0;
    });
  }

  /** Something of the host's is to run, or to end the program: what was written comes before. */
  flushOutput(): void {
    if (this.stdout.isPending) this.#quietly(() => this.stdout.flush());
  }

  /** @param text a byte string */
  writeOutput(text: string): void {
    this.#quietly(() => this.stdout.write(fromByteString(text)));
  }

  /** @param text a byte string */
  writeError(text: string): void {
    this.#quietly(() => this.stdout.flush());
    this.#quietly(() => this.stderr.write(fromByteString(text)));
  }

  /** Writes out what all streams hold back, also if the standard output has come to its limit. */
  flush(): void {
    try {
      this.flushOutput();
    } finally {
      for (const stream of this.#open) this.#quietly(() => stream.flush());
    }
  }
}
