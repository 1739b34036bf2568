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
import { TAG_NIL } from '../../../src/bytecode/layout';
import { refuse } from '../base/host';
import { ExitKind, Op, Type } from '../generated/ir-tables';
import { Wasm } from '../generated/wasm-tables';
import { Constant, Instruction, Link, NONE, Ref, Snapshot, Trace } from '../ir/trace';
import { FunctionBuilder, Label, NO_LABEL } from '../wasm/function-builder';
import { pushArithmetic, pushCondition } from './arithmetic';
import { lowerAppendRoom, lowerBarrier, lowerBuiltinCall, lowerFunctionCall, lowerSlotRoom, pushCall } from './calls';
import { isDivision, lowerDivision } from './division';
import { BASE_LOCAL, Emitter, valueType } from './emitter';
import { ExitDescription, findEqualSnapshots } from './exits';
import { lowerIntegerGuard } from './float-to-integer';
import { FragmentExit, shareStores } from './fragment-exits';
import { lowerStore, pushLoad } from './memory-access';
import { overlay, SlotState, SlotValue } from './slot-state';
import { callsInStack, needsStackAtStart, ValuePlan, Work } from './value-plan';

/** A value without a local. */
const NO_LOCAL: i32 = -1;

/** What a fragment needs of the function it is part of (function-lowering.ts). */
export abstract class EnclosingFunction {
  /** The state of a tree's head. */
  readonly nothingChanged: SlotState = new SlotState();

  constructor(
    public builder: FunctionBuilder,
    /** Prototype of the function it is the whole code of, 0 = none. */
    public functionProto: u32,
  ) {}

  /** Whether a trace ends at a root of this function, so that it can jump there. */
  abstract jumpsToRoot(trace: Trace): bool;
  /** The side trace that starts at an exit of a trace, at this snapshot or one that equals it, if the function contains it. */
  abstract sideAt(trace: Trace, equalSnapshots: StaticArray<i32>, snapshot: i32): Trace | null;
  abstract pushSlotTag(slot: i32): void;
  abstract pushSlotPayload(slot: i32, type: i32): void;
  /** Stores values into the stack in memory. */
  abstract storeSlots(state: SlotState): void;
  abstract addExit(exit: ExitDescription): i32;
  /** Leaves the function in this state. */
  abstract leave(state: SlotState, exit: i32): void;
  /** The same in parts: which exit it is, values that are to be stored, and the end. */
  abstract chooseExit(exit: i32): void;
  abstract storeLeaving(state: SlotState): void;
  abstract leaveChosen(): void;
  /** Makes the slots nil that are dead at a root's head, if a collection may be due there. */
  abstract dropDeadSlots(trace: Trace, allocates: bool): void;
  /** Jumps to the root a trace ends at, in this state, or leaves if the budget is used up. */
  abstract jumpToRoot(trace: Trace, state: SlotState, passed: Work): void;
  /** Tells the core how many iterations are left: before whatever may not come back. */
  abstract storeBudget(): void;
  /** The budget is what the core says now. */
  abstract reloadBudget(): void;
  /** Returns from the function these are the results of, by slot from -1 on. */
  abstract returnValues(results: SlotState): void;
  /** Spends what passing through a trace costs, and pushes whether to leave. */
  abstract spendBudget(units: i32, allocates: bool, works: bool): void;
  /** A scratch local of this type, always the same. */
  abstract temporary(type: i32): i32;
}

export class Fragment extends Emitter {
  private plan: ValuePlan;
  /** Wasm local of each value, NO_LOCAL if it has none. */
  private locals: StaticArray<i32>;
  /** SLOADs that stand for a value of the trace this one is a side of. */
  private aliases: StaticArray<SlotValue | null>;
  private equalSnapshots: StaticArray<i32>;
  /** Exits by the instruction that takes them. */
  private exits: StaticArray<FragmentExit | null>;
  /** Locals with the integer parts of floats, of constants first (`~ref` backwards), NO_LOCAL if there is none. */
  private truncatedLocals: StaticArray<i32>;
  private current: i32 = 0;

