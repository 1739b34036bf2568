/** Recording of moves, constants and jumps. */
import { TAG_FLOAT, TAG_INT } from '../../../../src/bytecode/layout';
import { InstructionView } from '../core/instruction-view';
import { AfterStep, Recording } from '../core/recording';
import { booleanValue, falseValue, isFalsyTag, nil, trueValue, Value } from '../core/value';

export function recordMove(r: Recording, i: InstructionView): AfterStep | null {
  r.write(i.a, r.read(i.b));
  return null;
}

export function recordLoadInteger(r: Recording, i: InstructionView): AfterStep | null {
  r.write(i.a, new Value(r.ir.int(i.d), TAG_INT));
  return null;
}

export function recordLoadFloat(r: Recording, i: InstructionView): AfterStep | null {
  r.write(i.a, new Value(r.ir.float(i.d), TAG_FLOAT));
  return null;
}

export function recordLoadConstant(r: Recording, i: InstructionView): AfterStep | null {
  r.write(i.a, r.constant(i.d * 16));
  return null;
}

export function recordLoadNil(r: Recording, i: InstructionView): AfterStep | null {
  for (let n = 0; n <= i.b; n++) r.write(i.a + 16 * n, nil());
  return null;
}

/** LOADFALSE and LFALSESKIP. */
export function recordLoadFalse(r: Recording, i: InstructionView): AfterStep | null {
  r.write(i.a, falseValue());
  return null;
}

export function recordLoadTrue(r: Recording, i: InstructionView): AfterStep | null {
  r.write(i.a, trueValue());
  return null;
}

export function recordNot(r: Recording, i: InstructionView): AfterStep | null {
  r.write(i.a, booleanValue(isFalsyTag(r.read(i.b).tag)));
  return null;
}

/** JMP and LOOP: where the program goes is no matter of the trace. */
export function recordNothing(r: Recording, i: InstructionView): AfterStep | null {
  return null;
}
