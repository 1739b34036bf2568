/** The parts of the basic library that compile chunks: load, loadfile, what dofile (src/stdlib/lua/dofile.lua) is built on; and warn. */
import { SLOT_SIZE, TAG_NIL, TAG_STRING, THREAD_ERROR, VM_BYTES_LIMIT } from '../bytecode/layout.ts';
import type { SourceReader } from '../syntax/lexer.ts';
import { CORE_THROW } from '../engine/errors/messages.ts';
import { HostFailure } from '../hosts/environment.ts';
import { ChunkError } from '../engine/load/chunk-loader.ts';
import { withoutShebang } from '../engine/load/source-text.ts';
import type { LibraryContext, LibraryFunctions } from './library.ts';

/** What a source that is read in pieces takes of the memory limit, as a multiple of its length: it and its tree lie outside the VM's memory. */
const SOURCE_WEIGHT = 4;
/** What a call of a reader costs besides what it does, in units of VM_BUDGET. */
const PIECE_UNITS = 10;

export function createBaseFunctions(context: LibraryContext): { readonly public: LibraryFunctions; readonly internal: LibraryFunctions } {
  const { machine, args, streams } = context;
  const { slots } = machine;
  let warningsOn = false;

  /**
   * Compiles; the function, or nil and a message, are the results. What a reader raises is caught here, too.
   * @param n argument number of the environment, if there is one
   */
  const compileTo = (base: number, count: number, source: Uint8Array | SourceReader, name: string, mode: string, n: number): number => {
    const own = machine.stackOffset(base - SLOT_SIZE);
    const top = machine.stackOffset(machine.top);
    try {
      const proto = machine.chunks.load(source, name, mode);
      machine.pushChunk(proto, n <= count ? args.slot(machine.stackAddress(own) + SLOT_SIZE, n) : undefined);
      slots.copy(machine.stackAddress(own), machine.top - SLOT_SIZE);
      machine.pop(1);
      return 1;
    } catch (error) {
      machine.top = machine.stackAddress(top);
      const moved = machine.stackAddress(own) + SLOT_SIZE;
      if (error instanceof ChunkError) return args.failure(moved, error.message);
      if (error !== CORE_THROW || !machine.isCatchable()) throw error;
      args.nil(moved);
      slots.copy(moved, machine.frames.thread + THREAD_ERROR);
      return 2;
    }
  };

  /** Calls the function that is the first argument at `base`, piece after piece. */
  const readerAt = (base: number): SourceReader => {
    const reader = machine.stackOffset(base);
    let size = 0;
    return () => {
      machine.spend(PIECE_UNITS);
      machine.checkBudget();
      const top = machine.stackOffset(machine.top);
      slots.copy(machine.pushSlot(), machine.stackAddress(reader));
      const results = machine.tryCall(0);
      if (results < 0) throw CORE_THROW;
      const piece = results === 0 ? undefined : pieceIn(machine.top - results * SLOT_SIZE);
      machine.top = machine.stackAddress(top);
      size += piece?.length ?? 0;
      const limit = machine.memory.load(VM_BYTES_LIMIT);
      if (limit !== 0 && size * SOURCE_WEIGHT > limit) machine.errors.throwOutOfMemory();
      return piece;
    };
  };

  const pieceIn = (slot: number): Uint8Array | undefined => {
    if (slots.tag(slot) === TAG_NIL) return undefined;
    if (slots.tag(slot) === TAG_STRING) return slots.stringView(slots.pointer(slot)).slice();
    if (slots.isNumber(slot)) return slots.stringView(machine.core.stringFromNumber(slot)).slice();
    return machine.errors.throwMessage('reader function must return a string');
  };

  /** load(chunk [, name [, mode [, env]]]) */
  const load = (base: number, count: number): number => {
    const mode = args.optionalText(base, count, 3) ?? 'bt';
    if (count >= 1 && (slots.tag(base) === TAG_STRING || slots.isNumber(base))) {
      const text = pieceIn(base) as Uint8Array;
      return compileTo(base, count, text, args.optionalText(base, count, 2) ?? args.checkText(base, count, 1), mode, 4);
    }
    const name = args.optionalText(base, count, 2) ?? '=(load)';
    if (count < 1 || !slots.isFunction(base)) args.typeError(base, count, 1, 'function');
    return compileTo(base, count, readerAt(base), name, mode, 4);
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
      load,
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
      load,
      checkString(base, count) {
        return args.text(base, args.checkText(base, count, 1));
      },
    },
  };
}
