/** Files that are in memory only: for browsers, tests, and programs that are to see a folder of their own and nothing else. */
import { MoontraceError } from '../engine/errors/errors.ts';
import { isBytes, textOfHost } from '../engine/host-values.ts';
import { createDefaultEnvironment, type HostEnvironment, HostFailure, type HostFile } from './environment.ts';
import { normalised } from './paths.ts';
import { decodeText, encodeText, fromByteString, toByteString } from '../engine/text.ts';

/** A file's bytes, in a buffer that may be larger. */
interface Content {
  buffer: Uint8Array;
  length: number;
  /** Since its changes were taken. */
  isChanged: boolean;
}

const emptyFile = (): Content => ({ buffer: new Uint8Array(0), length: 0, isChanged: true });
const bytesOf = ({ buffer, length }: Content): Uint8Array<ArrayBuffer> => buffer.slice(0, length) as Uint8Array<ArrayBuffer>;

const missing = (): HostFailure => new HostFailure('No such file or directory', 2);
const readOnly = (): HostFailure => new HostFailure('Read-only file system', 30);

export interface MemoryFiles extends HostEnvironment {
  /** The files there are, by path: what programs have written as well. Each is a copy. */
  files(): Record<string, Uint8Array>;
}

export interface MemoryFilesOptions {
  /** Whether programs may not write, remove and rename. */
  readonly isReadOnly?: boolean;
  /** Clocks, streams and all that is not files; what a browser has got by default. */
  readonly base?: HostEnvironment;
}

const bad = (text: string, cause?: unknown): MoontraceError => new MoontraceError('bad-argument', `files: ${text}`, { cause });

/**
 * An environment whose files are in memory. There are no folders but the names of files: `lib/a.lua`, `./lib/a.lua` and `/lib/a.lua` are one.
 * @param given contents by path, text or bytes, which are copied
 * @throws MoontraceError bad-argument
 */
export function createMemoryEnvironment(given: Readonly<Record<string, string | Uint8Array>> = {}, options: MemoryFilesOptions = {}): MemoryFiles {
  return createTrackedFiles(given, options).environment;
}

/** Files by path; undefined for those that are gone. */
export type FileChanges = ReadonlyMap<string, Uint8Array<ArrayBuffer> | undefined>;

/** Files in memory, and what has become of them. */
export interface TrackedFiles {
  readonly environment: MemoryFiles;
  /** What has changed since the last time. */
  takeChanges(): FileChanges;
  /** These were taken in vain. */
  returnChanges(changes: FileChanges): void;
}

const textOf = (path: string): string => decodeText(fromByteString(path));

/** Files and options as they are read, once. @throws MoontraceError bad-argument */
function checked(given: Readonly<Record<string, string | Uint8Array>>, options: MemoryFilesOptions): Required<MemoryFilesOptions> & { readonly contents: Map<string, Content> } {
  if (typeof given !== 'object' || typeof options !== 'object') throw bad('an object of contents expected, and one of options');
  const contents = new Map<string, Content>();
  try {
    const { isReadOnly = false, base = createDefaultEnvironment() } = options;
    for (const [path, content] of Object.entries(given)) {
      if (typeof content !== 'string' && !isBytes(content)) throw bad(`${path}: text or a Uint8Array expected`);
      const buffer = typeof content === 'string' ? encodeText(content) : content.slice();
      contents.set(normalised(toByteString(encodeText(path))), { buffer, length: buffer.length, isChanged: false });
    }
    return { contents, isReadOnly, base: { ...base } };
  } catch (error) {
    throw error instanceof MoontraceError ? error : bad(textOfHost(error), error);
  }
}

/** As `createMemoryEnvironment`. */
export function createTrackedFiles(given: Readonly<Record<string, string | Uint8Array>>, options: MemoryFilesOptions): TrackedFiles {
  const { contents, isReadOnly, base } = checked(given, options);
  const removed = new Set<string>();
  let temporaries = 0;
  const find = (path: string): Content => {
    const content = contents.get(normalised(path));
    if (content === undefined) throw missing();
    return content;
  };
  const checkWritable = (): void => {
    if (isReadOnly) throw readOnly();
  };
  const forget = (path: string): void => {
    contents.delete(normalised(path));
    removed.add(normalised(path));
  };
  const open = (path: string, mode: string): HostFile => {
    const isWriting = mode !== 'r';
    if (isWriting) checkWritable();
    if (normalised(path) === '' && isWriting) throw new HostFailure('Is a directory', 21);
    if (mode.startsWith('w') || (mode.startsWith('a') && !contents.has(normalised(path)))) contents.set(normalised(path), emptyFile());
    return fileOf(find(path), mode);
  };
  const environment: MemoryFiles = {
    ...base,
    readFile: (path) => bytesOf(find(path)),
    openFile: open,
    remove(path) {
      checkWritable();
      find(path);
      forget(path);
    },
    rename(from, to) {
      checkWritable();
      const content = find(from);
      forget(from);
      content.isChanged = true;
      contents.set(normalised(to), content);
    },
    temporaryName() {
      checkWritable();
      const name = `tmp/lua_${++temporaries}`;
      contents.set(name, emptyFile());
      return `/${name}`;
    },
    temporaryFile() {
      checkWritable();
      return fileOf(emptyFile(), 'w+');
    },
    files: () => Object.fromEntries([...contents].map(([path, content]) => [textOf(path), bytesOf(content)])),
  };
  return {
    environment,
    takeChanges() {
      const changes = new Map<string, Uint8Array<ArrayBuffer> | undefined>();
      for (const path of removed) changes.set(textOf(path), undefined);
      removed.clear();
      for (const [path, content] of contents) {
        if (content.isChanged) changes.set(textOf(path), bytesOf(content));
        content.isChanged = false;
      }
      return changes;
    },
    returnChanges(changes) {
      for (const path of changes.keys()) {
        const name = toByteString(encodeText(path));
        const content = contents.get(name);
        if (content === undefined) removed.add(name);
        else content.isChanged = true;
      }
    },
  };
}

/** @param mode C's fopen mode */
function fileOf(content: Content, mode: string): HostFile {
  const appends = mode.startsWith('a');
  const updates = mode.includes('+');
  let position = appends && !updates ? content.length : 0;
  const file: HostFile = {
    close() {},
    seek(whence, offset) {
      const target = offset + (whence === 0 ? 0 : whence === 1 ? position : content.length);
      if (target < 0) throw new HostFailure('Invalid argument', 22);
      position = target;
      return position;
    },
  };
  if (updates || mode.startsWith('r')) {
    file.read = (target) => {
      const bytes = content.buffer.subarray(position, Math.min(position + target.length, content.length));
      target.set(bytes);
      position += bytes.length;
      return bytes.length;
    };
  }
  if (updates || !mode.startsWith('r')) {
    file.write = (bytes) => {
      if (appends) position = content.length;
      const end = position + bytes.length;
      if (end > content.buffer.length) {
        const larger = new Uint8Array(Math.max(end, 2 * content.buffer.length));
        larger.set(content.buffer.subarray(0, content.length));
        content.buffer = larger;
      }
      content.buffer.set(bytes, position);
      content.isChanged = true;
      content.length = Math.max(content.length, end);
      position = end;
    };
  }
  return file;
}
