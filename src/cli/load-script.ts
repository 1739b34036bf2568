/**
 * Loads the command's scripts, with the code that V8 made of them when the package was built (scripts/code-cache.mjs): to compile them again is a third
 * of what a short program takes. V8 takes a cache only from its own version, and knows its script by no more than the length; so one that is older than
 * its script is left alone. Without a cache all is as with one, but for the time.
 *
 * Why scripts, not modules: V8 has a cache for those, too, but Node gives access to it in no version yet.
 */
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

/** Runs a script of the package by its file's name. @returns what it exports */
export type LoadScript = (name: string) => unknown;

/** What the build puts around a script. Code from a cache cannot import, so it is given what does. */
type Wrapper = (require: NodeJS.Require, module: { exports: unknown }, url: string, importModule: (specifier: string) => Promise<unknown>) => void;

const cacheOf = (path: string): string => path.replace(/\.\w+$/, '.cache');

function readCache(path: string): Buffer | undefined {
  const cache = cacheOf(path);
  const age = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -1;
  return age(cache) >= age(path) ? readFileSync(cache) : undefined;
}

/** @param folder of the scripts @param onLoad gets each script once it has run */
export function scriptLoader(folder: string, onLoad: (path: string, script: Script) => void = () => {}): LoadScript {
  return (name) => {
    const path = join(folder, name);
    const cachedData = readCache(path);
    // Scripts are plain ASCII.
    const script = new Script(readFileSync(path, 'latin1'), { filename: path, ...(cachedData && { cachedData }) });
    const module = { exports: undefined as unknown };
    (script.runInThisContext() as Wrapper)(createRequire(path), module, pathToFileURL(path).href, (specifier) => import(specifier));
    onLoad(path, script);
    return module.exports;
  };
}
