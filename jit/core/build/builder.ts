/**
 * The only way to append to a trace. Every instruction passes through fold (fold.ts), then forwarding (forward.ts, loads only), then
 * CSE, so the recorder and the loop optimiser state what they mean and get the best reference back: `emit` may return an older
 * instruction or a constant.
 *
 * Invariants
 * - Operands exist before the instruction that uses them; the trace stays in SSA form.
 * - Constants are interned: equal references are equal values, floats being equal by bits.
 * - An instruction that can leave the trace uses the snapshot of the recorded instruction it belongs to, which is made at most once and
 *   only if somebody needs it (`setSnapshotSource`).
 * - What was guarded stays true of its reference for ever, because references are immutable; hence the tables of known facts never shrink.
 *
 * CSE looks a key up in a hash of chains, newest instruction first, constants are found in the same way, and operations of one kind are chained
 * backwards for the alias analysis, so no pass ever scans the trace for an instruction.
 */
import { abortRecording } from '../base/host';
import { Abort, Effect, effectOf, Exits, exitsOf, HelperEffect, helperEffectOf, importParameterCount, importResult, Op, OPERATION_COUNT, Type } from '../generated/ir-tables';
import { Constant, Instruction, NONE, Ref, Snapshot, Trace } from '../ir/trace';
import { AliasAnalysis } from './alias';
import { foldInstruction } from './fold';
import { LoadForwarder } from './forward';
import { CSE, FOLD } from './options';

const MIX: i32 = <i32>0x9e3779b1;
/** Lengths of the tables of chains; powers of two. */
const INSTRUCTION_CHAINS: i32 = 1024;
const CONSTANT_CHAINS: i32 = 256;

/** What is known of a condition. */
const UNKNOWN: u8 = 0;
const ALWAYS_TRUE: u8 = 1;
const ALWAYS_FALSE: u8 = 2;

/** Makes the snapshot that the following exits use. */
export abstract class SnapshotSource {
  abstract make(): Snapshot;
}

/** The loop optimiser while it copies the body, as fold rules see it. */
export abstract class LoopCarrier {
  /** Is this pre-roll instruction's value another one in the next iteration? */
  abstract isCarried(ref: Ref): bool;
}

export class IRBuilder {
  alias: AliasAnalysis;
  /**
   * Set while the loop optimiser copies the body. Fold rules do not look through a loop-carried instruction, because its operands would have to be
   * carried around the loop as well.
   */
  loopCarrier: LoopCarrier | null = null;
  private forwarder: LoadForwarder;
  /** Newest constant (place in the pool) by hash of its value, and for each constant the one before with the same hash; -1 ends a chain. */
  private newestConstant: StaticArray<i32> = new StaticArray<i32>(CONSTANT_CHAINS);
  private olderConstant: Array<i32> = [];
  /** Newest instruction by hash of its key, and for each instruction the one before with the same hash. */
  private newestByHash: StaticArray<Ref> = new StaticArray<Ref>(INSTRUCTION_CHAINS);
  private olderByHash: Array<Ref> = [];
  /** Newest instruction of an operation, and for each instruction the one before of the same operation; -1 ends a chain. */
  private newestByOperation: StaticArray<Ref> = new StaticArray<Ref>(OPERATION_COUNT);
  private olderByOperation: Array<Ref> = [];
  /** Of each instruction, as a condition: was it guarded already, and with which outcome? */
  private guarded: Array<u8> = [];
  /** Of each instruction: the constant it was guarded to be equal to, NONE if it was not. */
  private equalTo: Array<Ref> = [];
  private snapshotSource: SnapshotSource | null = null;
  private currentSnapshot: i32 = -1;

