/**
 * Files that outlast the page: in memory while programs run, as they read and write at once, and in a store that takes its time (browser/). What is stored is
 * read at the beginning; changes are stored by `flush`.
 */
import { MoontraceError } from '../engine/errors/errors.ts';
import { textOfHost } from '../engine/host-values.ts';
import { createTrackedFiles, type FileChanges, type MemoryFiles, type MemoryFilesOptions } from './memory-files.ts';

/** Where files are kept. What its functions throw is the `cause` of a MoontraceError host-failure. */
export interface FileStore {
  /** All files, by path. */
  load(): Promise<Readonly<Record<string, Uint8Array>>>;
  /** Stores files, and removes those whose content is undefined. */
  save(changes: FileChanges): Promise<void>;
}

export interface StoredFiles extends MemoryFiles {
  /** Stores what has changed since the last time. @throws MoontraceError host-failure; the changes are stored the next time */
  flush(): Promise<void>;
}

async function attempt<Result>(what: string, operation: () => Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    throw new MoontraceError('host-failure', `${what}: ${textOfHost(error)}`, { cause: error });
  }
}

/** Reads a store into an environment. @throws MoontraceError host-failure */
export async function openStoredEnvironment(store: FileStore, options: MemoryFilesOptions = {}): Promise<StoredFiles> {
  const { environment, takeChanges, returnChanges } = createTrackedFiles(await attempt('load', () => store.load()), options);
  /** Stores one after the other, so that none overtakes another. */
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...environment,
    flush() {
      const saving = last.then(async () => {
        const changes = takeChanges();
        if (changes.size === 0) return;
        try {
          await attempt('save', () => store.save(changes));
        } catch (error) {
          returnChanges(changes);
          throw error;
        }
      });
      last = saving.catch(() => {});
      return saving;
    },
  };
}
