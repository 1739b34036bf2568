/**
 * Lowers one trace as part of a function: its body, its exits out of line behind it, and in place of an exit with a side trace that
 * trace's fragment. What belongs to the function as a whole (slot locals, exit numbers, the way out) is in function-lowering.ts.
 *
 * Layout: all exit blocks are opened around the body, so that a guard is a forward `br_if` and the hot path falls through.
 *
 *     block stores of exit 0
 *       block exit 0
 *         block exit 1
 *           block exit 2
 *             pre-roll
 *             loop  ...  br loop
 *           end           code of exit 2: what it stores beyond exit 0, br to the stores of exit 0
 *         end             code of exit 1: a side trace, ends in a jump or a return
 *       end               code of exit 0: which exit it is
 *     end                 its stores, return
 */
import { TAG_NIL } from '../../src/bytecode/layout.ts';
import type { FunctionBuilder, Label } from '../wasm/function-builder.ts';
import type { WasmType } from '../wasm/operations.ts';
import { type ConstantInstruction, type Instruction, type IRRef, NONE, type Snapshot, type Trace } from '../ir/trace.ts';
import { pushArithmetic, pushCondition } from './arithmetic.ts';
import { lowerAppendRoom, lowerBarrier, lowerBuiltinCall, lowerFunctionCall, lowerSlotRoom, pushCall } from './calls.ts';
import { isDivision, lowerDivision } from './division.ts';
import { BASE_LOCAL, type Emitter, valueType } from './emitter.ts';
import { type ExitDescription, findEqualSnapshots } from './exits.ts';
import { lowerIntegerGuard } from './float-to-integer.ts';
import { LoweringError } from './lowering-error.ts';
import { lowerStore, pushLoad } from './memory-access.ts';
import { type FragmentExit, newExit, shareStores } from './fragment-exits.ts';
import { NOTHING_CHANGED, overlay, type SlotState, type SlotValue } from './slot-state.ts';
import { callsInStack, needsStackAtStart, planValues, type ValuePlan } from './value-plan.ts';

/** What a fragment needs of the function it is part of (function-lowering.ts). */
export interface EnclosingFunction {
  readonly builder: FunctionBuilder;
  /** Prototype of the function it is the whole code of, 0 = none. */
  readonly functionProto: number;
  /** Whether a trace ends at a root of this function, so that it can jump there. */
  jumpsToRoot(trace: Trace): boolean;
  /** The side trace that starts at an exit of a trace, if the function contains it. */
  sideAt(trace: Trace, isExit: (snapshot: number) => boolean): Trace | undefined;
  pushSlotTag(slot: number): void;
  pushSlotPayload(slot: number, type: WasmType): void;
  /** Stores values into the stack in memory. */
  storeSlots(state: SlotState): void;
  addExit(exit: ExitDescription): number;
  /** Leaves the function in this state. */
  leave(state: SlotState, exit: number): void;
  /** The same in parts: which exit it is, values that are to be stored, and the end. */
  chooseExit(exit: number): void;
  storeLeaving(state: SlotState): void;
  leaveChosen(): void;
  /** Makes the slots nil that are dead at a root's head, if a collection may be due there. */
  dropDeadSlots(trace: Trace, allocates: boolean): void;
  /** Jumps to the root a trace ends at, in this state, or leaves if the budget is used up. */
  jumpToRoot(trace: Trace, state: SlotState, plan: ValuePlan): void;
  /** Tells the core how many iterations are left: before whatever may not come back. */
  storeBudget(): void;
  /** The budget is what the core says now. */
  reloadBudget(): void;
  /** Returns from the function these are the results of, by slot from -1 on. */
  returnValues(results: SlotState): void;
  /** Spends what passing through a trace costs, and pushes whether to leave. */
  spendBudget(plan: ValuePlan): void;
  /** A scratch local of this type; the same for the same index. */
  temporary(type: WasmType, index: number): number;
}

