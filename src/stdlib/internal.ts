/**
 * Host functions that only the Lua-written libraries see (src/stdlib/lua/README.md): the parts of print, warn and companions that need the host.
 */
import { BUILTIN_ID, SLOT_SIZE, TAG_CLOSURE, TAG_STRING, VM_HOST_SCRATCH } from '../bytecode/layout.ts';
import type { LibraryContext, LibraryFunctions } from './library.ts';

const TAB = new Uint8Array([9]);
const NEWLINE = new Uint8Array([10]);
const WORDS = { nil: bytesOf('nil'), true: bytesOf('true'), false: bytesOf('false') };

function bytesOf(word: string): Uint8Array {
  return Uint8Array.from(word, (char) => char.charCodeAt(0));
}

export function createInternalFunctions({ machine, args, streams }: LibraryContext): LibraryFunctions {
  const { slots, core } = machine;

  /** Bytes of a value that needs no metamethod; undefined for the others. */
  const plainBytes = (slot: number): Uint8Array | undefined => {
    if (slots.tag(slot) === TAG_STRING) return slots.stringView(slots.pointer(slot));
    if (slots.isNumber(slot)) return slots.stringView(core.stringFromNumber(slot));
    switch (slots.typeName(slot)) {
      case 'nil':
        return WORDS.nil;
      case 'boolean':
        return slots.isFalsy(slot) ? WORDS.false : WORDS.true;
      default:
        return undefined;
    }
  };

  const hasTostring = (slot: number): boolean => {
    const metatable = slots.metatable(slot);
    if (metatable === 0) return false;
    const scratch = VM_HOST_SCRATCH;
    slots.getField(metatable, '__tostring', scratch);
    return !slots.isNil(scratch);
  };

  return {
    /** writeLine(...): writes plain values with tabs between and a newline behind. @returns false, having written nothing, if one needs tostring */
    writeLine(base, count) {
      for (let i = 0; i < count; i++) {
        const slot = base + i * SLOT_SIZE;
        const type = slots.typeName(slot);
        const isPlain = type === 'string' ? !hasTostring(slot) : (type === 'number' || type === 'nil' || type === 'boolean') && slots.metatable(slot) === 0;
        if (!isPlain) {
          slots.setBoolean(base - SLOT_SIZE, false);
          return 1;
        }
      }
      for (let i = 0; i < count; i++) {
        if (i > 0) streams.print(TAB);
        streams.print(plainBytes(base + i * SLOT_SIZE) as Uint8Array);
      }
      streams.print(NEWLINE);
      slots.setBoolean(base - SLOT_SIZE, true);
      return 1;
    },

    /** write(text) */
    write(base) {
      streams.print(slots.stringView(slots.pointer(base)));
      return 0;
    },

    /** raise(text): an error with the position of whoever called the library function. */
    raise: (base, count) => machine.errors.throwMessage(args.checkText(base, count, 1)),

    /** companion(builtin, f): f becomes the companion of a builtin of the core. Lua code goes by its name; a builtin (an iterator) is somebody else. */
    companion(base) {
      if (slots.tag(base + SLOT_SIZE) === TAG_CLOSURE) machine.functionNames.addCompanion(slots.pointer(base + SLOT_SIZE), slots.pointer(base));
      core.setCompanion(machine.memory.load(slots.pointer(base) + BUILTIN_ID), base + SLOT_SIZE);
      return 0;
    },
  };
}
