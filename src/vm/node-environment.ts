/** HostEnvironment on Node: synchronous files and streams. The only module of `src/vm` that imports `node:*`. */
import * as fs from 'node:fs';
import { isatty } from 'node:tty';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostEnvironment, HostFailure, type HostFile } from './host-environment.ts';

/** C's strerror texts of the errors programs meet. */
const ERRORS: Readonly<Record<string, readonly [message: string, number: number]>> = {
  ENOENT: ['No such file or directory', 2], EACCES: ['Permission denied', 13], EEXIST: ['File exists', 17], ENOTDIR: ['Not a directory', 20],
  EISDIR: ['Is a directory', 21], EBADF: ['Bad file descriptor', 9], ENOSPC: ['No space left on device', 28], EPERM: ['Operation not permitted', 1],
  EINVAL: ['Invalid argument', 22], EPIPE: ['Broken pipe', 32], ENOTEMPTY: ['Directory not empty', 39], EROFS: ['Read-only file system', 30],
  EXDEV: ['Invalid cross-device link', 18], EMFILE: ['Too many open files', 24], EBUSY: ['Device or resource busy', 16],
};

/** Runs an operation; Node's error becomes a HostFailure with C's text. */
function attempt<Result>(operation: () => Result): Result {
  try {
    return operation();
  } catch (error) {
    const { code = '', errno = 0, message = '' } = error as NodeJS.ErrnoException;
    const known = ERRORS[code];
    throw new HostFailure(known?.[0] ?? message, known?.[1] ?? Math.abs(errno), { cause: error });
  }
}

/** Milliseconds to wait when a non-blocking pipe is full or empty. */
const RETRY = 2;
const pause = new Int32Array(new SharedArrayBuffer(4));

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

function writeAll(fd: number, bytes: Uint8Array, position: number | null): number {
  let written = 0;
  while (written < bytes.length) {
    const start = written;
    written += insistently(() => fs.writeSync(fd, bytes, start, bytes.length - start, position === null ? null : position + start));
  }
  return written;
}

function readStream(fd: number, target: Uint8Array): number {
  try {
    return insistently(() => fs.readSync(fd, target, 0, target.length, null));
  } catch (error) {
    // A closed pipe on Windows.
    if ((error as NodeJS.ErrnoException).code === 'EOF') return 0;
    throw error;
  }
}

/** A regular file with a position of its own, shared by reading and writing as in C. */
function openFile(path: string, mode: string): HostFile {
  const fd = attempt(() => fs.openSync(path, mode));
  const appends = mode.startsWith('a');
  const isSeekable = attempt(() => fs.fstatSync(fd).isFile());
  let position = 0;
  return {
    read(target) {
      const count = attempt(() => (isSeekable ? fs.readSync(fd, target, 0, target.length, position) : readStream(fd, target)));
      position += count;
      return count;
    },
    write(bytes) {
      attempt(() => writeAll(fd, bytes, appends || !isSeekable ? null : position));
      position = appends ? attempt(() => fs.fstatSync(fd).size) : position + bytes.length;
    },
    seek(whence, offset) {
      if (!isSeekable) throw new HostFailure('Illegal seek', 29);
      const target = offset + (whence === 0 ? 0 : whence === 1 ? position : attempt(() => fs.fstatSync(fd).size));
      if (target < 0) throw new HostFailure('Invalid argument', 22);
      position = target;
      return target;
    },
    close() {
      attempt(() => fs.closeSync(fd));
    },
  };
}

export function createNodeEnvironment(): HostEnvironment {
  let names = 0;
  return {
    stdin: { read: (target) => attempt(() => readStream(0, target)) },
    stdout: { write: (bytes) => void attempt(() => writeAll(1, bytes, null)), isTerminal: isatty(1) },
    stderr: { write: (bytes) => void attempt(() => writeAll(2, bytes, null)) },
    cpuSeconds() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    now: () => Date.now(),
    entropy: () => (Math.random() * 2 ** 32) >>> 0,
    getenv: (name) => process.env[name],
    readFile: (path) => attempt(() => fs.readFileSync(path)),
    openFile,
    remove: (path) =>
      attempt(() => {
        if (fs.lstatSync(path).isDirectory()) fs.rmdirSync(path);
        else fs.unlinkSync(path);
      }),
    rename: (from, to) => attempt(() => fs.renameSync(from, to)),
    temporaryName() {
      const path = join(tmpdir(), `lua_${process.pid.toString(36)}${Date.now().toString(36)}${names++}`);
      attempt(() => fs.closeSync(fs.openSync(path, 'w')));
      return path;
    },
    exit: (code) => process.exit(code),
  };
}