  constructor(
    private owner: EnclosingFunction,
    private trace: Trace,
    /** What the trace starts from; emptied by a builtin call, which sees the real stack. */
    private state: SlotState,
    /** Bytecode instructions on the way here from the head of the loop. */
    private before: i32,
    /** What was done on the way here since the budget was looked at last; what the trace does comes to it. */
    private passed: Work,
  ) {
    super(owner.builder, owner.functionProto);
    const count = trace.instructions.length;
    this.plan = new ValuePlan(trace);
    this.locals = new StaticArray<i32>(count).fill(NO_LOCAL);
    this.truncatedLocals = new StaticArray<i32>(trace.constants.length + count).fill(NO_LOCAL);
    this.aliases = new StaticArray<SlotValue | null>(count);
    this.exits = new StaticArray<FragmentExit | null>(count);
    this.equalSnapshots = findEqualSnapshots(trace);
  }

  /** Emits the trace and everything that hangs on its exits. All paths leave the function or jump. */
  emit(): void {
    const builder = this.builder;
    if (this.state.size > 0 && needsStackAtStart(this.trace)) {
      this.owner.storeSlots(this.state);
      this.state = this.owner.nothingChanged;
    }
    const exits = this.planExits();
    shareStores(exits);
    for (let i = 0; i < exits.length; i++) {
      const exit = exits[i];
      if (exit.isBase) exit.join = builder.block();
      exit.label = builder.block();
    }
    this.emitBody();
    for (let i = exits.length - 1; i >= 0; i--) {
      builder.end();
      this.emitExit(exits[i]);
    }
  }

  // ---- Values (Emitter, ValueSource)

  push(ref: Ref): void {
    const builder = this.builder;
    const constant = this.constantOf(ref);
    if (constant !== null) {
      if (constant.type == Type.F64) builder.f64(constant.float);
      else if (constant.type == Type.I64) builder.i64(constant.bits);
      else builder.i32(constant.small);
      return;
    }
    const alias = this.aliasOf(ref);
    if (alias !== null) {
      alias.source.push(alias.ref);
      return;
    }
    const instruction = this.instruction(ref);
    if (instruction.op == Op.BASE) builder.get(BASE_LOCAL);
    else if (this.plan.inlined[ref] != 0) this.pushValue(instruction);
    else {
      const local = this.locals[ref];
      if (local == NO_LOCAL) refuse(`value ${ref} is used before it is made`);
      builder.get(local);
    }
  }

  inlinedInstruction(ref: Ref): Instruction | null {
    return ref >= 0 && this.plan.inlined[ref] != 0 ? this.instruction(ref) : null;
  }

  constantOf(ref: Ref): Constant | null {
    if (ref < 0) return this.trace.constants[~ref];
    const alias = this.aliasOf(ref);
    return alias === null ? null : alias.source.constantOf(alias.ref);
  }

  typeOf(ref: Ref): i32 {
    return valueType(this.trace.typeOf(ref));
  }

  temporary(type: i32): i32 {
    return this.owner.temporary(type);
  }

  truncated(ref: Ref): i32 {
    return this.truncatedLocals[this.trace.constants.length + ref];
  }

  defineTruncated(ref: Ref): i32 {
    const local = this.builder.local(Type.I64);
    this.truncatedLocals[this.trace.constants.length + ref] = local;
    return local;
  }

  private aliasOf(ref: Ref): SlotValue | null {
    return ref < this.aliases.length ? this.aliases[ref] : null;
  }

  // ---- Exits (Emitter)

  exitLabel(): Label {
    const exit = this.exits[this.current];
    if (exit === null || exit.label == NO_LABEL) refuse(`instruction ${this.current} has no snapshot to leave with`);
    return exit!.label;
  }

  callExit(snapshot: i32): i32 {
    const there = this.snapshot(snapshot);
    return this.owner.addExit(new ExitDescription(ExitKind.CALL, this.trace.number, snapshot, there.pc, there.frames, 0));
  }

  callFrames(snapshot: i32): i32 {
    return this.snapshot(snapshot).frames.length;
  }

  reloadBudget(): void {
    this.owner.reloadBudget();
  }

  storeState(snapshot: i32): void {
    this.owner.storeSlots(overlay(this.state, this, this.snapshot(snapshot).entries));
    this.owner.storeBudget();
    this.state = this.owner.nothingChanged;
  }

  // ---- Body

  /** One exit for each distinct pair of snapshot and inherited state, in the order of the first use. */
  private planExits(): Array<FragmentExit> {
    const instructions = this.trace.instructions;
    const exits: Array<FragmentExit> = [];
    let state = this.state;
    for (let i = 0; i < instructions.length; i++) {
      const instruction = instructions[i];
      this.passed.add(instruction);
      if (instruction.op == Op.LOOP) this.passed.settle(this.plan.work);
      if (callsInStack(instruction)) {
        state = this.owner.nothingChanged;
        continue;
      }
      if (instruction.snapshot < 0 || instruction.op == Op.CALL) continue;
      const kind = instruction.op == Op.LOOP ? ExitKind.BUDGET : ExitKind.GUARD;
      const canonical = this.equalSnapshots[instruction.snapshot];
      let exit = findExit(exits, kind, canonical, state);
      if (exit === null) {
        exit = this.planExit(kind, canonical, state);
        exits.push(exit);
      }
      this.exits[i] = exit;
      if (exit.side !== null) exit.passed.include(this.passed);
    }
    return exits;
  }

