/** How a chunk is loaded, and what is known of one that cannot be. */
import { checkOptions, isObject, type OptionChecks } from '../check-options.ts';
import { MoontraceError, type SyntaxLocation } from '../../engine/errors/errors.ts';
import type { LuaReference } from '../handles/reference.ts';

export interface LoadOptions {
  /** The chunk's name, for messages: `@file`, `=name`, or the source itself (default). */
  readonly name?: string;
  /** Which chunks are loaded: text `'t'`, binary `'b'`, or both. */
  readonly mode?: 't' | 'b' | 'bt';
  /** What the chunk has for globals (its upvalue `_ENV`): a table of this VM. */
  readonly env?: LuaReference;
}

const CHECKS: OptionChecks<LoadOptions> = {
  name: (value) => (typeof value === 'string' ? undefined : 'a string expected'),
  mode: (value) => (['t', 'b', 'bt'].includes(value as string) ? undefined : "'t', 'b' or 'bt' expected"),
  env: (value) => (isObject(value) ? undefined : 'a table expected'),
};

/** @param given options, or only the chunk's name @throws MoontraceError bad-argument, bad-option */
export function checkLoadOptions(given: unknown): LoadOptions {
  if (typeof given === 'string') return { name: given };
  if (given !== undefined && !isObject(given)) throw new MoontraceError('bad-argument', 'a chunk name or options expected');
  return checkOptions(given, CHECKS);
}

/** Where a syntax error is, by its message (luaX_syntaxerror). @param chunk its name, as messages show it */
export function locationIn(message: string, chunk: string): SyntaxLocation | undefined {
  if (!message.startsWith(`${chunk}:`)) return undefined;
  const [, line, text = ''] = /^(\d+): (.*)$/s.exec(message.slice(chunk.length + 1)) ?? [];
  if (line === undefined) return undefined;
  const near = /^.* near (.*)$/s.exec(text)?.[1];
  return { chunk, line: Number(line), near: near?.replace(/^'(.*)'$/s, '$1') };
}
