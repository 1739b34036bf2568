/** string.dump: the part of the string library that the core cannot do. load, its counterpart, is in base.ts. */
import { CLOSURE_PROTO, TAG_CLOSURE } from '../bytecode/layout.ts';
import { writeBinaryChunk } from '../engine/load/binary-chunk.ts';
import { readPrototype } from '../engine/load/prototype-reader.ts';
import type { LibraryContext, LibraryFunctions } from './library.ts';

export function createDumpFunctions({ machine, args }: LibraryContext): LibraryFunctions {
  const { slots, memory, frames, errors } = machine;
  return {
    dump(base, count) {
      if (count < 1 || !slots.isFunction(base)) args.typeError(base, count, 1, 'function');
      const proto = slots.tag(base) === TAG_CLOSURE ? memory.load(slots.pointer(base) + CLOSURE_PROTO) : 0;
      if (proto === 0 || frames.isBuiltinPrototype(proto)) return errors.throwMessage('unable to dump given function');
      const strip = count >= 2 && !slots.isFalsy(args.slot(base, 2));
      return args.bytes(base, writeBinaryChunk(readPrototype(slots, proto), strip));
    },
  };
}