  private planExit(kind: i32, snapshot: i32, state: SlotState): FragmentExit {
    const side = kind == ExitKind.GUARD ? this.owner.sideAt(this.trace, this.equalSnapshots, snapshot) : null;
    return new FragmentExit(kind, snapshot, state, overlay(state, this, this.snapshot(snapshot).entries), side);
  }

  private emitBody(): void {
    const builder = this.builder;
    const instructions = this.trace.instructions;
    let loop = NO_LABEL;
    for (let i = 0; i < instructions.length; i++) {
      const instruction = instructions[i];
      this.current = i;
      if (instruction.op == Op.LOOP) loop = this.openLoop();
      else if (instruction.op == Op.SLOAD) this.lowerStackLoad(i, instruction);
      else if (this.plan.inlined[i] == 0) this.lowerInstruction(i, instruction);
    }
    if (loop == NO_LABEL) {
      this.emitEnd();
      return;
    }
    this.copyPhis();
    if (this.trace.link == Link.LOOP) builder.br(loop);
    else this.emitEnd();
    builder.end();
  }

  private openLoop(): Label {
    const builder = this.builder;
    this.truncatedLocals.fill(NO_LOCAL);
    const loop = builder.loop();
    const work = this.plan.work;
    this.owner.spendBudget(work.units, work.allocates, work.works);
    builder.brIf(this.exitLabel());
    return loop;
  }

  private lowerInstruction(ref: Ref, instruction: Instruction): void {
    const builder = this.builder;
    const isUsed = this.plan.uses[ref] > 0;
    switch (instruction.op) {
      case Op.NOP:
      case Op.PHI:
      case Op.BASE:
        return;
      case Op.GUARD:
      case Op.GUARDN:
        this.lowerGuard(instruction);
        return;
      case Op.APPEND_ROOM:
        lowerAppendRoom(this, instruction);
        return;
      case Op.SLOT_ROOM:
        lowerSlotRoom(this, instruction);
        return;
      case Op.BARRIER:
        lowerBarrier(this, instruction);
        return;
      case Op.CALLB:
        lowerBuiltinCall(this, instruction);
        return;
      case Op.CALLF:
        lowerFunctionCall(this, instruction, this.define(ref));
        return;
      case Op.CALL:
        if (!pushCall(this, instruction)) return;
        if (isUsed) builder.set(this.define(ref));
        else builder.drop();
        return;
      default:
    }
    if (lowerStore(this, instruction) || !isUsed) return;
    if (isDivision(instruction)) lowerDivision(this, instruction, this.define(ref));
    else {
      this.pushValue(instruction);
      builder.set(this.define(ref));
    }
  }

  private lowerGuard(instruction: Instruction): void {
    const condition = this.inlinedInstruction(instruction.a);
    if (instruction.op == Op.GUARD && condition !== null && condition.op == Op.ISINT) {
      lowerIntegerGuard(this, condition.a);
      return;
    }
    pushCondition(this, instruction.a, instruction.op == Op.GUARDN);
    this.builder.brIf(this.exitLabel());
  }

  private pushValue(instruction: Instruction): void {
    if (!pushArithmetic(this, instruction) && !pushLoad(this, instruction)) refuse(`operation ${instruction.op} is not lowered`);
  }

  /** SLOAD: a value of the parent trace, a slot local or memory. */
  private lowerStackLoad(ref: Ref, instruction: Instruction): void {
    const builder = this.builder;
    const slot = instruction.immediate;
    const tag = instruction.immediate2;
    const isUsed = instruction.type != Type.VOID && this.plan.uses[ref] > 0;
    const inherited = this.state.get(slot);
    if (inherited !== null) {
      if (inherited.tag != tag && instruction.snapshot >= 0) builder.br(this.exitLabel());
      else if (isUsed) this.inherit(ref, inherited);
      return;
    }
    if (instruction.snapshot >= 0) {
      this.owner.pushSlotTag(slot);
      if (tag != TAG_NIL) {
        builder.i32(tag);
        builder.op(Wasm.i32_ne);
      }
      builder.brIf(this.exitLabel());
    }
    if (!isUsed) return;
    this.owner.pushSlotPayload(slot, instruction.type);
    builder.set(this.define(ref));
  }

