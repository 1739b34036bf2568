/** Which functions can be compiled as a whole. jit/core/record/opcodes/function-call.ts says the same. */
import { PROTO_FLAG_LIBRARY, PROTO_FLAGS, PROTO_IS_VARARG } from '../../../src/bytecode/layout.ts';
import type { Memory } from '../../../src/engine/memory.ts';

export function isCompilable(memory: Memory, proto: number): boolean {
  return memory.load(proto + PROTO_IS_VARARG) === 0 && (memory.load(proto + PROTO_FLAGS) & PROTO_FLAG_LIBRARY) === 0;
}
