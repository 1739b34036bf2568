/** A folder of Node's, to be read and no more: for programs that are to see their own files and nothing else. */
import * as fs from 'node:fs';
import { sep } from 'node:path';
import { createDefaultEnvironment, type HostEnvironment, HostFailure } from '../environment.ts';
import { normalised } from '../paths.ts';
import { createNodeEnvironment } from './environment.ts';
import { attempt } from './failures.ts';
import { nativePath, openFile } from './files.ts';
import { MoontraceError } from '../../engine/errors/errors.ts';
import { textOfHost } from '../../engine/host-values.ts';
import { toByteString } from '../../engine/text.ts';

const refuse = (): never => {
  throw new HostFailure('Read-only file system', 30);
};

/** The streams and clocks of the process, and nothing else of it. */
function createBase(): HostEnvironment {
  const { stdin, stdout, stderr, cpuSeconds, now, entropy } = createNodeEnvironment();
  return { ...createDefaultEnvironment(), stdin, stdout, stderr, cpuSeconds, now, entropy };
}

export interface FolderOptions {
  /** Clocks, streams and all that is not files; those of the process by default, without its variables and other processes. */
  readonly base?: HostEnvironment;
}

/** @throws MoontraceError bad-option */
function baseOf(options: FolderOptions): HostEnvironment {
  try {
    const { base = createBase() } = options;
    return { ...base };
  } catch (error) {
    throw new MoontraceError('bad-option', `base: ${textOfHost(error)}`, { cause: error });
  }
}

/** Where a path leads once all links are followed. */
const realPath = (path: Buffer): string => toByteString(fs.realpathSync(path, { encoding: 'buffer' }));

function findFolder(folder: string): string {
  if (typeof folder !== 'string') throw new MoontraceError('bad-argument', 'folder: a path as a string expected');
  try {
    const root = realPath(Buffer.from(folder));
    if (fs.statSync(nativePath(root)).isDirectory()) return root;
  } catch (error) {
    throw new MoontraceError('bad-argument', `folder: ${textOfHost(error)}`, { cause: error });
  }
  throw new MoontraceError('bad-argument', `folder: ${folder} is none`);
}

/**
 * An environment whose files are those below a folder, to be read only. The folder is the current one and the root: `..` leads nowhere, links out of it are refused, and so is what is neither a file nor a folder.
 * @param folder as Node takes it @throws MoontraceError bad-argument if there is none, bad-option
 */
export function createFolderEnvironment(folder: string, options: FolderOptions = {}): HostEnvironment {
  const base = baseOf(options);
  const root = findFolder(folder);
  const inside = root.endsWith(sep) ? root : root + sep;
  /** The real path of a file, all of whose links have been followed. */
  const find = (path: string): string => {
    const end = path.indexOf('\0');
    const real = attempt(() => realPath(nativePath(inside + normalised(end < 0 ? path : path.slice(0, end)))));
    if (real !== root && !real.startsWith(inside)) throw new HostFailure('Permission denied', 13);
    const status = attempt(() => fs.statSync(nativePath(real)));
    if (!status.isFile() && !status.isDirectory()) throw new HostFailure('Permission denied', 13);
    return real;
  };
  return {
    ...base,
    readFile: (path) => attempt(() => fs.readFileSync(nativePath(find(path)))),
    openFile: (path, mode) => (mode === 'r' ? openFile(find(path), mode) : refuse()),
    remove: refuse,
    rename: refuse,
    temporaryName: refuse,
    temporaryFile: refuse,
  };
}
