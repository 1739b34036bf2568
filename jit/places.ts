/** Names for places in the program: chunk and line of an instruction. */
import { PROTO_CODE, PROTO_LINES } from '../src/bytecode/layout.ts';
import type { VmInternals } from '../src/engine/jit-port.ts';
import type { Place } from './events.ts';

/** @param proto address of the prototype the instruction at `pc` belongs to */
export function describePlace(internals: VmInternals, proto: number, pc: number): Place {
  const { memory } = internals;
  const word = (pc - memory.load(proto + PROTO_CODE)) >> 3;
  const line = memory.i32[(memory.load(proto + PROTO_LINES) >>> 2) + word] ?? 0;
  return { source: internals.describePrototype(proto), line, pc, proto };
}

export const placeText = ({ source, line }: Place): string => `${source}:${line}`;
