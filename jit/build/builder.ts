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
 * CSE looks a key up in a hash of chains, newest instruction first, and operations of one kind are chained backwards for the alias
 * analysis, so no pass ever scans the trace for an instruction.
 */
import { RecordingAborted } from '../abort-reasons.ts';
import { AliasAnalysis } from './alias.ts';
import { foldInstruction } from './fold.ts';
import { LoadForwarder } from './forward.ts';
import type { OptimiserOptions } from './options.ts';
import { Helper, type HelperName } from '../ir/helper-table.ts';
import type { IROpName, IRType } from '../ir/ir-table.ts';
import { helperAt, OPERATION_NUMBERS, OPERATIONS } from '../ir/operations.ts';
import { type ConstantInstruction, type Instruction, type IRRef, NONE, type Snapshot, type Trace } from '../ir/trace.ts';

const NO_ARGUMENTS: readonly IRRef[] = [];
const MIX = 0x9e3779b1 | 0;

const floatView = new DataView(new ArrayBuffer(8));
const floatBits = (value: number): bigint => {
  floatView.setFloat64(0, value);
  return floatView.getBigInt64(0);
};

export class IRBuilder {
  readonly alias: AliasAnalysis;
  /**
   * While the loop optimiser copies the body: is this pre-roll instruction's value another one in the next iteration? Fold rules do not look
   * through such an instruction, because its operands would have to be carried around the loop as well.
   */
  isLoopCarried: ((ref: IRRef) => boolean) | undefined;
  private readonly forwarder: LoadForwarder;
  private readonly ints = new Map<bigint, IRRef>();
  private readonly floats = new Map<bigint, IRRef>();
  private readonly smalls = new Map<number, IRRef>();
  private readonly pointers = new Map<number, IRRef>();
  /** Newest instruction by hash of its key, and for each instruction the one before with the same hash. */
  private readonly newestByHash = new Map<number, IRRef>();
  private readonly olderByHash: IRRef[] = [];
  /** Newest instruction of an operation (by number), and for each instruction the one before of the same operation; -1 ends a chain. */
  private readonly newestByOperation: IRRef[] = new Array<IRRef>(Object.keys(OPERATIONS).length).fill(-1);
  private readonly olderByOperation: IRRef[] = [];
  /** Conditions already guarded, and with which outcome. */
  private readonly guarded = new Map<IRRef, boolean>();
  /** References guarded to be equal to a constant. */
  private readonly equalTo = new Map<IRRef, IRRef>();
  private makeSnapshot: (() => Snapshot) | undefined;
  private currentSnapshot = -1;

  /** Takes over what the trace holds already. */
  constructor(
    readonly trace: Trace,
    readonly options: OptimiserOptions,
  ) {
    this.alias = new AliasAnalysis(this);
    this.forwarder = new LoadForwarder(this);
    for (const [index, entry] of trace.constants.entries()) this.internExisting(entry, ~index);
    for (let ref = 0; ref < trace.instructions.length; ref++) {
      const instruction = trace.instructions[ref]!;
      this.register(ref, instruction, this.hash(instruction));
      if (instruction.op === 'GUARD' || instruction.op === 'GUARDN') this.learn(instruction.a, instruction.op === 'GUARD');
    }
  }

  // ---- Constants

  int(value: bigint): IRRef {
    const wrapped = BigInt.asIntN(64, value);
    return this.ints.get(wrapped) ?? this.intern(this.ints, wrapped, { op: 'KINT', type: 'i64', value: wrapped });
  }

  float(value: number): IRRef {
    const bits = floatBits(value);
    return this.floats.get(bits) ?? this.intern(this.floats, bits, { op: 'KFLT', type: 'f64', value });
  }

  i32(value: number): IRRef {
    return this.smalls.get(value | 0) ?? this.intern(this.smalls, value | 0, { op: 'KI32', type: 'i32', value: value | 0 });
  }

  /** Address of an object (or raw block) the trace keeps alive. */
  pointer(address: number): IRRef {
    return this.pointers.get(address) ?? this.intern(this.pointers, address, { op: 'KPTR', type: 'i32', value: address });
  }

  /** The value of a constant reference; i32 constants and addresses are signed here. */
  valueOf(ref: IRRef): bigint | number {
    const { type, value } = this.trace.constants[~ref]!;
    return type === 'i32' ? (value as number) | 0 : value;
  }

  /** The address that a constant reference stands for. */
  addressOf(ref: IRRef): number {
    return (this.valueOf(ref) as number) >>> 0;
  }

  typeOf(ref: IRRef): IRType {
    return this.trace.typeOf(ref);
  }

