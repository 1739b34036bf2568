/**
 * Lowers traces to one Wasm function `(base: i32) -> exit number`: a trace alone, a root trace with the side traces of its tree, or several
 * trees of the same frame that lead into one another.
 *
 *     budget and slot locals
 *     block spill
 *       loop dispatch             only for several trees; their entry is a parameter
 *         block start of tree 1
 *           branch to start of tree 1 if that is the entry
 *           loop entry            only if a trace of tree 0 jumps back to its root
 *             root fragment       its exits hold the fragments of the sides (fragment.ts)
 *           end
 *         end
 *         loop entry              tree 1
 *         ...
 *       end
 *     end
 *     store the slot locals; return exit number
 *
 * A trace that ends at a root's head jumps there: the pre-roll runs again and re-establishes its invariants with the values in the slot
 * locals (slot-state.ts). Each such jump and each loop iteration spends units of the same budget, by the length of the trace.
 *
 * The code of a whole function is `(base, frame, room) -> number of results`: its tree starts at the function's first instruction, and ends in returns. It looks at its
 * entry whether there is time and room for it, and leaves through the core, which pushes its frames.
 *
 * Trees that call builtins or close upvalues keep no slot locals: those see the real stack, and builtins may change it through open upvalues.
 *
 * Why more than 500 lines: a class cannot be in two files, and all of it is about the budget and the slot locals, which entries, jumps and exits share.
 */
import {
  FRAME_WORDS, ROUND_BITS, SLOT_TAG, TAG_NIL, VM_BUDGET, VM_COLLECT_DUE, VM_TRACE_BUDGET, VM_TRACE_LEFT,
} from '../../../src/bytecode/layout';
import { CoreCall, ExitKind, Op, Type } from '../generated/ir-tables';
import { Wasm } from '../generated/wasm-tables';
import { Link, NONE, SnapshotFrame, Trace } from '../ir/trace';
import { FunctionBuilder, Label, NO_LABEL } from '../wasm/function-builder';
import { FunctionCode } from '../wasm/function-code';
import { pushExit, pushExitOf } from './calls';
import { BASE_LOCAL, FRAME_LOCAL, ROOM_LOCAL } from './emitter';
import { ExitDescription } from './exits';
import { EnclosingFunction, Fragment } from './fragment';
import { loadOf, pushSlotAddress, storePayload } from './memory-access';
import { SlotLocals, SlotState, SlotValue } from './slot-state';
import { SlotUses } from './slot-uses';
import { callsFunction, INSTRUCTIONS_PER_UNIT, needsLook, seesStack, Work } from './value-plan';

/** A trace or tree as a function, with what the core must know about it. */
export class LoweredFunction {
  constructor(
    public code: FunctionCode,
    /** By exit number. */
    public exits: Array<ExitDescription>,
    /** Stack slots above the root base it may write. */
    public stackSlots: i32,
    /** Frames an exit may push. */
    public maxFrames: i32,
    /** The code of a whole function. */
    public isFunction: bool,
  ) {}
}

/** A root trace, entered at a loop's head, with its side traces; `parentExit` of a side is the index of a snapshot of its parent. */
export class TraceTree {
  /** The root and its sides. */
  traces: Array<Trace> = [];

  constructor(public root: Trace) {
    this.traces.push(root);
  }
}

/** @param trees the function gets an entry for the root of each; all roots belong to the same frame */
export function lowerTrees(trees: Array<TraceTree>): LoweredFunction {
  return new FunctionLowering(trees).run();
}

/** Words of the host's stack that a call of compiled code takes besides its locals, which are no more than instructions. */
const HOST_WORDS: i32 = 24;
/** Where the function jumps to when a trace ends at the root of this tree. */
const ENTRY_LOCAL: i32 = 1;
/** The exit whose number is in a local. */
const CHOSEN: i32 = -1;

class FunctionLowering extends EnclosingFunction {
  private trees: Array<TraceTree>;
  private traces: Array<Trace> = [];
  /** Side traces by the number of their parent. */
  private sides: Map<i32, Array<Trace>> = new Map();
  private exits: Array<ExitDescription> = [];
  /** By type, 0 if there is none yet. */
  private temporaries: StaticArray<i32> = new StaticArray<i32>(3);
  private slotLocals: Map<i32, SlotLocals> = new Map();
  private isFunction: bool;
  /** Local with the tree that is to be entered, if there are several. */
  private entryTree: i32;
  private budget: i32;
  private exitNumber: i32;
  private dispatch: Label = NO_LABEL;
  /** Index of the tree that is being emitted, and its entry. */
  private current: i32 = 0;
  private entry: Label = NO_LABEL;
  /** Where to go to store the slot locals and return; there is none if there are no slot locals. */
  private spill: Label = NO_LABEL;
  /** Exits at a root's head, by tree; -1 if there is none yet. */
  private budgetExits: StaticArray<i32>;

