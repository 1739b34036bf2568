/** Operands of an instruction: a value, and where it is now. */
import { Operand } from '../access/equality';
import { Recording } from '../core/recording';
import { Value } from '../core/value';

export function registerOperand(r: Recording, scaled: i32): Operand {
  return new Operand(r.read(scaled), r.address(scaled));
}

export function constantOperand(r: Recording, scaled: i32): Operand {
  return new Operand(r.constant(scaled), r.constantAddress(scaled));
}

/** The values of so many slots. */
export function readSlots(r: Recording, from: i32, count: i32): Array<Value> {
  const values = new Array<Value>();
  for (let n = 0; n < count; n++) values.push(r.readSlot(from + n));
  return values;
}
