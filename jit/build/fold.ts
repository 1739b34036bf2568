/**
 * Folding: rewriting a pure operation into something cheaper while it is emitted. The rules are data, by theme, in folds/*.ts.
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
import type { IRBuilder } from './builder.ts';
import type { IROpName, IRType } from '../ir/ir-table.ts';
import { OPERATIONS } from '../ir/operations.ts';
import { type Instruction, type IRRef, NONE } from '../ir/trace.ts';
import { COMPARISON_FOLDS } from './folds/comparisons.ts';
import { CONSTANT_FOLDS } from './folds/constants.ts';
import { CONVERSION_FOLDS } from './folds/conversions.ts';
import { FLOAT_FOLDS } from './folds/floats.ts';
import { INTEGER_FOLDS } from './folds/integers.ts';

export interface FoldRule {
  readonly ops: readonly IROpName[];
  /** int: i64 and i32 results. */
  readonly on?: 'int' | IRType;
  readonly constants?: 'a' | 'b' | 'ab';
  /** The rewriting in words, as x + 0 => x. */
  readonly does: string;
  readonly apply: (fold: Fold) => IRRef | undefined;
}

const RULES = [...CONSTANT_FOLDS, ...INTEGER_FOLDS, ...FLOAT_FOLDS, ...CONVERSION_FOLDS, ...COMPARISON_FOLDS];

const RULES_BY_OPERATION = new Map<IROpName, readonly FoldRule[]>();
for (const rule of RULES) {
  for (const op of rule.ops) RULES_BY_OPERATION.set(op, [...(RULES_BY_OPERATION.get(op) ?? []), rule]);
}

/** An operation about to be emitted, as the rules see it. */
export class Fold {
  readonly op: IROpName;
  readonly type: IRType;
  readonly a: IRRef;
  readonly b: IRRef;

  private constructor(
    readonly builder: IRBuilder,
    instruction: Instruction,
  ) {
    this.op = instruction.op;
    this.type = instruction.type;
    this.a = instruction.a;
    this.b = instruction.b;
  }

  /**
   * Puts the operands of a commutative operation in order (in place) and tries the rules.
   * @returns the reference that has the operation's value, undefined if it has to be emitted as it is
   */
  static apply(builder: IRBuilder, instruction: Instruction): IRRef | undefined {
    const { op, type, a, b } = instruction;
    if (OPERATIONS[op].commutative === true && (b < 0 ? a < 0 && a < b : a < 0 || (a > b && type !== 'f64'))) {
      instruction.a = b;
      instruction.b = a;
    }
    const rules = RULES_BY_OPERATION.get(op);
    if (rules === undefined) return undefined;
    const fold = new Fold(builder, instruction);
    const aConstant = instruction.a < 0;
    const bConstant = instruction.b < 0;
    for (const { on, constants, apply } of rules) {
      if (on !== undefined && !(on === 'int' ? type === 'i64' || type === 'i32' : on === type)) continue;
      if (constants !== undefined && !((aConstant || constants === 'b') && (bConstant || constants === 'a'))) continue;
      const result = apply(fold);
      if (result !== undefined) return result;
    }
    return undefined;
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