  constructor(trees: Array<TraceTree>) {
    const functionProto = trees[0].root.functionProto;
    const isFunction = functionProto != 0;
    super(isFunction ? new FunctionBuilder(1, ROOM_LOCAL + 1) : new FunctionBuilder(trees.length), functionProto);
    this.trees = trees;
    this.isFunction = isFunction;
    this.budgetExits = new StaticArray<i32>(trees.length).fill(-1);
    this.entryTree = isFunction ? this.builder.local(Type.I32) : ENTRY_LOCAL;
    this.budget = this.builder.local(Type.I32);
    this.exitNumber = this.builder.local(Type.I32);
    for (let i = 0; i < trees.length; i++) this.addTree(trees[i].traces);
  }

  private addTree(traces: Array<Trace>): void {
    for (let i = 0; i < traces.length; i++) {
      const trace = traces[i];
      this.traces.push(trace);
      if (i == 0) continue;
      if (!this.sides.has(trace.parent)) this.sides.set(trace.parent, []);
      this.sides.get(trace.parent).push(trace);
    }
  }

  run(): LoweredFunction {
    const builder = this.builder;
    const stackSlots = this.countStackSlots();
    const maxFrames = this.countFrames();
    this.loadBudget(this.isFunction ? VM_TRACE_LEFT : VM_TRACE_BUDGET);
    if (this.isFunction) this.enterFunction(stackSlots, maxFrames);
    if (this.keepsSlotLocals()) this.chooseSlotLocals();
    this.loadSlotLocals();
    if (this.writesSlotLocals()) this.spill = builder.block();
    if (this.trees.length == 1) this.emitTree(0);
    else this.emitTrees();
    if (this.spill != NO_LABEL) {
      builder.end();
      this.storeSlotLocals();
      this.returnExit(CHOSEN);
    }
    return new LoweredFunction(builder.finish(), this.exits, stackSlots, maxFrames, this.isFunction);
  }

  private countStackSlots(): i32 {
    let count = i32.MIN_VALUE;
    for (let i = 0; i < this.traces.length; i++) {
      const trace = this.traces[i];
      count = max(count, trace.stackSlots);
      for (let n = 0; n < trace.snapshots.length; n++) {
        const entries = trace.snapshots[n].entries;
        for (let e = 0; e < entries.length; e++) count = max(count, entries[e].slot + 1);
      }
    }
    return count;
  }

  private countFrames(): i32 {
    let count = 0;
    for (let i = 0; i < this.traces.length; i++) {
      const snapshots = this.traces[i].snapshots;
      for (let n = 0; n < snapshots.length; n++) count = max(count, snapshots[n].frames.length);
    }
    return count;
  }

  /** Spends what a call costs, and leaves if there is no budget, a collection is due, or there is no room: on the host's stack, in the thread's, for frames. */
  private enterFunction(stackSlots: i32, maxFrames: i32): void {
    const builder = this.builder;
    const root = this.trees[0].root;
    let length = 0;
    let others: bool = false;
    for (let i = 0; i < this.traces.length; i++) {
      const trace = this.traces[i];
      const instructions = trace.instructions;
      length += instructions.length;
      for (let n = 0; n < instructions.length && !others; n++) others = needsLook(instructions[n]) && !callsFunction(trace, instructions[n], this.functionProto);
    }
    this.spendBudget(1 + root.instructions.length / INSTRUCTIONS_PER_UNIT, others, others);
    builder.get(ROOM_LOCAL);
    builder.i32(max(max(HOST_WORDS + length, stackSlots), (maxFrames + 2) * <i32>FRAME_WORDS));
    builder.op(Wasm.i32_sub);
    builder.tee(ROOM_LOCAL);
    builder.i32(0);
    builder.op(Wasm.i32_lt_s);
    builder.op(Wasm.i32_or);
    builder.if();
    this.leave(this.nothingChanged, this.addExit(new ExitDescription(ExitKind.ENTRY, root.number, -1, root.startPc, new Array<SnapshotFrame>(), 0)));
    builder.end();
  }