export class Fragment implements Emitter {
  readonly plan: ValuePlan;
  readonly builder;
  readonly #function: EnclosingFunction;
  readonly #trace: Trace;
  /** What the trace starts from; emptied by a builtin call, which sees the real stack. */
  #state: SlotState;
  /** Bytecode instructions on the way here from the head of the loop. */
  readonly #before: number;
  /** Wasm local of each value, -1 if it has none. */
  readonly #locals: Int32Array;
  /** SLOADs that stand for a value of the trace this one is a side of. */
  readonly #aliases = new Map<IRRef, SlotValue>();
  readonly #equalSnapshots: Int32Array;
  /** Exits by the instruction that takes them. */
  readonly #exits = new Map<number, FragmentExit>();
  readonly #truncated = new Map<IRRef, number>();
  #current = 0;

  constructor(owner: EnclosingFunction, trace: Trace, state: SlotState, before: number, plan: ValuePlan = planValues(trace)) {
    this.#function = owner;
    this.builder = owner.builder;
    this.#trace = trace;
    this.#state = state;
    this.#before = before;
    this.plan = plan;
    this.#locals = new Int32Array(trace.instructions.length).fill(-1);
    this.#equalSnapshots = findEqualSnapshots(trace);
  }

  /** Emits the trace and everything that hangs on its exits. All paths leave the function or jump. */
  emit(): void {
    const { builder } = this;
    if (this.#state.size > 0 && needsStackAtStart(this.#trace)) {
      this.#function.storeSlots(this.#state);
      this.#state = NOTHING_CHANGED;
    }
    const exits = this.#planExits();
    shareStores(exits);
    for (const exit of exits) {
      if (exit.isBase) exit.join = builder.block();
      exit.label = builder.block();
    }
    this.#emitBody();
    for (const exit of exits.toReversed()) {
      builder.end();
      this.#emitExit(exit);
    }
  }

  // ---- Values (Emitter, ValueSource)

  push(ref: IRRef): void {
    const { builder } = this;
    const constant = this.constantOf(ref);
    if (constant) {
      if (constant.type === 'f64') builder.f64(constant.value as number);
      else if (constant.type === 'i64') builder.i64(constant.value);
      else builder.i32(constant.value as number);
      return;
    }
    const alias = this.#aliases.get(ref);
    if (alias) {
      alias.source.push(alias.ref);
      return;
    }
    const instruction = this.#instruction(ref);
    if (instruction.op === 'BASE') builder.get(BASE_LOCAL);
    else if (this.plan.inlined[ref]) this.#pushValue(instruction);
    else {
      const local = this.#locals[ref]!;
      if (local < 0) throw new LoweringError(`value ${ref} (${instruction.op}) is used before it is made`);
      builder.get(local);
    }
  }

  inlinedInstruction(ref: IRRef): Instruction | undefined {
    return ref >= 0 && this.plan.inlined[ref] ? this.#instruction(ref) : undefined;
  }

  constantOf(ref: IRRef): ConstantInstruction | undefined {
    const alias = this.#aliases.get(ref);
    if (alias) return alias.source.constantOf(alias.ref);
    return ref < 0 ? this.#trace.constants[~ref] : undefined;
  }

