/** The parts of the basic library that compile chunks: helpers behind load, loadfile, dofile (src/stdlib/lua/load.lua), and warn. */
import { SLOT_SIZE } from '../bytecode/layout.ts';
import { HostFailure } from '../vm/host-environment.ts';
import { ChunkError, isBinaryChunk, parseChunk } from '../vm/parse-chunk.ts';
import { withoutShebang } from '../vm/source-text.ts';
import type { LibraryContext, LibraryFunctions } from './library.ts';

export function createBaseFunctions(context: LibraryContext): { readonly public: LibraryFunctions; readonly internal: LibraryFunctions } {
  const { machine, args, streams } = context;
  const { slots } = machine;
  let warningsOn = false;

  /** Compiles; the function, or nil and a message, are the results. @param n argument number of the environment, if there is one */
  const compileTo = (base: number, count: number, source: Uint8Array, name: string, mode: string, n: number): number => {
    const kind = isBinaryChunk(source) ? 'binary' : 'text';
    if (!mode.includes(kind[0] as string)) return args.failure(base, `attempt to load a ${kind} chunk (mode is '${mode}')`);
    try {
      const prototype = parseChunk(source, name);
      const environment = n <= count ? args.slot(base, n) : undefined;
      const own = machine.stackOffset(base - SLOT_SIZE);
      machine.pushChunk(prototype, environment);
      slots.copy(machine.stackAddress(own), machine.top - SLOT_SIZE);
      machine.pop(1);
      return 1;
    } catch (error) {
      if (error instanceof ChunkError) return args.failure(base, error.message);
      throw error;
    }
  };

  /** loadfile([name [, mode [, env]]]) */
  const loadfile = (base: number, count: number): number => {
    const name = args.optionalText(base, count, 1);
    const mode = args.optionalText(base, count, 2) ?? 'bt';
    let bytes: Uint8Array;
    try {
      bytes = name === undefined ? streams.stdin.readAll() : machine.environment.readFile(name);
    } catch (error) {
      if (!(error instanceof HostFailure)) throw error;
      return args.failure(base, `cannot open ${name}: ${error.message}`.replace(/^cannot open ([^:]*): (Is a directory)/, 'cannot read $1: $2'));
    }
    return compileTo(base, count, withoutShebang(bytes), name === undefined ? '=stdin' : `@${name}`, mode, 3);
  };

  const warn = (text: string): void => {
    if (warningsOn) streams.writeError(`Lua warning: ${text}\n`);
  };
  machine.onWarning = warn;

  return {
    public: {
      loadfile,
      warn(base, count) {
        args.checkText(base, count, 1);
        let text = '';
        for (let i = 1; i <= count; i++) text += args.checkText(base, count, i);
        if (count === 1 && text.startsWith('@')) {
          if (text === '@on') warningsOn = true;
          else if (text === '@off') warningsOn = false;
          return 0;
        }
        warn(text);
        return 0;
      },
    },
    internal: {
      loadfile,
      /** compile(text, name [, mode [, env]]) */
      compile(base, count) {
        const source = slots.stringView(slots.pointer(base)).slice();
        const mode = args.optionalText(base, count, 3) ?? 'bt';
        const name = args.checkText(base, count, 2);
        return compileTo(base, count, source, name, mode, 4);
      },
      /** checkLoad(chunk [, name [, mode]]): the arguments of load where the chunk is not a string. */
      checkLoad(base, count) {
        args.optionalText(base, count, 3);
        args.optionalText(base, count, 2);
        if (count < 1 || !slots.isFunction(base)) args.typeError(base, count, 1, 'function');
        return 0;
      },
      checkString(base, count) {
        return args.text(base, args.checkText(base, count, 1));
      },
    },
  };
}