  returnValues(results: SlotState): void {
    const builder = this.builder;
    if (results.size > 0) this.storeSlots(results);
    else this.storeTag(-1, TAG_NIL);
    this.storeBudget();
    builder.i32(results.size);
    builder.return();
  }

  private loadBudget(address: i32): void {
    const builder = this.builder;
    builder.i32(0);
    builder.load(Wasm.i32_load, address);
    builder.set(this.budget);
  }

  reloadBudget(): void {
    this.loadBudget(VM_TRACE_LEFT);
  }

  private emitTrees(): void {
    const builder = this.builder;
    const count = this.trees.length;
    this.dispatch = builder.loop();
    const starts = new StaticArray<Label>(count);
    for (let tree = count - 1; tree > 0; tree--) starts[tree] = builder.block();
    for (let tree = 1; tree < count; tree++) {
      builder.get(this.entryTree);
      builder.i32(tree);
      builder.op(Wasm.i32_eq);
      builder.brIf(starts[tree]);
    }
    this.emitTree(0);
    for (let tree = 1; tree < count; tree++) {
      builder.end();
      this.emitTree(tree);
    }
    builder.end();
  }

  private emitTree(index: i32): void {
    const builder = this.builder;
    const tree = this.trees[index];
    let repeats: bool = false;
    for (let i = 0; i < tree.traces.length && !repeats; i++) repeats = this.targetOf(tree.traces[i]) == index;
    this.current = index;
    this.entry = repeats ? builder.loop() : NO_LABEL;
    new Fragment(this, tree.root, this.nothingChanged, 0, new Work()).emit();
    if (repeats) builder.end();
  }

  // ---- Structure of the trees

  /** The tree at whose root a trace ends, -1 if it ends elsewhere. */
  private targetOf(trace: Trace): i32 {
    const link = trace.link;
    if ((link != Link.LOOP && link != Link.ROOT) || trace.endSnapshot < 0 || trace.snapshots[trace.endSnapshot].frames.length != 0) return -1;
    if (link == Link.LOOP && hasLoop(trace)) return -1;
    const target = link == Link.ROOT ? trace.linkTrace : trace.number;
    for (let i = 0; i < this.trees.length; i++) {
      if (this.trees[i].root.number == target) return i;
    }
    return -1;
  }

  jumpsToRoot(trace: Trace): bool {
    return this.targetOf(trace) >= 0;
  }

  sideAt(trace: Trace, equalSnapshots: StaticArray<i32>, snapshot: i32): Trace | null {
    if (!this.sides.has(trace.number)) return null;
    const sides = this.sides.get(trace.number);
    for (let i = 0; i < sides.length; i++) {
      if (equalSnapshots[sides[i].parentExit] == snapshot) return sides[i];
    }
    return null;
  }

  // ---- Slots

  private localsOf(slot: i32): SlotLocals | null {
    return this.slotLocals.has(slot) ? this.slotLocals.get(slot) : null;
  }

  pushSlotTag(slot: i32): void {
    const builder = this.builder;
    const locals = this.localsOf(slot);
    if (locals !== null) builder.get(locals.tag);
    else builder.load(Wasm.i32_load, pushSlotAddress(builder, slot) + <i32>SLOT_TAG);
  }

  pushSlotPayload(slot: i32, type: i32): void {
    const builder = this.builder;
    const locals = this.localsOf(slot);
    if (locals === null) {
      builder.load(loadOf(type), pushSlotAddress(builder, slot));
      return;
    }
    builder.get(locals.payload);
    if (type == Type.F64) {
      if (locals.type == Type.I64) builder.op(Wasm.f64_reinterpret_i64);
      return;
    }
    if (locals.type == Type.F64) builder.op(Wasm.i64_reinterpret_f64);
    if (type == Type.I32) builder.op(Wasm.i32_wrap_i64);
  }

  storeSlots(state: SlotState): void {
    for (let i = 0; i < state.size; i++) this.storeSlot(state.slots[i], state.values[i]);
  }

  private storeSlot(slot: i32, value: SlotValue): void {
    const builder = this.builder;
    if (value.ref != NONE) {
      const offset = pushSlotAddress(builder, slot);
      storePayload(builder, value.source, value.ref, offset);
    }
    this.storeTag(slot, value.tag);
  }

  private storeTag(slot: i32, tag: i32): void {
    const builder = this.builder;
    const offset = pushSlotAddress(builder, slot);
    builder.i32(tag);
    builder.store(Wasm.i32_store, offset + <i32>SLOT_TAG);
  }

