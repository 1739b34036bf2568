/**
 * An evaluator of the IR over linear memory: slow, simple, the oracle for the optimiser and for lowering. It does what compiled code does,
 * up to the restored snapshot of the exit it takes.
 *
 * A recording that links to itself but has no LOOP yet is run as the interpreter would run it: the end snapshot goes to the stack and the
 * trace starts again. So the same recording can be run before and after optimisation.
 */
import { SLOT_SIZE, SLOT_TAG, STRING_BYTES, VM_TRACE_SCRATCH } from '../../src/bytecode/layout.ts';
import { evaluatePure, type IRValue } from './arithmetic.ts';
import type { HelperName } from './helper-table.ts';
import type { IRType } from './ir-table.ts';
import { fieldAt, helperAt } from './operations.ts';
import { type Instruction, type IRRef, NONE, type Trace } from './trace.ts';

/** What a trace needs besides memory. */
export interface EvaluationHost {
  readonly memory: DataView;
  /** Address of the root frame's base. */
  readonly base: number;
  call(helper: HelperName, args: readonly IRValue[]): IRValue;
  /** CALLB. @returns false if the trace has to leave with the frames in memory */
  callBuiltin(slot: number, count: number, results: number): boolean;
  /** APPEND_ROOM and SLOT_ROOM. @param index length of the array part, or record slot @returns false on failure */
  makeRoom(part: 'array' | 'record', table: number, index: number): boolean;
}

/** What EXIT_SYNCED is to compiled code: the frames are in memory. */
export const SYNCED = -1;

/**
 * Runs a trace.
 * @param budget iterations of the loop before it leaves
 * @returns index of the snapshot it left through, which is restored; SYNCED after a builtin that pushed frames
 */
export function evaluateTrace(trace: Trace, host: EvaluationHost, budget = 100): number {
  return new Evaluator(trace, host).run(budget);
}

/** Evaluates instruction by instruction. */
export class Evaluator {
  readonly values: (IRValue | undefined)[] = [];

  constructor(
    readonly trace: Trace,
    readonly host: EvaluationHost,
  ) {}

  run(budget: number): number {
    const { instructions, endSnapshot, link } = this.trace;
    const loop = instructions.findIndex(({ op }) => op === 'LOOP');
    const phis = instructions.filter(({ op }) => op === 'PHI');
    let remaining = budget;
    for (let ref = 0; ; ref++) {
      if (ref === instructions.length) {
        if (link.kind !== 'loop') return this.leave(endSnapshot);
        if (loop >= 0) {
          const next = phis.map(({ b }) => this.value(b));
          phis.forEach(({ a }, index) => { this.values[a] = next[index]; });
          ref = loop;
        } else {
          this.leave(endSnapshot);
          if (remaining-- <= 0) return endSnapshot;
          ref = -1;
          continue;
        }
      }
      if (ref === loop && remaining-- <= 0) return this.leave(instructions[loop]!.snapshot);
      const exit = this.execute(ref);
      if (exit !== undefined) return exit;
    }
  }

  /** @returns the exit taken, undefined if execution goes on behind the instruction */
  execute(ref: IRRef): number | undefined {
    const instruction = this.trace.instructions[ref]!;
    const { op, type, a, b, immediate, immediate2, snapshot } = instruction;
    const { memory, base } = this.host;
    const leave = (): number => this.leave(snapshot);
    switch (op) {
      case 'NOP': case 'LOOP': case 'PHI': case 'BARRIER':
        return undefined;
      case 'GUARD':
        return this.value(a) === 0 ? leave() : undefined;
      case 'GUARDN':
        return this.value(a) !== 0 ? leave() : undefined;
      case 'BASE':
        this.values[ref] = base;
        return undefined;
      case 'SLOAD': {
        const address = base + immediate * SLOT_SIZE;
        if (snapshot >= 0 && memory.getUint32(address + SLOT_TAG, true) !== immediate2) return leave();
        this.values[ref] = this.load(type, address);
        return undefined;
      }
      case 'CALL':
        this.values[ref] = this.host.call(helperAt(immediate).name as HelperName, instruction.args.map((arg) => this.value(arg)));
        return undefined;
      case 'CALLB':
        this.leave(snapshot);
        return this.host.callBuiltin(immediate, immediate2, Number(this.value(a))) ? undefined : SYNCED;
      case 'APPEND_ROOM':
        return this.host.makeRoom('array', this.address(a), this.address(b)) ? undefined : leave();
      case 'SLOT_ROOM':
        return this.host.makeRoom('record', this.address(a), immediate) ? undefined : leave();
      default:
        this.values[ref] = this.compute(instruction);
        return undefined;
    }
  }

