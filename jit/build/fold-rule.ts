/**
 * Folding: rewriting a pure operation into something cheaper while it is emitted. The rules are data, by theme, in folds/*.ts;
 * this file owns what a rule is and what it sees, fold.ts applies them.
 *
 * Protocol. A rule names the operation it is for, optionally the kind of result (`on`) and which operands must be constants
 * (`constants`: 'a', 'b' or 'ab'). `apply` gets a view of the operation and returns the reference that has its value, or undefined if the rule
 * does not match. Whatever it emits goes through the whole pipeline again; so a rule must make things simpler in some order (fewer
 * operations, a constant further right, a cheaper operation), or folding would not end. Rules of one operation are tried in order.
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
import type { AliasAnalysis } from './alias.ts';
import type { IROpName, IRType } from '../ir/ir-table.ts';
import { type Instruction, type IRRef, NONE } from '../ir/trace.ts';

/** What rules look at and emit through: the builder. */
export interface FoldTarget {
  readonly isLoopCarried: ((ref: IRRef) => boolean) | undefined;
  readonly alias: AliasAnalysis;
  instructionAt(ref: IRRef): Instruction | undefined;
  typeOf(ref: IRRef): IRType;
  valueOf(ref: IRRef): bigint | number;
  knownConstant(ref: IRRef): IRRef | undefined;
  int(value: bigint): IRRef;
  float(value: number): IRRef;
  i32(value: number): IRRef;
  emit(op: IROpName, type: IRType, a?: IRRef, b?: IRRef, c?: IRRef): IRRef;
}

export interface FoldRule {
  readonly ops: readonly IROpName[];
  /** int: i64 and i32 results. */
  readonly on?: 'int' | IRType;
  readonly constants?: 'a' | 'b' | 'ab';
  /** The rewriting in words, as x + 0 => x. */
  readonly does: string;
  readonly apply: (fold: Fold) => IRRef | undefined;
}

/** An operation about to be emitted, as the rules see it. */
export class Fold {
  readonly op: IROpName;
  readonly type: IRType;
  readonly a: IRRef;
  readonly b: IRRef;

  constructor(
    readonly builder: FoldTarget,
    instruction: Instruction,
  ) {
    this.op = instruction.op;
    this.type = instruction.type;
    this.a = instruction.a;
    this.b = instruction.b;
  }

  /** The instruction behind an operand, unless it is a constant or a loop-carried value. */
  look(ref: IRRef): Instruction | undefined {
    return ref < 0 || ref === NONE || this.builder.isLoopCarried?.(ref) === true ? undefined : this.builder.instructionAt(ref);
  }

  /** The instruction behind an operand if it is this operation. */
  lookFor(ref: IRRef, op: IROpName): Instruction | undefined {
    const instruction = this.look(ref);
    return instruction?.op === op ? instruction : undefined;
  }

  /** Value of a constant operand: a signed bigint for i64, a number for f64 and i32. */
  value(ref: IRRef): bigint | number {
    return this.builder.valueOf(ref);
  }

  /** Is the operand this constant? Integers of either width are compared by value, floats by bits. */
  is(ref: IRRef, value: number): boolean {
    if (ref >= 0) return false;
    const constant = this.builder.valueOf(ref);
    return typeof constant === 'bigint' ? constant === BigInt(value) : Object.is(constant, value);
  }

  /** The integer constant of the operation's type; for f64 the float. */
  constant(value: bigint | number): IRRef {
    if (this.type === 'i64') return this.builder.int(BigInt(value));
    return this.type === 'f64' ? this.builder.float(Number(value)) : this.builder.i32(Number(BigInt.asIntN(32, BigInt(value))));
  }

  /** Emits an operation of the same type. */
  emit(op: IROpName, a: IRRef, b: IRRef = NONE): IRRef {
    return this.builder.emit(op, this.type, a, b);
  }
}