  /** Puts values where they belong: into slot locals or memory. @param leaves the function is left: memory is what counts */
  private writeSlots(state: SlotState, leaves: bool): void {
    for (let i = 0; i < state.size; i++) {
      const slot = state.slots[i];
      const locals = this.localsOf(slot);
      if (locals === null || (leaves && !locals.isWritten)) this.storeSlot(slot, state.values[i]);
      else this.setSlotLocals(locals, state.values[i]);
    }
  }

  private setSlotLocals(locals: SlotLocals, value: SlotValue): void {
    const builder = this.builder;
    if (value.ref != NONE) {
      value.source.push(value.ref);
      const type = value.source.typeOf(value.ref);
      if (type == Type.I32) builder.op(Wasm.i64_extend_i32_u);
      if (type == Type.F64 && locals.type == Type.I64) builder.op(Wasm.i64_reinterpret_f64);
      else if (type != Type.F64 && locals.type == Type.F64) builder.op(Wasm.f64_reinterpret_i64);
      builder.set(locals.payload);
    }
    builder.i32(value.tag);
    builder.set(locals.tag);
  }

  /** Does some trace jump to a root, and does none look at the real stack? */
  private keepsSlotLocals(): bool {
    let jumps: bool = false;
    for (let i = 0; i < this.traces.length && !jumps; i++) jumps = this.jumpsToRoot(this.traces[i]);
    if (!jumps) return false;
    for (let i = 0; i < this.traces.length; i++) {
      if (seesStack(this.traces[i])) return false;
    }
    return true;
  }

  /**
   * Slots the roots load get locals. Not those that only sides load or write: all slot locals are loaded at each entry.
   * A slot used with several types is kept as bits.
   */
  private chooseSlotLocals(): void {
    const uses = new SlotUses();
    for (let i = 0; i < this.trees.length; i++) uses.addLoads(this.trees[i].root);
    for (let i = 0; i < this.trees.length; i++) this.collectWrites(this.trees[i].root, new Map(), uses);
    for (let i = 0; i < uses.slots.length; i++) {
      const slot = uses.slots[i];
      const type = uses.isFloat[i] ? Type.F64 : Type.I64;
      const payload = this.builder.local(type);
      this.slotLocals.set(slot, new SlotLocals(payload, type, this.builder.local(Type.I32), uses.isWritten[i]));
    }
  }

  /** Slots that the jumps of a trace and of those that hang on it write. @param changed type of each slot that it inherits from its parents */
  private collectWrites(trace: Trace, changed: Map<i32, i32>, uses: SlotUses): void {
    if (this.jumpsToRoot(trace)) uses.addWrites(changedAt(trace, changed, trace.endSnapshot));
    if (!this.sides.has(trace.number)) return;
    const sides = this.sides.get(trace.number);
    for (let i = 0; i < sides.length; i++) this.collectWrites(sides[i], changedAt(trace, changed, sides[i].parentExit), uses);
  }

