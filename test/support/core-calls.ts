/**
 * The call graph of the core, read from the text that its build leaves (build/core.wat, the same module as build/core.wasm). A call through the
 * function table counts as a call of every function in the table.
 */
import { readFileSync } from 'node:fs';

/** Stands for all functions of the table. */
const TABLE = '(table)';

export interface CoreCalls {
  /** Functions of the host by their internal name: what they are imported as. */
  readonly imports: ReadonlyMap<string, string>;
  /** Internal names by export. */
  readonly exports: ReadonlyMap<string, string>;
  /** Functions called by each. */
  readonly calls: ReadonlyMap<string, ReadonlySet<string>>;
}

export function parseCoreCalls(text: string): CoreCalls {
  const imports = new Map([...text.matchAll(/^ \(import "host" "([^"]+)" \(func (\S+?)\)?[ )]/gm)].map(([, name, id]) => [id!, name!]));
  const exports = new Map([...text.matchAll(/^ \(export "([^"]+)" \(func (\S+?)\)\)/gm)].map(([, name, id]) => [name!, id!]));
  const calls = new Map<string, Set<string>>();
  const table = new Set<string>();
  for (const [, members] of text.matchAll(/^ \(elem [^\n]*?\) (\$[^\n]*)\)$/gm)) for (const id of members!.split(' ')) table.add(id);
  calls.set(TABLE, table);
  for (const part of text.split(/^ \(func /m).slice(1)) {
    const called = new Set([...part.matchAll(/\bcall (\$\S+)/g)].map(([, id]) => id!));
    if (part.includes('call_indirect')) called.add(TABLE);
    calls.set(/^\S+/.exec(part)![0].replace(/\)+$/, ''), called);
  }
  return { imports, exports, calls };
}

export const readCoreCalls = (): CoreCalls => parseCoreCalls(readFileSync('build/core.wat', 'utf8'));

/** Ways from an exported function to imports of the host, one for each import reached: the functions on it. */
export function waysOut({ imports, exports, calls }: CoreCalls, exported: string): Map<string, readonly string[]> {
  const start = exports.get(exported);
  if (start === undefined) throw new RangeError(`the core does not export ${exported}`);
  const from = new Map<string, string | undefined>([[start, undefined]]);
  const ways = new Map<string, readonly string[]>();
  for (const [id] of from) {
    const imported = imports.get(id);
    if (imported !== undefined) ways.set(imported, pathTo(from, id));
    for (const next of calls.get(id) ?? []) if (!from.has(next)) from.set(next, id);
  }
  return ways;
}

function pathTo(from: ReadonlyMap<string, string | undefined>, end: string): readonly string[] {
  const path: string[] = [];
  for (let id: string | undefined = end; id !== undefined; id = from.get(id)) path.unshift(id);
  return path;
}
