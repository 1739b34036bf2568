/**
 * Folding: rewriting a pure operation into something cheaper while it is emitted. The rules are functions, by theme, in folds/*.ts;
 * this file owns what a rule sees, fold.ts applies them.
 *
 * Protocol. A rule gets a view of the operation and returns the reference that has its value, or NONE if it does not match. Whatever it emits goes
 * through the whole pipeline again; so a rule must make things simpler in some order (fewer operations, a constant further right, a cheaper
 * operation), or folding would not end. Rules of one operation are tried in order.
 *
 * Commutative operations have a constant on the right, else the older operand on the left (but not floats), before any rule sees them: rules
 * need no mirror images, and CSE finds b + a for a + b.
 *
 * Exactness is the only licence. Integers are a ring modulo 2^64, so nearly all of algebra holds. For floats almost none does: x + 0.0 is
 * not x (-0.0 + 0.0 is 0.0), x * 0.0 is not 0.0, a - b == 0 is not a == b (infinities), and nothing associates, nor commutes (of two NaNs the
 * first counts). NaN has a sign, which `print` shows: no rule changes it, and none makes a NaN out of constants.
 *
 * `look` shows the instruction behind an operand. It shows nothing while the loop optimiser copies the body and the operand is a
 * loop-carried value: what is behind it belongs to the previous iteration, and using that would mean carrying it around the loop as well
 * (i+1 would become (i-1)+2, with two induction variables instead of one).
 */
import { Type } from '../generated/ir-tables';
import { Instruction, NONE, Ref } from '../ir/trace';
import { IRBuilder } from './builder';

/** An operation about to be emitted, as the rules see it. */
export class Fold {
  op: i32;
  type: i32;
  a: Ref;
  b: Ref;

  constructor(
    public builder: IRBuilder,
    instruction: Instruction,
  ) {
    this.op = instruction.op;
    this.type = instruction.type;
    this.a = instruction.a;
    this.b = instruction.b;
  }

  /** The instruction behind an operand, unless it is a constant or a loop-carried value. */
  look(ref: Ref): Instruction | null {
    if (ref < 0 || ref == NONE) return null;
    const carrier = this.builder.loopCarrier;
    return carrier !== null && carrier.isCarried(ref) ? null : this.builder.instructionAt(ref);
  }

  /** The instruction behind an operand if it is this operation. */
  lookFor(ref: Ref, op: i32): Instruction | null {
    const instruction = this.look(ref);
    return instruction !== null && instruction.op == op ? instruction : null;
  }

  /** Value of a constant operand of type i64 or i32, signed. */
  value(ref: Ref): i64 {
    return this.builder.bitsOf(ref);
  }

  /** Is the operand this integer constant, of either width? */
  is(ref: Ref, value: i64): bool {
    return ref < 0 && this.builder.bitsOf(ref) == value;
  }

  /** Is the operand this float constant, bit by bit? */
  isFloat(ref: Ref, value: f64): bool {
    return ref < 0 && this.builder.bitsOf(ref) == reinterpret<i64>(value);
  }

  /** The integer constant of the operation's type, i64 or i32. */
  constant(value: i64): Ref {
    return this.type == Type.I64 ? this.builder.int(value) : this.builder.small(<i32>value);
  }

  /** Emits an operation of the same type. */
  emit(op: i32, a: Ref, b: Ref = NONE): Ref {
    return this.builder.emit(op, this.type, a, b);
  }
}