  /** Takes over what the trace holds already. @param options bits of options.ts */
  constructor(
    public trace: Trace,
    public options: i32,
  ) {
    this.alias = new AliasAnalysis();
    this.forwarder = new LoadForwarder();
    this.alias.builder = this;
    this.forwarder.builder = this;
    this.newestConstant.fill(-1);
    this.newestByHash.fill(-1);
    this.newestByOperation.fill(-1);
    for (let index = 0; index < trace.constants.length; index++) {
      const constant = trace.constants[index];
      this.registerConstant(index, constantHash(constant.op, constant.bits));
    }
    for (let ref = 0; ref < trace.instructions.length; ref++) {
      const instruction = trace.instructions[ref];
      this.register(ref, instruction);
      if (instruction.op == Op.GUARD || instruction.op == Op.GUARDN) this.learn(instruction.a, instruction.op == Op.GUARD);
    }
  }

  // ---- Constants

  int(value: i64): Ref {
    return this.intern(Op.KINT, value);
  }

  float(value: f64): Ref {
    return this.intern(Op.KFLT, reinterpret<i64>(value));
  }

  small(value: i32): Ref {
    return this.intern(Op.KI32, <i64>value);
  }

  /** Address of an object (or raw block) the trace keeps alive. */
  pointer(address: u32): Ref {
    return this.intern(Op.KPTR, <i64>address);
  }

  // Values of constant references. 32-bit constants and addresses are signed in `smallOf`.

  smallOf(ref: Ref): i32 {
    return this.trace.constants[~ref].small;
  }

  intOf(ref: Ref): i64 {
    return this.trace.constants[~ref].bits;
  }

  floatOf(ref: Ref): f64 {
    return this.trace.constants[~ref].float;
  }

  /** An integer of either width as a signed number, a float by its bits: equal constants of one type have equal ones. */
  bitsOf(ref: Ref): i64 {
    const constant = this.trace.constants[~ref];
    return constant.op == Op.KPTR ? <i64>constant.small : constant.bits;
  }

  addressOf(ref: Ref): u32 {
    return <u32>this.smallOf(ref);
  }

  typeOf(ref: Ref): i32 {
    return this.trace.typeOf(ref);
  }

  /** The instruction behind a reference, null for constants and NONE. */
  instructionAt(ref: Ref): Instruction | null {
    return ref >= 0 && ref != NONE ? this.trace.instructions[ref] : null;
  }

  // ---- Instructions

  /**
   * Appends an operation, or finds a reference that already has its value. Operations that always exit get the current snapshot.
   * Aborts (TYPE_INSTABILITY) for a guard that would always fail.
   * @returns its reference; NONE for a guard that is not needed
   */
  emit(op: i32, type: i32, a: Ref = NONE, b: Ref = NONE, c: Ref = NONE, immediate: i32 = 0, immediate2: i32 = 0): Ref {
    if (op == Op.GUARD || op == Op.GUARDN) return this.guard(a, op == Op.GUARD);
    return this.simplify(op, type, a, b, c, immediate, immediate2, exitsOf(op) == Exits.YES);
  }

  /** Like `emit`, for operations that may exit (`maybe`) and here do: SLOAD that checks its tag. */
  emitExiting(op: i32, type: i32, a: Ref = NONE, b: Ref = NONE, c: Ref = NONE, immediate: i32 = 0, immediate2: i32 = 0): Ref {
    if (op == Op.GUARD || op == Op.GUARDN) return this.guard(a, op == Op.GUARD);
    return this.simplify(op, type, a, b, c, immediate, immediate2, true);
  }

  /** Takes as many arguments as the helper has parameters. */
  call(helper: i32, a: Ref = NONE, b: Ref = NONE, c: Ref = NONE): Ref {
    const count = importParameterCount(helper);
    const args = new StaticArray<Ref>(count);
    if (count > 0) args[0] = a;
    if (count > 1) args[1] = b;
    if (count > 2) args[2] = c;
    return this.emitCall(helper, args, false);
  }

  emitCall(helper: i32, args: StaticArray<Ref>, exits: bool): Ref {
    const instruction = new Instruction(Op.CALL, importResult(helper), NONE, NONE, NONE, helper, 0, args);
    const limit = helperEffectOf(helper) == HelperEffect.PURE ? -1 : this.alias.lookupLimit(helper);
    return this.appendUnlessKnown(instruction, limit, exits);
  }

