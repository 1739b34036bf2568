/**
 * The only way to append to a trace. Every instruction passes through fold, then forwarding (loads), then CSE, so the recorder and the loop
 * optimiser state what they mean and get the best reference back: `emit` may return an older instruction or a constant.
 *
 * Invariants
 * - Operands exist before the instruction that uses them; the trace stays in SSA form.
 * - Constants are interned: equal references are equal values, floats being equal by bits.
 * - An instruction that can leave the trace uses the snapshot of the recorded instruction it belongs to, which is made at most once and
 *   only if somebody needs it (`setSnapshotSource`).
 */
import { RecordingAborted } from '../abort-reasons.ts';
import type { OptimiserOptions } from '../opt/options.ts';
import { HELPERS, Helper, type HelperDescription, type HelperName } from './helper-table.ts';
import { IR_OPERATIONS, type IROperationDescription, type IROpName, type IRType } from './ir-table.ts';
import { type ConstantInstruction, type Instruction, type IRRef, NONE, type Snapshot, type Trace } from './trace.ts';

const OPERATIONS = Object.fromEntries(IR_OPERATIONS.map((entry) => [entry.name, entry])) as Readonly<Record<IROpName, IROperationDescription>>;

const floatBits = new DataView(new ArrayBuffer(8));

export class IRBuilder {
  private readonly ints = new Map<bigint, IRRef>();
  private readonly floats = new Map<bigint, IRRef>();
  private readonly smalls = new Map<number, IRRef>();
  private readonly pointers = new Map<number, IRRef>();
  /** Conditions already guarded, and with which outcome. */
  private readonly guarded = new Map<IRRef, boolean>();
  private makeSnapshot: (() => Snapshot) | undefined;
  private currentSnapshot = -1;

  constructor(
    readonly trace: Trace,
    readonly options: OptimiserOptions,
  ) {}

  int(value: bigint): IRRef {
    return this.constant(this.ints, BigInt.asIntN(64, value), 'KINT', 'i64', BigInt.asIntN(64, value));
  }

  float(value: number): IRRef {
    floatBits.setFloat64(0, value);
    return this.constant(this.floats, floatBits.getBigInt64(0), 'KFLT', 'f64', value);
  }

  i32(value: number): IRRef {
    return this.constant(this.smalls, value | 0, 'KI32', 'i32', value | 0);
  }

  /** Address of an object (or raw block) the trace keeps alive. */
  pointer(address: number): IRRef {
    return this.constant(this.pointers, address, 'KPTR', 'i32', address);
  }

  /** The value of a constant reference. */
  constantOf(ref: IRRef): ConstantInstruction {
    return this.trace.constants[~ref]!;
  }

  typeOf(ref: IRRef): IRType {
    return this.trace.typeOf(ref);
  }

  /**
   * Appends an operation, or finds a reference that already has its value. Operations that always exit get the current snapshot.
   * @returns its reference; for void operations that were optimised away NONE
   */
  emit(op: IROpName, type: IRType, a: IRRef = NONE, b: IRRef = NONE, c: IRRef = NONE, immediate = 0, immediate2 = 0): IRRef {
    return this.append(op, type, a, b, c, immediate, immediate2, [], OPERATIONS[op].exits === 'yes');
  }

  /** Like `emit`, for operations that may exit (`maybe`) and here do: SLOAD that checks its tag, CALL, LOOP. */
  emitExiting(op: IROpName, type: IRType, a: IRRef = NONE, b: IRRef = NONE, c: IRRef = NONE, immediate = 0, immediate2 = 0): IRRef {
    return this.append(op, type, a, b, c, immediate, immediate2, [], true);
  }

  call(helper: HelperName, ...args: IRRef[]): IRRef {
    const description: HelperDescription = HELPERS[Helper[helper]]!;
    return this.append('CALL', description.result, NONE, NONE, NONE, Helper[helper], 0, args, false);
  }

  /**
   * Leaves the trace unless the truth of `condition` (i32) is `expected`.
   * @throws RecordingAborted ('type-instability') when it certainly is not
   */
  guard(condition: IRRef, expected: boolean): void {
    if (condition < 0) {
      if ((this.constantOf(condition).value !== 0) === expected) return;
      throw new RecordingAborted('type-instability', 'a guard would always fail');
    }
    const known = this.guarded.get(condition);
    if (known === expected && this.options.cse) return;
    this.guarded.set(condition, expected);
    this.emit(expected ? 'GUARD' : 'GUARDN', 'void', condition);
  }

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

  private append(
    op: IROpName, type: IRType, a: IRRef, b: IRRef, c: IRRef, immediate: number, immediate2: number, args: readonly IRRef[], exits: boolean,
  ): IRRef {
    const instruction: Instruction = { op, type, a, b, c, immediate, immediate2, args, snapshot: exits ? this.snapshot() : -1 };
    return this.trace.instructions.push(instruction) - 1;
  }

  private constant<Key>(pool: Map<Key, IRRef>, key: Key, op: ConstantInstruction['op'], type: IRType, value: bigint | number): IRRef {
    let ref = pool.get(key);
    if (ref === undefined) {
      ref = ~(this.trace.constants.push({ op, type, value }) - 1);
      pool.set(key, ref);
    }
    return ref;
  }
}
