/**
 * The verifier's part on the collector: a trace's stores have the barriers that the core's own operations have (src/core/collector-colour.ts).
 * Which stores put an object into an object follows from the tables: the content of fields, the tags of stores.
 *
 * Why here and not in the recorder: a barrier forgotten shows only when the owner is black and the value is not, which is a matter of
 * microseconds, and then as another object's contents long after. A trace without it is refused whatever happens.
 */
import { TAG_STRING, UPVALUE_CLOSED } from '../../src/bytecode/layout.ts';
import { Helper } from './helper-table.ts';
import { Field } from './ir-table.ts';
import { allocatesObject, fieldAt, OPERATIONS } from './operations.ts';
import { type Instruction, type IRRef, NONE, type Trace } from './trace.ts';

/** An object that refers to another one from now on. `owner` is undefined where it cannot be told: then no barrier would do. */
interface Reference {
  readonly owner: IRRef | undefined;
  readonly value: IRRef;
}

/** @returns what is wrong with this instruction of the trace, if it is a store */
export function findBarrierFault(trace: Trace, ref: IRRef): string | undefined {
  const instruction = trace.instructions[ref]!;
  if (OPERATIONS[instruction.op].effect !== 'store') return undefined;
  if (instruction.op === 'FSTORE') {
    const { name, holds, invariant } = fieldAt(instruction.immediate);
    if (invariant === true || holds === 'memory') return `${name} is not a trace's to store`;
  }
  const reference = referenceOf(trace, ref, instruction);
  if (reference === undefined) return undefined;
  if (reference.owner === undefined) return 'a store into an object that is not known';
  return isNew(trace, reference.owner, ref) || hasBarrier(trace, reference, ref) ? undefined : 'a store without a barrier';
}

function referenceOf(trace: Trace, ref: IRRef, { op, a, b, c, immediate, immediate2: tag }: Instruction): Reference | undefined {
  switch (op) {
    case 'FSTORE':
      return fieldAt(immediate).holds !== 'object' || (b < 0 && trace.constants[~b]!.value === 0) ? undefined : { owner: a, value: b };
    case 'HSTORE':
      return tag < TAG_STRING ? undefined : { owner: ownerBehind(trace, a, Field['table.slots']), value: b };
    case 'ATAGSTORE':
      return tag < TAG_STRING ? undefined : { owner: ownerBehind(trace, a, Field['table.array']), value: elementStored(trace, ref, a, c) };
    case 'USTORE':
      return tag < TAG_STRING || isStackAddress(trace, a) ? undefined : { owner: upvalueAt(trace, a), value: b };
    case 'DSTORE':
      return tag < TAG_STRING ? undefined : { owner: tableLookedUp(trace, a), value: b };
    default:
      return undefined;
  }
}

/** The object this address was loaded from, out of a field. */
function ownerBehind({ instructions }: Trace, address: IRRef, field: number): IRRef | undefined {
  const load = address >= 0 ? instructions[address] : undefined;
  return load?.op === 'FLOAD' && load.immediate === field ? load.a : undefined;
}

/** The payload stored last into this element. */
function elementStored({ instructions }: Trace, before: IRRef, array: IRRef, index: IRRef): IRRef {
  for (let ref = before - 1; ref >= 0; ref--) {
    const { op, a, b, c } = instructions[ref]!;
    if (op === 'ASTORE' && a === array && b === index) return c;
  }
  return NONE;
}

/** The base, or the base and an offset: registers need no barrier. */
function isStackAddress({ instructions }: Trace, address: IRRef): boolean {
  const instruction = address >= 0 ? instructions[address]! : undefined;
  return instruction?.op === 'BASE' || (instruction?.op === 'ADD' && instruction.a >= 0 && instructions[instruction.a]!.op === 'BASE');
}

/** The upvalue whose location this is: a closed one's is part of it. */
function upvalueAt(trace: Trace, location: IRRef): IRRef | undefined {
  if (location >= 0) return ownerBehind(trace, location, Field['upvalue.location']);
  const address = trace.constants[~location]!.value as number;
  const found = trace.constants.findIndex(({ op, value }) => op === 'KPTR' && ((value as number) | 0) === ((address - UPVALUE_CLOSED) | 0));
  return found < 0 ? undefined : ~found;
}

function tableLookedUp({ instructions }: Trace, place: IRRef): IRRef | undefined {
  const lookup = place >= 0 ? instructions[place] : undefined;
  return lookup?.op === 'CALL' && lookup.immediate === Helper.traceTableGetString ? lookup.args[0] : undefined;
}

/** Made by the trace since the collector may have worked last. */
function isNew({ instructions }: Trace, owner: IRRef, at: IRRef): boolean {
  if (owner < 0 || !allocatesObject(instructions[owner]!)) return false;
  for (let ref = owner + 1; ref < at; ref++) if (instructions[ref]!.op === 'CALLB' || instructions[ref]!.op === 'LOOP') return false;
  return true;
}

function hasBarrier({ instructions }: Trace, { owner, value }: Reference, from: IRRef): boolean {
  for (let ref = from + 1; ref < instructions.length; ref++) {
    const { op, a, b, snapshot } = instructions[ref]!;
    if (op === 'BARRIER' && a === owner && b === value) return true;
    if (snapshot >= 0 || op === 'LOOP' || OPERATIONS[op].effect === 'call') return false;
  }
  return false;
}