  private loadSlotLocals(): void {
    const builder = this.builder;
    const slots = this.slotLocals.keys();
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i];
      const locals = this.slotLocals.get(slot);
      builder.load(loadOf(locals.type), pushSlotAddress(builder, slot));
      builder.set(locals.payload);
      builder.load(Wasm.i32_load, pushSlotAddress(builder, slot) + <i32>SLOT_TAG);
      builder.set(locals.tag);
    }
  }

  private writesSlotLocals(): bool {
    const locals = this.slotLocals.values();
    for (let i = 0; i < locals.length; i++) {
      if (locals[i].isWritten) return true;
    }
    return false;
  }

  private storeSlotLocals(): void {
    const builder = this.builder;
    const slots = this.slotLocals.keys();
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i];
      const locals = this.slotLocals.get(slot);
      if (!locals.isWritten) continue;
      const offset = pushSlotAddress(builder, slot);
      builder.get(locals.payload);
      builder.store(locals.type == Type.F64 ? Wasm.f64_store : Wasm.i64_store, offset);
      const tagOffset = pushSlotAddress(builder, slot) + <i32>SLOT_TAG;
      builder.get(locals.tag);
      builder.store(Wasm.i32_store, tagOffset);
    }
  }

  // ---- Ways out

  addExit(exit: ExitDescription): i32 {
    return this.exits.push(exit) - 1;
  }

  leave(state: SlotState, exit: i32): void {
    this.storeLeaving(state);
    if (this.spill != NO_LABEL) {
      this.chooseExit(exit);
      this.leaveChosen();
    } else {
      this.storeBudget();
      this.returnExit(exit);
    }
  }

  chooseExit(exit: i32): void {
    this.builder.i32(exit);
    this.builder.set(this.exitNumber);
  }

  storeLeaving(state: SlotState): void {
    this.writeSlots(state, true);
  }

  leaveChosen(): void {
    this.storeBudget();
    if (this.spill != NO_LABEL) this.builder.br(this.spill);
    else this.returnExit(CHOSEN);
  }

  /** All is stored: leaves the function. @param exit its number, or CHOSEN */
  private returnExit(exit: i32): void {
    const builder = this.builder;
    if (this.isFunction) {
      builder.get(BASE_LOCAL);
      builder.get(FRAME_LOCAL);
      if (exit == CHOSEN) pushExitOf(builder, this.exitNumber);
      else pushExit(builder, exit);
      builder.call(CoreCall.LEAVE);
    } else if (exit == CHOSEN) builder.get(this.exitNumber);
    else builder.i32(exit);
    builder.return();
  }

  dropDeadSlots(trace: Trace, allocates: bool): void {
    if (!allocates) return;
    const slots = trace.deadSlots;
    for (let i = 0; i < slots.length; i++) this.storeTag(slots[i], TAG_NIL);
  }

  /** Jumps to the root a trace ends at, in this state, or leaves if the budget is used up. */
  jumpToRoot(trace: Trace, state: SlotState, passed: Work): void {
    const builder = this.builder;
    const target = this.targetOf(trace);
    this.writeSlots(state, false);
    this.spendBudget(passed.units, passed.allocates, passed.works);
    builder.if();
    this.dropDeadSlots(this.trees[target].root, passed.allocates);
    this.leave(this.nothingChanged, this.budgetExit(target, trace));
    builder.end();
    if (target == this.current) builder.br(this.entry);
    else {
      builder.i32(target);
      builder.set(this.entryTree);
      builder.br(this.dispatch);
    }
  }

  /** The exit at the head of a tree's root, which traces that end there share. */
  private budgetExit(tree: i32, trace: Trace): i32 {
    if (this.budgetExits[tree] < 0) {
      const end = trace.snapshots[trace.endSnapshot];
      this.budgetExits[tree] = this.addExit(new ExitDescription(ExitKind.BUDGET, trace.number, trace.endSnapshot, end.pc, end.frames, 0));
    }
    return this.budgetExits[tree];
  }

  storeBudget(): void {
    const builder = this.builder;
    builder.i32(0);
    builder.get(this.budget);
    builder.store(Wasm.i32_store, VM_TRACE_LEFT);
  }

  /** Counts a round and spends what it costs, and pushes whether to leave: also if a collection is due, or if helpers have used up the budget of all. */
  spendBudget(units: i32, allocates: bool, works: bool): void {
    const builder = this.builder;
    builder.get(this.budget);
    builder.i32((units << ROUND_BITS) - 1);
    builder.op(Wasm.i32_sub);
    builder.tee(this.budget);
    builder.i32(1 << ROUND_BITS);
    builder.op(Wasm.i32_lt_s);
    if (allocates) {
      builder.i32(0);
      builder.load(Wasm.i32_load, VM_COLLECT_DUE);
      builder.op(Wasm.i32_or);
    }
    if (!works) return;
    builder.i32(0);
    builder.load(Wasm.i32_load, VM_BUDGET);
    builder.i32(0);
    builder.op(Wasm.i32_lt_s);
    builder.op(Wasm.i32_or);
  }

  temporary(type: i32): i32 {
    if (this.temporaries[type] == 0) this.temporaries[type] = this.builder.local(type);
    return this.temporaries[type];
  }
}

function hasLoop(trace: Trace): bool {
  const instructions = trace.instructions;
  for (let i = 0; i < instructions.length; i++) {
    if (instructions[i].op == Op.LOOP) return true;
  }
  return false;
}

/** Type of each slot that differs from the root's head at a snapshot of a trace. */
function changedAt(trace: Trace, changed: Map<i32, i32>, snapshot: i32): Map<i32, i32> {
  const result = new Map<i32, i32>();
  const slots = changed.keys();
  for (let i = 0; i < slots.length; i++) result.set(slots[i], changed.get(slots[i]));
  const entries = trace.snapshots[snapshot].entries;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    result.set(entry.slot, entry.ref == NONE ? Type.VOID : trace.typeOf(entry.ref));
  }
  return result;
}