  private inherit(ref: Ref, inherited: SlotValue): void {
    if (inherited.ref == NONE) refuse(`stack load ${ref} of a slot that has no payload`);
    if (this.plan.isPhiLeft[ref] == 0) this.aliases[ref] = inherited;
    else {
      inherited.source.push(inherited.ref);
      this.builder.set(this.define(ref));
    }
  }

  /** The loop-carried values, all at once: sources that are themselves left sides are saved first. */
  private copyPhis(): void {
    const builder = this.builder;
    const phis = this.plan.phis;
    const isPhiLeft = this.plan.isPhiLeft;
    const saved = new StaticArray<i32>(phis.length);
    for (let i = 0; i < phis.length; i++) {
      const right = phis[i].b;
      if (phis[i].a == right || right < 0 || isPhiLeft[right] == 0) continue;
      saved[i] = builder.local(this.typeOf(right));
      this.push(right);
      builder.set(saved[i]);
    }
    for (let i = 0; i < phis.length; i++) {
      const left = phis[i].a;
      const right = phis[i].b;
      if (left == right) continue;
      if (right < 0 || isPhiLeft[right] == 0) this.push(right);
      else builder.get(saved[i]);
      builder.set(this.locals[left]);
    }
  }

  // ---- Ends

  private emitEnd(): void {
    const trace = this.trace;
    const owner = this.owner;
    const end = this.snapshot(trace.endSnapshot);
    const state = overlay(this.state, this, end.entries);
    if (owner.jumpsToRoot(trace)) {
      owner.jumpToRoot(trace, state, this.passed);
      return;
    }
    if (trace.link == Link.RETURN && this.functionProto != 0) {
      owner.returnValues(overlay(owner.nothingChanged, this, this.snapshot(trace.resultSnapshot).entries));
      return;
    }
    if (trace.link == Link.SIDE) {
      const exit = this.planExit(ExitKind.GUARD, this.equalSnapshots[trace.endSnapshot], this.state);
      exit.passed.include(this.passed);
      this.emitExit(exit);
      return;
    }
    const kind = trace.link == Link.ROOT || trace.link == Link.LOOP ? ExitKind.LINK : ExitKind.END;
    owner.leave(state, owner.addExit(new ExitDescription(kind, trace.number, trace.endSnapshot, end.pc, end.frames, this.before + end.length)));
  }

  private emitExit(leaving: FragmentExit): void {
    const owner = this.owner;
    const there = this.snapshot(leaving.snapshot);
    const before = this.before + there.length;
    const side = leaving.side;
    if (side !== null) {
      new Fragment(owner, side, leaving.there, before, leaving.passed).emit();
      return;
    }
    const isBudget = leaving.kind == ExitKind.BUDGET;
    const exit = owner.addExit(new ExitDescription(leaving.kind, this.trace.number, leaving.snapshot, there.pc, there.frames, isBudget ? 0 : before));
    if (isBudget) owner.dropDeadSlots(this.trace, this.plan.work.allocates);
    const base = leaving.base;
    if (base === null && leaving.join == NO_LABEL) {
      owner.leave(leaving.there, exit);
      return;
    }
    owner.chooseExit(exit);
    if (leaving.join != NO_LABEL) this.builder.end();
    owner.storeLeaving(leaving.own);
    if (base !== null) this.builder.br(base.join);
    else owner.leaveChosen();
  }

  // ---- Small things

  private define(ref: Ref): i32 {
    const local = this.builder.local(this.typeOf(ref));
    this.locals[ref] = local;
    return local;
  }

  private instruction(ref: Ref): Instruction {
    if (ref >= this.trace.instructions.length) refuse(`reference ${ref} does not exist`);
    return this.trace.instructions[ref];
  }

  private snapshot(index: i32): Snapshot {
    if (index < 0 || index >= this.trace.snapshots.length) refuse(`snapshot ${index} does not exist`);
    return this.trace.snapshots[index];
  }
}

function findExit(exits: Array<FragmentExit>, kind: i32, snapshot: i32, state: SlotState): FragmentExit | null {
  for (let i = 0; i < exits.length; i++) {
    const exit = exits[i];
    if (exit.kind == kind && exit.snapshot == snapshot && exit.state == state) return exit;
  }
  return null;
}