  value(ref: IRRef): IRValue {
    if (ref >= 0) return this.values[ref]!;
    const { type, value } = this.trace.constants[~ref]!;
    return type === 'i32' ? (value as number) | 0 : value;
  }

  /** Restores a snapshot: all values are read before any slot is written. */
  leave(snapshot: number): number {
    const { memory, base } = this.host;
    const { entries } = this.trace.snapshots[snapshot]!;
    const values = entries.map(({ ref }) => (ref === NONE ? undefined : this.value(ref)));
    entries.forEach(({ slot, ref, tag }, index) => {
      const value = values[index];
      if (value !== undefined) this.store(base + slot * SLOT_SIZE, this.trace.typeOf(ref), value);
      memory.setUint32(base + slot * SLOT_SIZE + SLOT_TAG, tag, true);
    });
    return snapshot;
  }

  private address(ref: IRRef): number {
    return (this.value(ref) as number) >>> 0;
  }

  private compute(instruction: Instruction): IRValue | undefined {
    const { op, type, a, b, c, immediate, immediate2 } = instruction;
    const { memory } = this.host;
    const place = (): number => this.address(a);
    switch (op) {
      case 'LOADS': return this.load(type, this.host.base + immediate * SLOT_SIZE);
      case 'STAG': return memory.getInt32(this.host.base + immediate * SLOT_SIZE + SLOT_TAG, true);
      case 'FLOAD': {
        const { offset, bytes } = fieldAt(immediate);
        return bytes === 1 ? memory.getUint8(place() + offset) : memory.getInt32(place() + offset, true);
      }
      case 'FSTORE': {
        const { offset, bytes } = fieldAt(immediate);
        if (bytes === 1) memory.setUint8(place() + offset, this.address(b));
        else memory.setUint32(place() + offset, this.address(b), true);
        return undefined;
      }
      case 'ALOAD': return this.load(type, place() + 8 * this.address(b));
      case 'ASTORE': return this.store(place() + 8 * this.address(b), this.trace.typeOf(c), this.value(c));
      case 'ATAG': return memory.getUint8(place() + 8 * this.address(b) + this.address(c));
      case 'ATAGSTORE':
        memory.setUint8(place() + 8 * this.address(b) + this.address(c), immediate2);
        return undefined;
      case 'HLOAD': return this.load(type, place() + immediate * SLOT_SIZE);
      case 'HTAG': return memory.getInt32(place() + immediate * SLOT_SIZE + SLOT_TAG, true);
      case 'HSTORE': return this.storeSlot(place() + immediate * SLOT_SIZE, b, immediate2);
      case 'ULOAD': case 'DLOAD': return this.load(type, place());
      case 'UTAG': case 'DTAG': return memory.getInt32(place() + SLOT_TAG, true);
      case 'USTORE': case 'DSTORE': return this.storeSlot(place(), b, immediate2);
      case 'RLOAD': return this.load(type, VM_TRACE_SCRATCH + immediate * SLOT_SIZE);
      case 'RTAG': return memory.getInt32(VM_TRACE_SCRATCH + immediate * SLOT_SIZE + SLOT_TAG, true);
      case 'RSTORE': return this.storeSlot(VM_TRACE_SCRATCH + immediate * SLOT_SIZE, a, immediate2);
      case 'VMLOAD': return memory.getInt32(immediate, true);
      case 'BYTE': return memory.getUint8(place() + STRING_BYTES + this.address(b));
      default: return evaluatePure(op, type, this.value(a), b === NONE ? 0 : this.value(b));
    }
  }

  private load(type: IRType, address: number): IRValue | undefined {
    const { memory } = this.host;
    if (type === 'i64') return memory.getBigInt64(address, true);
    if (type === 'f64') return memory.getFloat64(address, true);
    return type === 'i32' ? memory.getInt32(address, true) : undefined;
  }

  private store(address: number, type: IRType, value: IRValue): undefined {
    const { memory } = this.host;
    if (type === 'i64') memory.setBigInt64(address, value as bigint, true);
    else if (type === 'f64') memory.setFloat64(address, value as number, true);
    else memory.setInt32(address, value as number, true);
  }

  private storeSlot(address: number, ref: IRRef, tag: number): undefined {
    if (ref !== NONE) this.store(address, this.trace.typeOf(ref), this.value(ref));
    this.host.memory.setUint32(address + SLOT_TAG, tag, true);
  }
}
