/**
 * Loads the command's scripts, with the code that V8 made of them before: to compile them again is a third of what a short program takes. Such a cache lies
 * beside its script, from when the package was built (scripts/code-cache.mjs); for an installed package, which has none, the first program that loads a
 * script stores one in the user's cache folder (code-store.ts). V8 takes a cache only from its own version, and knows its script by no more than the length; so one
 * that is older than its script is left alone, and in the user's folder they have the name of what was built. Without a cache all is as with one, but for the time.
 *
 * Why scripts, not modules: V8 has a cache for those, too, but Node gives access to it in no version yet. Why not Node's own cache (`module.enableCompileCache`):
 * Node 20 has none, and it keeps what had been compiled when a module was loaded first, where most of the code comes later.
 */
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import type { CodeStore } from './code-store.ts';

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

/** @param folder of the scripts @param onLoad gets each script once it has run @param store where caches are that do not lie beside their scripts */
export function scriptLoader(folder: string, onLoad: (path: string, script: Script) => void = () => {}, store?: CodeStore): LoadScript {
  return (name) => {
    const path = join(folder, name);
    // Scripts are plain ASCII.
    const source = readFileSync(path, 'latin1');
    const compile = (cachedData: Buffer | undefined): Script => new Script(source, { filename: path, ...(cachedData && { cachedData }) });
    const beside = readCache(path);
    let script = compile(beside ?? store?.read(name));
    if (beside !== undefined && script.cachedDataRejected === true && store !== undefined) script = compile(store.read(name));
    if (script.cachedDataRejected !== false) store?.keep(name, script);
    const module = { exports: undefined as unknown };
    (script.runInThisContext() as Wrapper)(createRequire(path), module, pathToFileURL(path).href, (specifier) => import(specifier));
    onLoad(path, script);
    return module.exports;
  };
}
