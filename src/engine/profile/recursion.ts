/** Which function calls itself: what the JIT compiles as a whole, as no loop leads through it. */
import { CLOSURE_PROTO, FRAME_CLOSURE, FRAME_KIND, FRAME_KIND_LUA, FRAME_SIZE, THREAD_FRAME, THREAD_FRAMES, VM_THREAD } from '../../bytecode/layout.ts';
import type { Memory } from '../memory.ts';

/** Frames that are looked at from the current one down: candidates, and those in which they may be found again. */
const CANDIDATES = 8;
const DEPTH = 64;
const KIND_MASK = 0xff;

/** @returns address of the prototype of the innermost frame whose function runs in another frame below it, too; 0 if there is none */
export function recursiveFunction(memory: Memory): number {
  const thread = memory.load(VM_THREAD);
  const first = memory.load(thread + THREAD_FRAMES);
  const protos: number[] = [];
  for (let frame = memory.load(thread + THREAD_FRAME); frame >= first && protos.length < DEPTH; frame -= FRAME_SIZE) protos.push(protoOf(memory, frame));
  const found = protos.findIndex((proto, n) => n < CANDIDATES && proto !== 0 && protos.includes(proto, n + 1));
  return protos[found] ?? 0;
}

/** The prototype of a Lua frame, 0 of others. */
function protoOf(memory: Memory, frame: number): number {
  if ((memory.load(frame + FRAME_KIND) & KIND_MASK) !== FRAME_KIND_LUA) return 0;
  const closure = memory.load(frame + FRAME_CLOSURE);
  return closure === 0 ? 0 : memory.load(closure + CLOSURE_PROTO);
}
