/**
 * Files and standard streams on Node, synchronous. Regular files keep a position of their own, shared by reading and writing as in C
 * (Node cannot move that of the descriptor); everything else is read and written where it stands.
 */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostFailure, type HostFile } from '../environment.ts';
import { attempt, failureOf } from './failures.ts';
import { toByteString } from '../../engine/text.ts';

/** Milliseconds to wait when a non-blocking pipe is full or empty. */
const RETRY = 2;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** A byte string as a path of the system, up to its first zero as in C. */
export function nativePath(path: string): Buffer {
  const end = path.indexOf('\0');
  return Buffer.from(end < 0 ? path : path.slice(0, end), 'latin1');
}

/** Repeats an operation on a non-blocking stream until it does not say "try again". */
function insistently<Result>(operation: () => Result): Result {
  for (;;) {
    try {
      return operation();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, RETRY);
    }
  }
}

function writeAll(fd: number, bytes: Uint8Array, position: number | null): void {
  let written = 0;
  while (written < bytes.length) {
    const start = written;
    written += insistently(() => fs.writeSync(fd, bytes, start, bytes.length - start, position === null ? null : position + start));
  }
}

function readSome(fd: number, target: Uint8Array, position: number | null): number {
  try {
    return insistently(() => fs.readSync(fd, target, 0, target.length, position));
  } catch (error) {
    // A closed pipe on Windows.
    if ((error as NodeJS.ErrnoException).code === 'EOF') return 0;
    throw error;
  }
}

export function readPipe(fd: number, target: Uint8Array): number {
  return attempt(() => readSome(fd, target, null));
}

export function writePipe(fd: number, bytes: Uint8Array): void {
  attempt(() => writeAll(fd, bytes, null));
}

export function closeDescriptor(fd: number): void {
  attempt(() => fs.closeSync(fd));
}

/** Position to go to. @throws HostFailure in front of the start */
function targetOf(fd: number, position: number, whence: 0 | 1 | 2, offset: number): number {
  const target = offset + (whence === 0 ? 0 : whence === 1 ? position : attempt(() => fs.fstatSync(fd).size));
  if (target < 0) throw new HostFailure('Invalid argument', 22);
  return target;
}

function fileOf(fd: number, mode: string): HostFile {
  const appends = mode.startsWith('a');
  const updates = mode.includes('+');
  const status = attempt(() => fs.fstatSync(fd));
  let position = appends && !updates ? status.size : 0;
  const file: HostFile = { close: () => closeDescriptor(fd) };
  const isRegular = status.isFile();
  if (updates || mode.startsWith('r')) {
    file.read = (target) => {
      const count = attempt(() => readSome(fd, target, isRegular ? position : null));
      position += count;
      return count;
    };
  }
  if (updates || !mode.startsWith('r')) {
    file.write = (bytes) => {
      attempt(() => writeAll(fd, bytes, appends || !isRegular ? null : position));
      position = appends ? attempt(() => fs.fstatSync(fd).size) : position + bytes.length;
    };
  }
  if (isRegular) {
    file.seek = (whence, offset) => {
      position = targetOf(fd, position, whence, offset);
      return position;
    };
  }
  return file;
}

/** @param mode C's fopen mode without "b" */
export function openFile(path: string, mode: string): HostFile {
  return fileOf(attempt(() => fs.openSync(nativePath(path), mode)), mode);
}

/** Opens a new file with a name that nobody has. */
function createTemporary(): { readonly path: string; readonly fd: number } {
  for (;;) {
    const path = join(tmpdir(), `lua_${Math.floor(Math.random() * 36 ** 6).toString(36).padStart(6, '0')}`);
    try {
      return { path, fd: fs.openSync(path, 'wx+', 0o600) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

export function temporaryName(): string {
  const { path, fd } = attempt(createTemporary);
  closeDescriptor(fd);
  return toByteString(Buffer.from(path));
}

export function temporaryFile(): HostFile {
  const { path, fd } = attempt(createTemporary);
  const file = fileOf(fd, 'w+');
  if (process.platform !== 'win32') {
    attempt(() => fs.unlinkSync(path));
    return file;
  }
  const close = file.close;
  file.close = () => {
    close();
    attempt(() => fs.unlinkSync(path));
  };
  return file;
}

/** Milliseconds between two looks at an input where nothing has come: at first, and at most. */
const SHORTEST_WAIT = 1;
const LONGEST_WAIT = 16;

/**
 * A second way to the terminal or pipe that is standard input, which does not block, and only for this process; -1 where there is none (a file,
 * a socket, another system than Linux).
 */
function openPollable(): number {
  try {
    const status = fs.fstatSync(0);
    if (!status.isCharacterDevice() && !status.isFIFO()) return -1;
    return fs.openSync('/proc/self/fd/0', fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY);
  } catch {
    return -1;
  }
}

/**
 * Standard input for a program that can be interrupted.
 * @param onWait called while nothing comes; what it throws ends the reading. Node restarts a blocking read after a signal.
 */
export function standardInput(onWait: () => void): Omit<HostFile, 'close'> {
  const file = standardStream(0);
  const { read } = file;
  let fd: number | undefined;
  file.read = (target) => {
    fd ??= openPollable();
    if (fd < 0) return read?.(target) ?? 0;
    for (let wait = SHORTEST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      const count = tryRead(fd, target);
      if (count >= 0) return count;
      onWait();
      Atomics.wait(pause, 0, 0, wait);
    }
  };
  return file;
}

/** @returns -1 if nothing has come */
function tryRead(fd: number, target: Uint8Array): number {
  try {
    return fs.readSync(fd, target, 0, target.length, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return -1;
    throw failureOf(error);
  }
}

/** A standard stream: it shares its position with other processes, so it is only moved (and then kept here) when a program seeks. */
export function standardStream(fd: 0 | 1 | 2): Omit<HostFile, 'close'> {
  let position: number | null = null;
  const file: Omit<HostFile, 'close'> = {};
  if (fd === 0) {
    file.read = (target) => {
      const count = attempt(() => readSome(fd, target, position));
      if (position !== null) position += count;
      return count;
    };
  } else {
    file.write = (bytes) => {
      attempt(() => writeAll(fd, bytes, position));
      if (position !== null) position += bytes.length;
    };
  }
  file.seek = (whence, offset) => {
    const current = position ?? descriptorPosition(fd);
    const target = targetOf(fd, current, whence, offset);
    if (target !== current) position = target;
    return target;
  };
  return file;
}

/** Position of a regular file's descriptor. @throws HostFailure where it has none, or the system does not tell */
function descriptorPosition(fd: number): number {
  const illegal = new HostFailure('Illegal seek', 29);
  if (!attempt(() => fs.fstatSync(fd).isFile())) throw illegal;
  try {
    return Number(/pos:\s*(\d+)/.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? 0);
  } catch {
    throw illegal;
  }
}