  /** The instruction behind a reference, undefined for constants and NONE. */
  instructionAt(ref: IRRef): Instruction | undefined {
    return ref >= 0 && ref !== NONE ? this.trace.instructions[ref] : undefined;
  }

  // ---- Instructions

  /**
   * Appends an operation, or finds a reference that already has its value. Operations that always exit get the current snapshot.
   * @returns its reference; NONE for a guard that is not needed
   * @throws RecordingAborted ('type-instability') for a guard that would always fail
   */
  emit(op: IROpName, type: IRType, a: IRRef = NONE, b: IRRef = NONE, c: IRRef = NONE, immediate = 0, immediate2 = 0): IRRef {
    if (op === 'GUARD' || op === 'GUARDN') return this.guard(a, op === 'GUARD');
    return this.simplify(op, type, a, b, c, immediate, immediate2, OPERATIONS[op].exits === 'yes');
  }

  /** Like `emit`, for operations that may exit (`maybe`) and here do: SLOAD that checks its tag. */
  emitExiting(op: IROpName, type: IRType, a: IRRef = NONE, b: IRRef = NONE, c: IRRef = NONE, immediate = 0, immediate2 = 0): IRRef {
    if (op === 'GUARD' || op === 'GUARDN') return this.guard(a, op === 'GUARD');
    return this.simplify(op, type, a, b, c, immediate, immediate2, true);
  }

  call(helper: HelperName, ...args: IRRef[]): IRRef {
    return this.emitCall(Helper[helper], args, false);
  }

  /** @param helper index into HELPERS */
  emitCall(helper: number, args: readonly IRRef[], exits: boolean): IRRef {
    const { effect, result } = helperAt(helper);
    const instruction: Instruction = {
      op: 'CALL', type: result, a: NONE, b: NONE, c: NONE, immediate: helper, immediate2: 0, args, snapshot: -1,
    };
    const limit = effect === 'pure' ? -1 : this.alias.lookupLimit(helper);
    return this.appendUnlessKnown(instruction, limit, exits);
  }

  /**
   * Leaves the trace unless the truth of `condition` (i32) is `expected`. Guards of one fact in different words become one:
   * `x ~= 0` is x itself, `a ~= b` is not (a == b), and on integers `a <= b` is not (b < a).
   * @returns the guard, or NONE if it was not needed
   * @throws RecordingAborted ('type-instability') when it would always fail
   */
  guard(condition: IRRef, expected: boolean): IRRef {
    const instruction = this.instructionAt(condition);
    if (this.options.fold && instruction !== undefined) {
      const { op, a, b } = instruction;
      const operand = a === NONE ? 'void' : this.typeOf(a);
      if (op === 'NE') return this.guard(this.emit('EQ', 'i32', a, b), !expected);
      if (op === 'EQ' && operand === 'i32' && b < 0 && this.valueOf(b) === 0) return this.guard(a, !expected);
      if (op === 'UGE') return this.guard(this.emit('ULT', 'i32', a, b), !expected);
      if (op === 'LE' && operand !== 'f64') return this.guard(this.emit('LT', 'i32', b, a), !expected);
    }
    if (condition < 0) {
      if ((this.valueOf(condition) !== 0) === expected) return NONE;
      throw new RecordingAborted('type-instability', 'a guard would always fail');
    }
    if (this.options.cse) {
      const known = this.guarded.get(condition);
      if (known === expected) return NONE;
      if (known !== undefined) throw new RecordingAborted('type-instability', 'a guard contradicts an earlier one');
    }
    this.learn(condition, expected);
    return this.append({
      op: expected ? 'GUARD' : 'GUARDN', type: 'void', a: condition, b: NONE, c: NONE, immediate: 0, immediate2: 0, args: NO_ARGUMENTS, snapshot: -1,
    }, true);
  }

  /** The constant (reference) a value was guarded to be equal to, itself if it is one; undefined if not known. */
  knownConstant(ref: IRRef): IRRef | undefined {
    return ref < 0 ? ref : this.equalTo.get(ref);
  }

  // ---- Snapshots

  /** Sets what makes the snapshot that the following exits use. Called at most once, when the first of them is emitted. */
  setSnapshotSource(make: () => Snapshot): void {
    this.makeSnapshot = make;
    this.currentSnapshot = -1;
  }

  /** Index of the current snapshot, which is made if it was not yet. */
  snapshot(): number {
    if (this.currentSnapshot < 0) {
      if (this.makeSnapshot === undefined) throw new RecordingAborted('compile-error', 'an exit without a snapshot');
      this.currentSnapshot = this.trace.snapshots.push(this.makeSnapshot()) - 1;
    }
    return this.currentSnapshot;
  }

  // ---- Chains, for the alias analysis

  /** Newest instruction of this operation, -1 if there is none. */
  newest(op: IROpName): IRRef {
    return this.newestByOperation[OPERATION_NUMBERS[op]]!;
  }

