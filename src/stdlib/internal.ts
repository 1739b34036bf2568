/**
 * Host functions that only the Lua-written libraries see (src/stdlib/lua/README.md): what raising errors and companions need of the host.
 */
import { BUILTIN_ID, SLOT_SIZE, TAG_BUILTIN, TAG_CLOSURE } from '../bytecode/layout.ts';
import type { HostFunctions } from './catalogue.ts';
import type { LibraryContext } from './library.ts';

export function createInternalFunctions({ machine, args }: LibraryContext): HostFunctions {
  const { slots, core } = machine;
  return {
    /** raise(text): an error with the position of whoever called the library function. */
    'internal.raise': (base, count) => machine.errors.throwMessage(args.checkText(base, count, 1)),

    /** companion(builtin, f): f becomes the companion of a builtin of the core. Lua code goes by its name; a builtin (an iterator) is somebody else. */
    'internal.companion'(base, count) {
      const id = count >= 1 && slots.tag(base) === TAG_BUILTIN ? machine.memory.load(slots.pointer(base) + BUILTIN_ID) : 0;
      if (id === 0) args.typeError(base, count, 1, 'builtin');
      if (count < 2 || !slots.isFunction(base + SLOT_SIZE)) args.typeError(base, count, 2, 'function');
      if (slots.tag(base + SLOT_SIZE) === TAG_CLOSURE) machine.functionNames.addCompanion(slots.pointer(base + SLOT_SIZE), slots.pointer(base));
      core.setCompanion(id, base + SLOT_SIZE);
      return 0;
    },
  };
}
