/** Names for places in the program: chunk and line of an instruction. */
import { PROTO_CODE, PROTO_CODE_SIZE, PROTO_LINES } from '../src/bytecode/layout.ts';
import type { VmInternals } from '../src/engine/jit-port.ts';
import type { Place } from './events.ts';

/** @param proto address of the prototype the instruction at `pc` belongs to */
function describePlace(internals: VmInternals, proto: number, pc: number): Place {
  const { memory } = internals;
  const word = (pc - memory.load(proto + PROTO_CODE)) >> 3;
  const line = memory.i32[(memory.load(proto + PROTO_LINES) >>> 2) + word] ?? 0;
  return { source: internals.describePrototype(proto), line, pc, proto };
}

/** The same for an address that may lie outside of the prototype: its first instruction then. */
export function placeAt(internals: VmInternals, proto: number, pc: number): Place {
  const code = internals.memory.load(proto + PROTO_CODE);
  const isInside = pc >= code && pc < code + internals.memory.load(proto + PROTO_CODE_SIZE);
  return describePlace(internals, proto, isInside ? pc : code);
}

export const placeText = ({ source, line }: Place): string => `${source}:${line}`;