  /** The instruction of the same operation before this one, -1 if there is none. */
  older(ref: IRRef): IRRef {
    return this.olderByOperation[ref]!;
  }

  /** Newest instruction behind `limit` that equals this one but for its snapshot, -1 if there is none. */
  find(wanted: Instruction, limit: IRRef): IRRef {
    for (let ref = this.newestByHash.get(this.hash(wanted)) ?? -1; ref > limit; ref = this.olderByHash[ref]!) {
      const found = this.trace.instructions[ref]!;
      if (
        found.op === wanted.op && found.type === wanted.type && found.a === wanted.a && found.b === wanted.b && found.c === wanted.c &&
        found.immediate === wanted.immediate && found.immediate2 === wanted.immediate2 && sameReferences(found.args, wanted.args)
      ) {
        return ref;
      }
    }
    return -1;
  }

  /** Appends an instruction as it is, past all passes: for PHIs. */
  append(instruction: Instruction, exits: boolean): IRRef {
    if (exits) instruction.snapshot = this.snapshot();
    const ref = this.trace.instructions.push(instruction) - 1;
    this.register(ref, instruction, this.hash(instruction));
    return ref;
  }

  private simplify(op: IROpName, type: IRType, a: IRRef, b: IRRef, c: IRRef, immediate: number, immediate2: number, exits: boolean): IRRef {
    const { effect } = OPERATIONS[op];
    const instruction: Instruction = { op, type, a, b, c, immediate, immediate2, args: NO_ARGUMENTS, snapshot: -1 };
    if (effect === 'pure') {
      if (this.options.fold) {
        const folded = foldInstruction(this, instruction);
        if (folded !== undefined) return folded;
      }
      return this.appendUnlessKnown(instruction, -1, exits);
    }
    if (effect === 'load') {
      const forwarded = this.forwarder.resolve(instruction);
      return forwarded ?? this.appendUnlessKnown(instruction, this.forwarder.limit, exits);
    }
    return this.append(instruction, exits);
  }

  /** @param limit instructions up to this one do not have the value any more; Infinity: never reuse */
  private appendUnlessKnown(instruction: Instruction, limit: number, exits: boolean): IRRef {
    if (this.options.cse) {
      const known = this.find(instruction, limit);
      // A value that was loaded without its check does not stand for one that is checked.
      if (known >= 0 && (!exits || this.trace.instructions[known]!.snapshot >= 0)) return known;
    }
    return this.append(instruction, exits);
  }

  private register(ref: IRRef, instruction: Instruction, hash: number): void {
    this.olderByHash.push(this.newestByHash.get(hash) ?? -1);
    this.newestByHash.set(hash, ref);
    const number = OPERATION_NUMBERS[instruction.op];
    this.olderByOperation.push(this.newestByOperation[number]!);
    this.newestByOperation[number] = ref;
    this.alias.noteEffects(ref, instruction);
  }

  private learn(condition: IRRef, expected: boolean): void {
    this.guarded.set(condition, expected);
    if (!expected) return;
    const instruction = this.instructionAt(condition);
    // Floats: 0.0 == -0.0, so equality does not name one value.
    if (instruction?.op === 'EQ' && instruction.b < 0 && this.typeOf(instruction.b) !== 'f64') this.equalTo.set(instruction.a, instruction.b);
  }

  private hash({ op, a, b, c, immediate, immediate2, args }: Instruction): number {
    let hash = Math.imul(OPERATION_NUMBERS[op] ^ Math.imul(a, MIX), MIX);
    hash = Math.imul(hash ^ (hash >>> 15) ^ b, MIX);
    hash = Math.imul(hash ^ (hash >>> 15) ^ c, MIX);
    hash = Math.imul(hash ^ (hash >>> 15) ^ immediate ^ (immediate2 << 16), MIX);
    for (const arg of args) hash = Math.imul(hash ^ (hash >>> 15) ^ arg, MIX);
    return hash ^ (hash >>> 15);
  }

  private intern<Key>(pool: Map<Key, IRRef>, key: Key, entry: ConstantInstruction): IRRef {
    const ref = ~(this.trace.constants.push(entry) - 1);
    pool.set(key, ref);
    return ref;
  }

  private internExisting({ op, value }: ConstantInstruction, ref: IRRef): void {
    if (op === 'KINT') this.ints.set(value as bigint, ref);
    else if (op === 'KFLT') this.floats.set(floatBits(value as number), ref);
    else if (op === 'KI32') this.smalls.set(value as number, ref);
    else this.pointers.set(value as number, ref);
  }
}

function sameReferences(left: readonly IRRef[], right: readonly IRRef[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}
