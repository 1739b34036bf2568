/** The parts of the basic library that compile chunks: load, loadfile, what dofile (src/stdlib/lua/dofile.lua) is built on; and warn. */
import { HOST_WARNINGS } from '../bytecode/host-places.ts';
import { SLOT_SIZE, STRING_BYTES, STRING_LENGTH, TAG_NIL, TAG_STRING, THREAD_ERROR } from '../bytecode/layout.ts';
import { CORE_THROW } from '../engine/errors/messages.ts';
import { HostFailure } from '../hosts/environment.ts';
import { ChunkError, type SourceReader } from '../engine/load/chunk-loader.ts';
import { fromByteString } from '../engine/text.ts';
import { withoutShebang } from '../engine/load/source-text.ts';
import type { HostFunctions } from './catalogue.ts';
import type { LibraryContext } from './library.ts';

/** What loading costs besides the bytes, and what a call of a reader does besides its own work, in units of VM_BUDGET. */
const LOAD_UNITS = 60;
const PIECE_UNITS = 40;
/** A warning of more bytes is written in pieces. */
const LONG_WARNING = 1 << 16;

export function createBaseFunctions(context: LibraryContext) {
  const { machine, args, streams } = context;
  const { slots } = machine;

  /**
   * Loads; the function, or nil and a message, are the results. What a reader raises is caught here, too.
   * @param n argument number of the environment, if there is one
   */
  const loadTo = (base: number, count: number, n: number, compile: () => number): number => {
    machine.spend(LOAD_UNITS);
    const own = machine.stackOffset(base - SLOT_SIZE);
    const top = machine.stackOffset(machine.top);
    try {
      const proto = compile();
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
    return () => {
      machine.spend(PIECE_UNITS);
      machine.checkBudget();
      const top = machine.stackOffset(machine.top);
      slots.copy(machine.pushSlot(), machine.stackAddress(reader));
      const results = machine.tryCall(0);
      if (results < 0) throw CORE_THROW;
      const piece = results === 0 ? 0 : pieceIn(machine.top - results * SLOT_SIZE);
      machine.top = machine.stackAddress(top);
      return piece;
    };
  };

  /** The string a slot holds, or what it reads as; 0 for nil. */
  const pieceIn = (slot: number): number => {
    if (slots.tag(slot) === TAG_NIL) return 0;
    if (slots.tag(slot) === TAG_STRING) return slots.pointer(slot);
    if (slots.isNumber(slot)) return machine.core.stringFromNumber(slot);
    return machine.errors.throwMessage('reader function must return a string');
  };

  const newText = (text: string): number => slots.newString(fromByteString(text));

  /** load(chunk [, name [, mode [, env]]]) */
  const load = (base: number, count: number): number => {
    const mode = args.optionalText(base, count, 3) ?? 'bt';
    const isText = count >= 1 && (slots.tag(base) === TAG_STRING || slots.isNumber(base));
    const text = isText ? args.checkString(base, count, 1) : slots.nameString('=(load)');
    // Both strings lie on the stack, and nothing moves them.
    const name = args.isAbsent(base, count, 2) ? text : args.checkString(base, count, 2);
    if (!isText && (count < 1 || !slots.isFunction(base))) args.typeError(base, count, 1, 'function');
    const source = isText ? { address: text + STRING_BYTES, length: machine.memory.load(text + STRING_LENGTH) } : readerAt(base);
    return loadTo(base, count, 4, () => machine.chunks.load(source, name, mode));
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
    const chunkName = name === undefined ? '=stdin' : `@${name}`;
    return loadTo(base, count, 3, () => machine.chunks.loadBytes(withoutShebang(bytes), newText(chunkName), mode));
  };

  const warn = (pieces: Iterable<string>): void => {
    if (machine.host.integer(HOST_WARNINGS) === 0) return;
    let line = 'Lua warning: ';
    for (const piece of pieces) {
      line += piece;
      if (line.length < LONG_WARNING) continue;
      streams.writeError(line);
      line = '';
    }
    streams.writeError(`${line}\n`);
  };
  machine.onWarning = (text) => warn([text]);

  return {
    load,
    loadfile,
    warn(base, count) {
      args.checkString(base, count, 1);
      for (let i = 2; i <= count; i++) args.checkString(base, count, i);
      if (count === 1) {
        const [text] = args.pieces(base, count, 1);
        if (text?.startsWith('@')) {
          if (text === '@on' || text === '@off') machine.host.setInteger(HOST_WARNINGS, text === '@on' ? 1 : 0);
          return 0;
        }
      }
      function* pieces(): Generator<string> {
        for (let i = 1; i <= count; i++) {
          machine.spend(PIECE_UNITS);
          machine.checkBudget();
          yield* args.pieces(base, count, i);
        }
      }
      warn(pieces());
      return 0;
    },
    'internal.checkString': (base, count) => args.object(base, TAG_STRING, args.checkString(base, count, 1)),
  } satisfies HostFunctions;
}
