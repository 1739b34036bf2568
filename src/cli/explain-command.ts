/** `moontrace explain [options] script.lua [args] -o page.html`: a run of a script with a page about it. */
import { basename } from 'node:path';
import { type BadOption, type Options, parseOptions, type Question } from './options.ts';

export interface Explain {
  /** The words without those that make it an explanation: as for any run. */
  readonly words: readonly string[];
  readonly options: Options;
  /** Where the page goes. */
  readonly page: string;
}

/** @param args without program and interpreter @returns undefined where it is not this command */
export function parseExplain(args: readonly string[]): Explain | Question | BadOption | undefined {
  if (args[0] !== 'explain') return undefined;
  const { words, page } = takePage(args.slice(1));
  if (words.at(-1) === '-o') return { problem: "'-o' needs argument" };
  const options = parseOptions(words);
  if (!('actions' in options)) return options;
  const script = options.scriptIndex === undefined || options.isScriptStdin ? undefined : words[options.scriptIndex];
  if (script === undefined) return { problem: "'explain' needs the file of a script" };
  return { words, options, page: page ?? `${basename(script).replace(/\.lua$/, '')}.html` };
}

/** Takes `-o page` from the front or the end: between them it may be the script's. */
function takePage(words: readonly string[]): { readonly words: readonly string[]; readonly page: string | undefined } {
  if (words[0] === '-o' && words[1] !== undefined) return { words: words.slice(2), page: words[1] };
  if (words.at(-2) === '-o') return { words: words.slice(0, -2), page: words.at(-1) };
  return { words, page: undefined };
}