  /**
   * Leaves the trace unless the truth of `condition` (i32) is `expected`. Guards of one fact in different words become one:
   * `x ~= 0` is x itself, `a ~= b` is not (a == b), and on integers `a <= b` is not (b < a).
   * Aborts (TYPE_INSTABILITY) when it would always fail.
   * @returns the guard, or NONE if it was not needed
   */
  guard(condition: Ref, expected: bool): Ref {
    const instruction = this.instructionAt(condition);
    if ((this.options & FOLD) != 0 && instruction !== null) {
      const op = instruction.op;
      const a = instruction.a;
      const b = instruction.b;
      const operand = a == NONE ? Type.VOID : this.typeOf(a);
      if (op == Op.NE) return this.guard(this.emit(Op.EQ, Type.I32, a, b), !expected);
      if (op == Op.EQ && operand == Type.I32 && b < 0 && this.smallOf(b) == 0) return this.guard(a, !expected);
      if (op == Op.UGE) return this.guard(this.emit(Op.ULT, Type.I32, a, b), !expected);
      if (op == Op.LE && operand != Type.F64) return this.guard(this.emit(Op.LT, Type.I32, b, a), !expected);
    }
    if (condition < 0) {
      if ((this.smallOf(condition) != 0) != expected) abortRecording(Abort.TYPE_INSTABILITY, 'a guard would always fail');
      return NONE;
    }
    if ((this.options & CSE) != 0) {
      const known = this.guarded[condition];
      if (known == (expected ? ALWAYS_TRUE : ALWAYS_FALSE)) return NONE;
      if (known != UNKNOWN) abortRecording(Abort.TYPE_INSTABILITY, 'a guard contradicts an earlier one');
    }
    this.learn(condition, expected);
    return this.append(new Instruction(expected ? Op.GUARD : Op.GUARDN, Type.VOID, condition), true);
  }

  /** The constant (reference) a value was guarded to be equal to, itself if it is one; NONE if not known. */
  knownConstant(ref: Ref): Ref {
    return ref < 0 ? ref : ref == NONE ? NONE : this.equalTo[ref];
  }

  // ---- Snapshots

  /** Sets what makes the snapshot that the following exits use. Called at most once, when the first of them is emitted. */
  setSnapshotSource(source: SnapshotSource): void {
    this.snapshotSource = source;
    this.currentSnapshot = -1;
  }

  /** Index of the current snapshot, which is made if it was not yet. */
  snapshot(): i32 {
    if (this.currentSnapshot < 0) {
      const source = this.snapshotSource;
      if (source === null) {
        abortRecording(Abort.COMPILE_ERROR, 'an exit without a snapshot');
        return -1;
      }
      this.currentSnapshot = this.trace.snapshots.push(source.make()) - 1;
    }
    return this.currentSnapshot;
  }

  // ---- Chains, for the alias analysis

  /** Newest instruction of this operation, -1 if there is none. */
  newest(op: i32): Ref {
    return this.newestByOperation[op];
  }

  /** The instruction of the same operation before this one, -1 if there is none. */
  older(ref: Ref): Ref {
    return this.olderByOperation[ref];
  }

  /** Newest instruction behind `limit` that equals this one but for its snapshot, -1 if there is none. */
  find(wanted: Instruction, limit: Ref): Ref {
    const instructions = this.trace.instructions;
    for (let ref = this.newestByHash[hashOf(wanted)]; ref > limit; ref = this.olderByHash[ref]) {
      const found = instructions[ref];
      if (
        found.op == wanted.op && found.type == wanted.type && found.a == wanted.a && found.b == wanted.b && found.c == wanted.c &&
        found.immediate == wanted.immediate && found.immediate2 == wanted.immediate2 && sameReferences(found.args, wanted.args)
      ) {
        return ref;
      }
    }
    return -1;
  }

  /** Appends an instruction as it is, past all passes: for PHIs. */
  append(instruction: Instruction, exits: bool): Ref {
    if (exits) instruction.snapshot = this.snapshot();
    const ref = this.trace.instructions.push(instruction) - 1;
    this.register(ref, instruction);
    return ref;
  }

