/**
 * Code that V8 made of the command's scripts, in the user's cache folder: `moontrace` below $XDG_CACHE_HOME, by default ~/.cache. It is stored when the process ends, with
 * what was compiled by then. $NODE_DISABLE_COMPILE_CACHE says that nothing is to be stored, nor read. That a cache cannot be read or written does not matter.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Script } from 'node:vm';

export interface CodeStore {
  read(name: string): Buffer | undefined;
  /** Stores the script's code when the process ends. */
  keep(name: string, script: Script): void;
}

/** @param build names what was built: scripts of the same build are the same to the byte */
export function createCodeStore(build: string, environment: Readonly<NodeJS.ProcessEnv>): CodeStore | undefined {
  if (environment['NODE_DISABLE_COMPILE_CACHE']) return undefined;
  const caches = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = join(caches, 'moontrace');
  const pathOf = (name: string): string => join(folder, `${name}-${build}-${process.version}-${process.arch}`);
  return {
    read(name) {
      try {
        return readFileSync(pathOf(name));
      } catch {
        return undefined;
      }
    },
    keep(name, script) {
      process.once('exit', () => {
        try {
          mkdirSync(folder, { recursive: true, mode: 0o700 });
          const temporary = `${pathOf(name)}.${process.pid}`;
          writeFileSync(temporary, script.createCachedData(), { mode: 0o600 });
          renameSync(temporary, pathOf(name));
        } catch {}
      });
    },
  };
}