  typeOf(ref: IRRef): WasmType {
    return valueType(this.#trace.typeOf(ref));
  }

  temporary(type: WasmType, index = 0): number {
    return this.#function.temporary(type, index);
  }

  truncated(ref: IRRef): number | undefined {
    return this.#truncated.get(ref);
  }

  defineTruncated(ref: IRRef): number {
    const local = this.builder.local('i64');
    this.#truncated.set(ref, local);
    return local;
  }

  // ---- Exits (Emitter)

  exitLabel(): Label {
    const label = this.#exits.get(this.#current)?.label;
    if (!label) throw new LoweringError(`instruction ${this.#current} has no snapshot to leave with`);
    return label;
  }

  callExit(snapshot: number): { readonly exit: number; readonly frames: number } {
    const { pc, frames } = this.#snapshot(snapshot);
    return { exit: this.#function.addExit({ kind: 'call', trace: this.#trace.number, snapshot, pc, frames, length: 0 }), frames: frames.length };
  }

  get functionProto(): number {
    return this.#function.functionProto;
  }

  reloadBudget(): void {
    this.#function.reloadBudget();
  }

  storeState(snapshot: number): void {
    this.#function.storeSlots(overlay(this.#state, this, this.#snapshot(snapshot).entries));
    this.#function.storeBudget();
    this.#state = NOTHING_CHANGED;
  }

  // ---- Body

  /** One exit for each distinct pair of snapshot and inherited state, in the order of the first use. */
  #planExits(): FragmentExit[] {
    const exits: FragmentExit[] = [];
    let state = this.#state;
    for (const [index, instruction] of this.#trace.instructions.entries()) {
      const { op, snapshot } = instruction;
      if (callsInStack(instruction)) state = NOTHING_CHANGED;
      if (snapshot < 0 || callsInStack(instruction) || op === 'CALL') continue;
      const kind = op === 'LOOP' ? 'budget' : 'guard';
      const canonical = this.#equalSnapshots[snapshot]!;
      let exit = exits.find((other) => other.kind === kind && other.snapshot === canonical && other.state === state);
      if (!exit) {
        exit = this.#planExit(kind, canonical, state);
        exits.push(exit);
      }
      this.#exits.set(index, exit);
    }
    return exits;
  }

  #planExit(kind: FragmentExit['kind'], snapshot: number, state: SlotState): FragmentExit {
    const side = kind === 'guard' ? this.#function.sideAt(this.#trace, (exit) => this.#equalSnapshots[exit] === snapshot) : undefined;
    return newExit(kind, snapshot, state, overlay(state, this, this.#snapshot(snapshot).entries), side);
  }

  #emitBody(): void {
    const { builder, plan } = this;
    const { instructions } = this.#trace;
    let loop: Label | undefined;
    for (let i = 0; i < instructions.length; i++) {
      const instruction = instructions[i]!;
      this.#current = i;
      if (instruction.op === 'LOOP') loop = this.#openLoop();
      else if (instruction.op === 'SLOAD') this.#lowerStackLoad(i, instruction);
      else if (!plan.inlined[i]) this.#lowerInstruction(i, instruction);
    }
    if (loop) {
      this.#copyPhis();
      if (this.#trace.link.kind === 'loop') builder.br(loop);
      else this.#emitEnd();
      builder.end();
    } else this.#emitEnd();
  }

  #openLoop(): Label {
    const { builder } = this;
    this.#truncated.clear();
    const loop = builder.loop();
    this.#function.spendBudget(this.plan);
    builder.brIf(this.exitLabel());
    return loop;
  }

  #lowerInstruction(ref: IRRef, instruction: Instruction): void {
    const { builder, plan } = this;
    switch (instruction.op) {
      case 'NOP':
      case 'PHI':
      case 'BASE':
        return;
      case 'GUARD':
      case 'GUARDN':
        this.#lowerGuard(instruction);
        return;
      case 'APPEND_ROOM':
        lowerAppendRoom(this, instruction);
        return;
      case 'SLOT_ROOM':
        lowerSlotRoom(this, instruction);
        return;
      case 'BARRIER':
        lowerBarrier(this, instruction);
        return;
      case 'CALLB':
        lowerBuiltinCall(this, instruction);
        return;
      case 'CALLF':
        lowerFunctionCall(this, instruction, this.#define(ref));
        return;
      case 'CALL':
        if (!pushCall(this, instruction)) return;
        if (plan.used[ref]) builder.set(this.#define(ref));
        else builder.drop();
        return;
      default:
    }
    if (lowerStore(this, instruction) || !plan.used[ref]) return;
    if (isDivision(instruction)) lowerDivision(this, instruction, this.#define(ref));
    else {
      this.#pushValue(instruction);
      builder.set(this.#define(ref));
    }
  }

  #lowerGuard({ op, a }: Instruction): void {
    const condition = this.inlinedInstruction(a);
    if (op === 'GUARD' && condition?.op === 'ISINT') {
      lowerIntegerGuard(this, condition.a);
      return;
    }
    pushCondition(this, a, op === 'GUARDN');
    this.builder.brIf(this.exitLabel());
  }

  #pushValue(instruction: Instruction): void {
    if (!pushArithmetic(this, instruction) && !pushLoad(this, instruction)) throw new LoweringError(`${instruction.op} is not lowered`);
  }

  /** SLOAD: a value of the parent trace, a slot local or memory. */
  #lowerStackLoad(ref: IRRef, { type, immediate: slot, immediate2: tag, snapshot }: Instruction): void {
    const { builder } = this;
    const inherited = this.#state.get(slot);
    if (inherited) {
      if (inherited.tag !== tag && snapshot >= 0) builder.br(this.exitLabel());
      else if (type !== 'void' && this.plan.used[ref]) this.#inherit(ref, inherited);
      return;
    }
    if (snapshot >= 0) {
      this.#function.pushSlotTag(slot);
      if (tag === TAG_NIL) builder.brIf(this.exitLabel());
      else {
        builder.i32(tag);
        builder.op('i32.ne');
        builder.brIf(this.exitLabel());
      }
    }
    if (type === 'void' || !this.plan.used[ref]) return;
    this.#function.pushSlotPayload(slot, type);
    builder.set(this.#define(ref));
  }

  #inherit(ref: IRRef, inherited: SlotValue): void {
    if (inherited.ref === NONE) throw new LoweringError(`stack load ${ref} of a slot that has no payload`);
    if (!this.plan.phiLefts.has(ref)) this.#aliases.set(ref, inherited);
    else {
      inherited.source.push(inherited.ref);
      this.builder.set(this.#define(ref));
    }
  }

  /** The loop-carried values, all at once: sources that are themselves left sides are saved first. */
  #copyPhis(): void {
    const { builder } = this;
    const { phis, phiLefts } = this.plan;
    const changed = phis.filter(({ left, right }) => left !== right);
    const sources = changed.map(({ right }) => {
      if (!phiLefts.has(right)) return undefined;
      const saved = builder.local(this.typeOf(right));
      this.push(right);
      builder.set(saved);
      return saved;
    });
    for (const [index, { left, right }] of changed.entries()) {
      const saved = sources[index];
      if (saved === undefined) this.push(right);
      else builder.get(saved);
      builder.set(this.#locals[left]!);
    }
  }

  // ---- Ends

  #emitEnd(): void {
    const { link, endSnapshot, resultSnapshot, number } = this.#trace;
    const snapshot = this.#snapshot(endSnapshot);
    const state = overlay(this.#state, this, snapshot.entries);
    if (this.#function.jumpsToRoot(this.#trace)) {
      this.#function.jumpToRoot(this.#trace, state, this.plan);
      return;
    }
    if (link.kind === 'return' && this.functionProto !== 0) {
      this.#function.returnValues(overlay(NOTHING_CHANGED, this, this.#snapshot(resultSnapshot).entries));
      return;
    }
    if (link.kind === 'side') {
      this.#emitExit(this.#planExit('guard', this.#equalSnapshots[endSnapshot]!, this.#state));
      return;
    }
    const { pc, frames, length } = snapshot;
    const kind = link.kind === 'root' || link.kind === 'loop' ? 'link' : 'end';
    this.#function.leave(state, this.#function.addExit({ kind, trace: number, snapshot: endSnapshot, pc, frames, length: this.#before + length }));
  }

  #emitExit({ kind, snapshot, there, side, base, own, join }: FragmentExit): void {
    const { pc, frames, length } = this.#snapshot(snapshot);
    const before = this.#before + length;
    if (side !== undefined) {
      new Fragment(this.#function, side, there, before).emit();
      return;
    }
    const exit = this.#function.addExit({ kind, trace: this.#trace.number, snapshot, pc, frames, length: kind === 'budget' ? 0 : before });
    if (kind === 'budget') this.#function.dropDeadSlots(this.#trace, this.plan.allocates);
    if (base === undefined && join === undefined) {
      this.#function.leave(there, exit);
      return;
    }
    this.#function.chooseExit(exit);
    if (join) this.builder.end();
    this.#function.storeLeaving(own);
    if (base) this.builder.br(base.join!);
    else this.#function.leaveChosen();
  }

  // ---- Small things

  #define(ref: IRRef): number {
    const local = this.builder.local(this.typeOf(ref));
    this.#locals[ref] = local;
    return local;
  }

  #instruction(ref: IRRef): Instruction {
    const instruction = this.#trace.instructions[ref];
    if (!instruction) throw new LoweringError(`reference ${ref} does not exist`);
    return instruction;
  }

  #snapshot(index: number): Snapshot {
    const snapshot = this.#trace.snapshots[index];
    if (!snapshot) throw new LoweringError(`snapshot ${index} does not exist`);
    return snapshot;
  }
}