  private simplify(op: i32, type: i32, a: Ref, b: Ref, c: Ref, immediate: i32, immediate2: i32, exits: bool): Ref {
    const effect = effectOf(op);
    const instruction = new Instruction(op, type, a, b, c, immediate, immediate2);
    if (effect == Effect.PURE) {
      if ((this.options & FOLD) != 0) {
        const folded = foldInstruction(this, instruction);
        if (folded != NONE) return folded;
      }
      return this.appendUnlessKnown(instruction, -1, exits);
    }
    if (effect == Effect.LOAD) {
      const forwarded = this.forwarder.resolve(instruction);
      return forwarded != NONE ? forwarded : this.appendUnlessKnown(instruction, this.forwarder.limit, exits);
    }
    return this.append(instruction, exits);
  }

  /** @param limit instructions up to this one do not have the value any more; NEVER_THE_SAME: never reuse */
  private appendUnlessKnown(instruction: Instruction, limit: Ref, exits: bool): Ref {
    if ((this.options & CSE) != 0) {
      const known = this.find(instruction, limit);
      // A value that was loaded without its check does not stand for one that is checked.
      if (known >= 0 && (!exits || this.trace.instructions[known].snapshot >= 0)) return known;
    }
    return this.append(instruction, exits);
  }

  private register(ref: Ref, instruction: Instruction): void {
    const hash = hashOf(instruction);
    this.olderByHash.push(this.newestByHash[hash]);
    this.newestByHash[hash] = ref;
    const op = instruction.op;
    this.olderByOperation.push(this.newestByOperation[op]);
    this.newestByOperation[op] = ref;
    this.guarded.push(UNKNOWN);
    this.equalTo.push(NONE);
    this.alias.noteEffects(ref, instruction);
  }

  private learn(condition: Ref, expected: bool): void {
    const instruction = this.instructionAt(condition);
    if (instruction === null) return;
    this.guarded[condition] = expected ? ALWAYS_TRUE : ALWAYS_FALSE;
    const a = instruction.a;
    const b = instruction.b;
    // Floats: 0.0 == -0.0, so equality does not name one value.
    if (expected && instruction.op == Op.EQ && a >= 0 && b < 0 && this.typeOf(b) != Type.F64) this.equalTo[a] = b;
  }

  private intern(op: i32, bits: i64): Ref {
    const constants = this.trace.constants;
    const hash = constantHash(op, bits);
    for (let index = this.newestConstant[hash]; index >= 0; index = this.olderConstant[index]) {
      const constant = constants[index];
      if (constant.bits == bits && constant.op == op) return ~index;
    }
    const index = constants.push(new Constant(op, bits)) - 1;
    this.registerConstant(index, hash);
    return ~index;
  }

  private registerConstant(index: i32, hash: i32): void {
    this.olderConstant.push(this.newestConstant[hash]);
    this.newestConstant[hash] = index;
  }
}

/** Which chain an instruction belongs to. */
function hashOf(instruction: Instruction): i32 {
  let hash = (instruction.op ^ (instruction.a * MIX)) * MIX;
  hash = (hash ^ (hash >>> 15) ^ instruction.b) * MIX;
  hash = (hash ^ (hash >>> 15) ^ instruction.c) * MIX;
  hash = (hash ^ (hash >>> 15) ^ instruction.immediate ^ (instruction.immediate2 << 16)) * MIX;
  const args = instruction.args;
  for (let index = 0; index < args.length; index++) hash = (hash ^ (hash >>> 15) ^ args[index]) * MIX;
  return (hash ^ (hash >>> 15)) & (INSTRUCTION_CHAINS - 1);
}

function constantHash(op: i32, bits: i64): i32 {
  const hash = (op ^ <i32>bits ^ <i32>(bits >> 32)) * MIX;
  return (hash ^ (hash >>> 15)) & (CONSTANT_CHAINS - 1);
}

function sameReferences(left: StaticArray<Ref>, right: StaticArray<Ref>): bool {
  if (left.length != right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] != right[index]) return false;
  return true;
}
