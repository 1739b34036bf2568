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
 */
import {
  FRAME_WORDS, ROUND_BITS, SLOT_TAG, TAG_NIL, VM_BUDGET, VM_COLLECT_DUE, VM_TRACE_BUDGET, VM_TRACE_LEFT,
} from '../../src/bytecode/layout.ts';
import { FunctionBuilder, type Label } from '../wasm/function-builder.ts';
import type { FunctionCode } from '../wasm/function-code.ts';
import type { WasmType } from '../wasm/operations.ts';
import type { IRType } from '../ir/ir-table.ts';
import { NONE, type Trace } from '../ir/trace.ts';
import { CORE_CALLS, pushExit } from './calls.ts';
import { BASE_LOCAL, FRAME_LOCAL, ROOM_LOCAL } from './emitter.ts';
import type { ExitDescription } from './exits.ts';
import { type EnclosingFunction, Fragment } from './fragment.ts';
import { pushSlotAddress, storePayload } from './memory-access.ts';
import { NOTHING_CHANGED, type SlotLocals, type SlotState, type SlotValue } from './slot-state.ts';
import { callsFunction, INSTRUCTIONS_PER_UNIT, needsLook, seesStack, type ValuePlan } from './value-plan.ts';

/** A trace or tree as a function, ready for a backend, with what the core must know about it. */
export interface LoweredFunction {
  readonly code: FunctionCode;
  /** By exit number. */
  readonly exits: readonly ExitDescription[];
  /** Stack slots above the root base it may write. */
  readonly stackSlots: number;
  /** Frames an exit may push. */
  readonly maxFrames: number;
  /** The code of a whole function. */
  readonly isFunction: boolean;
}

/** A root trace, entered at a loop's head, with its side traces; `parent.exit` of a side is the index of a snapshot of its parent. */
export interface TraceTree {
  readonly root: Trace;
  readonly sides: readonly Trace[];
}

/**
 * @param trees the function gets an entry for the root of each; all roots belong to the same frame
 * @throws LoweringError if a trace is malformed
 */
export function lowerTrees(trees: readonly TraceTree[]): LoweredFunction {
  return new FunctionLowering(trees).run();
}

/** One trace as a function of its own: a root, or a side trace that is not part of its tree's function yet. */
export function lowerTrace(trace: Trace): LoweredFunction {
  return lowerTrees([{ root: trace, sides: [] }]);
}

/** Words of the host's stack that a call of compiled code takes besides its locals, which are no more than instructions. */
const HOST_WORDS = 24;
/** Where the function jumps to when a trace ends at the root of this tree. */
const ENTRY_LOCAL = 1;

class FunctionLowering implements EnclosingFunction {
  readonly builder;
  readonly #trees: readonly TraceTree[];
  readonly #traces: readonly Trace[];
  /** Side traces by the number of their parent. */
  readonly #sides = new Map<number, Trace[]>();
  readonly #exits: ExitDescription[] = [];
  readonly #temporaries = new Map<string, number>();
  readonly #slotLocals = new Map<number, SlotLocals>();
  readonly functionProto: number;
  /** Local with the tree that is to be entered, if there are several. */
  readonly #entryTree: number;
  readonly #budget: number;
  readonly #exitNumber: number;
  #dispatch: Label | undefined;
  /** Index of the tree that is being emitted, and its entry. */
  #current = 0;
  #entry: Label | undefined;
  /** Where to go to store the slot locals and return; there is none if there are no slot locals. */
  #spill: Label | undefined;
  /** Exits at a root's head, by tree. */
  readonly #budgetExits = new Map<number, number>();

  constructor(trees: readonly TraceTree[]) {
    this.#trees = trees;
    this.#traces = trees.flatMap(({ root, sides }) => [root, ...sides]);
    for (const side of trees.flatMap(({ sides }) => sides)) {
      const parent = side.parent!.trace;
      this.#sides.set(parent, [...(this.#sides.get(parent) ?? []), side]);
    }
    this.functionProto = trees[0]!.root.functionProto;
    this.builder = this.#isFunction ? new FunctionBuilder(1, ROOM_LOCAL + 1) : new FunctionBuilder(trees.length);
    this.#entryTree = this.#isFunction ? this.builder.local('i32') : ENTRY_LOCAL;
    this.#budget = this.builder.local('i32');
    this.#exitNumber = this.builder.local('i32');
  }

  get #isFunction(): boolean {
    return this.functionProto !== 0;
  }

  run(): LoweredFunction {
    const { builder } = this;
    const snapshots = this.#traces.flatMap((trace) => trace.snapshots);
    const slots = snapshots.flatMap(({ entries }) => entries.map(({ slot }) => slot + 1));
    const stackSlots = Math.max(...this.#traces.map((trace) => trace.stackSlots), ...slots);
    const maxFrames = Math.max(0, ...snapshots.map(({ frames }) => frames.length));
    this.#loadBudget(this.#isFunction ? VM_TRACE_LEFT : VM_TRACE_BUDGET);
    if (this.#isFunction) this.#enterFunction(stackSlots, maxFrames);
    const jumps = this.#traces.some((trace) => this.jumpsToRoot(trace));
    if (jumps && !this.#traces.some(seesStack)) this.#chooseSlotLocals();
    this.#loadSlotLocals();
    if ([...this.#slotLocals.values()].some(({ isWritten }) => isWritten)) this.#spill = builder.block();
    if (this.#trees.length === 1) this.#emitTree(0);
    else this.#emitTrees();
    if (this.#spill) {
      builder.end();
      this.#storeSlotLocals();
      this.#returnExit(() => builder.get(this.#exitNumber));
    }
    return { code: builder.finish(), exits: this.#exits, stackSlots, maxFrames, isFunction: this.#isFunction };
  }

  /** Spends what a call costs, and leaves if there is no budget, a collection is due, or there is no room: on the host's stack, in the thread's, for frames. */
  #enterFunction(stackSlots: number, maxFrames: number): void {
    const { builder } = this;
    const { root } = this.#trees[0]!;
    const others = this.#traces.some((trace) => trace.instructions.some((instruction) => needsLook(instruction) && !callsFunction(trace, instruction, this.functionProto)));
    this.spendBudget({ units: 1 + Math.floor(root.instructions.length / INSTRUCTIONS_PER_UNIT), allocates: others, works: others });
    const length = this.#traces.reduce((sum, { instructions }) => sum + instructions.length, 0);
    builder.get(ROOM_LOCAL);
    builder.i32(Math.max(HOST_WORDS + length, stackSlots, (maxFrames + 2) * FRAME_WORDS));
    builder.op('i32.sub');
    builder.tee(ROOM_LOCAL);
    builder.i32(0);
    builder.op('i32.lt_s');
    builder.op('i32.or');
    builder.if();
    this.leave(NOTHING_CHANGED, this.addExit({ kind: 'entry', trace: root.number, snapshot: -1, pc: root.startPc, frames: [], length: 0 }));
    builder.end();
  }

  returnValues(results: SlotState): void {
    const { builder } = this;
    if (results.size > 0) this.storeSlots(results);
    else {
      const offset = pushSlotAddress(this, -1) + SLOT_TAG;
      builder.i32(TAG_NIL);
      builder.store('i32.store', offset);
    }
    this.storeBudget();
    builder.i32(results.size);
    builder.return();
  }

  #loadBudget(address: number): void {
    const { builder } = this;
    builder.i32(0);
    builder.load('i32.load', address);
    builder.set(this.#budget);
  }

  reloadBudget(): void {
    this.#loadBudget(VM_TRACE_LEFT);
  }

  #emitTrees(): void {
    const { builder } = this;
    this.#dispatch = builder.loop();
    const others = this.#trees.slice(1).map((_, index) => index + 1);
    const starts = others.toReversed().map(() => builder.block()).reverse();
    for (const tree of others) {
      builder.get(this.#entryTree);
      builder.i32(tree);
      builder.op('i32.eq');
      builder.brIf(starts[tree - 1]!);
    }
    this.#emitTree(0);
    for (const tree of others) {
      builder.end();
      this.#emitTree(tree);
    }
    builder.end();
  }

  #emitTree(index: number): void {
    const { builder } = this;
    const { root, sides } = this.#trees[index]!;
    const repeats = [root, ...sides].some((trace) => this.#targetOf(trace) === index);
    this.#current = index;
    this.#entry = repeats ? builder.loop() : undefined;
    new Fragment(this, root, NOTHING_CHANGED, 0).emit();
    if (repeats) builder.end();
  }

  // ---- Structure of the trees

  /** The tree at whose root a trace ends, -1 if it ends elsewhere. */
  #targetOf({ link, endSnapshot, snapshots, instructions, number }: Trace): number {
    if ((link.kind !== 'loop' && link.kind !== 'root') || snapshots[endSnapshot]?.frames.length !== 0) return -1;
    const target = link.kind === 'root' ? link.trace : instructions.some(({ op }) => op === 'LOOP') ? -1 : number;
    return this.#trees.findIndex(({ root }) => root.number === target);
  }

  jumpsToRoot(trace: Trace): boolean {
    return this.#targetOf(trace) >= 0;
  }

  sideAt({ number }: Trace, isExit: (snapshot: number) => boolean): Trace | undefined {
    return this.#sides.get(number)?.find(({ parent }) => isExit(parent!.exit));
  }

  // ---- Slots

  pushSlotTag(slot: number): void {
    const { builder } = this;
    const locals = this.#slotLocals.get(slot);
    if (locals) builder.get(locals.tag);
    else builder.load('i32.load', pushSlotAddress(this, slot) + SLOT_TAG);
  }

  pushSlotPayload(slot: number, type: WasmType): void {
    const { builder } = this;
    const locals = this.#slotLocals.get(slot);
    if (!locals) {
      builder.load(`${type}.load`, pushSlotAddress(this, slot));
      return;
    }
    builder.get(locals.payload);
    if (type === 'f64') {
      if (locals.type === 'i64') builder.op('f64.reinterpret_i64');
      return;
    }
    if (locals.type === 'f64') builder.op('i64.reinterpret_f64');
    if (type === 'i32') builder.op('i32.wrap_i64');
  }

  storeSlots(state: SlotState): void {
    for (const [slot, value] of state) this.#storeSlot(slot, value);
  }

  #storeSlot(slot: number, { source, ref, tag }: SlotValue): void {
    const { builder } = this;
    if (ref !== NONE) {
      const offset = pushSlotAddress(this, slot);
      storePayload(this, source.typeOf(ref), offset, () => source.push(ref));
    }
    const offset = pushSlotAddress(this, slot);
    builder.i32(tag);
    builder.store('i32.store', offset + SLOT_TAG);
  }

  /** Puts values where they belong: into slot locals or memory. @param leaves the function is left: memory is what counts */
  #writeSlots(state: SlotState, leaves: boolean): void {
    const { builder } = this;
    for (const [slot, value] of state) {
      const locals = this.#slotLocals.get(slot);
      if (!locals || (leaves && !locals.isWritten)) {
        this.#storeSlot(slot, value);
        continue;
      }
      const { source, ref, tag } = value;
      if (ref !== NONE) {
        source.push(ref);
        const type = source.typeOf(ref);
        if (type === 'i32') builder.op('i64.extend_i32_u');
        if (type === 'f64' && locals.type === 'i64') builder.op('i64.reinterpret_f64');
        else if (type !== 'f64' && locals.type === 'f64') builder.op('f64.reinterpret_i64');
        builder.set(locals.payload);
      }
      builder.i32(tag);
      builder.set(locals.tag);
    }
  }

  /**
   * Slots the roots load get locals. Not those that only sides load or write: all slot locals are loaded at each entry.
   * A slot used with several types is kept as bits.
   */
  #chooseSlotLocals(): void {
    const isFloat = new Map<number, boolean>();
    for (const { root } of this.#trees) {
      for (const { op, type, immediate: slot } of root.instructions) {
        if (op === 'SLOAD') isFloat.set(slot, type === 'f64' && isFloat.get(slot) !== false);
      }
    }
    const written = new Set<number>();
    const note = (slot: number, type: IRType): void => {
      if (!isFloat.has(slot)) return;
      written.add(slot);
      if (type !== 'f64' && type !== 'void') isFloat.set(slot, false);
    };
    for (const { root } of this.#trees) this.#collectWrites(root, new Map(), note);
    for (const [slot, float] of isFloat) {
      const type = float ? 'f64' : 'i64';
      const isWritten = written.has(slot);
      this.#slotLocals.set(slot, { payload: this.builder.local(type), type, tag: this.builder.local('i32'), isWritten });
    }
  }

  /** Slots that the jumps of a trace and of those that hang on it write. @param changed what it inherits from its parents */
  #collectWrites(trace: Trace, changed: ReadonlyMap<number, IRType>, note: (slot: number, type: IRType) => void): void {
    const after = (snapshot: number): ReadonlyMap<number, IRType> => {
      const result = new Map(changed);
      for (const { slot, ref } of trace.snapshots[snapshot]!.entries) result.set(slot, ref === NONE ? 'void' : trace.typeOf(ref));
      return result;
    };
    if (this.jumpsToRoot(trace)) for (const [slot, type] of after(trace.endSnapshot)) note(slot, type);
    for (const side of this.#sides.get(trace.number) ?? []) this.#collectWrites(side, after(side.parent!.exit), note);
  }

  #loadSlotLocals(): void {
    const { builder } = this;
    for (const [slot, { payload, type, tag }] of this.#slotLocals) {
      builder.load(`${type}.load`, pushSlotAddress(this, slot));
      builder.set(payload);
      builder.load('i32.load', pushSlotAddress(this, slot) + SLOT_TAG);
      builder.set(tag);
    }
  }

  #storeSlotLocals(): void {
    const { builder } = this;
    for (const [slot, { payload, type, tag, isWritten }] of this.#slotLocals) {
      if (!isWritten) continue;
      const offset = pushSlotAddress(this, slot);
      builder.get(payload);
      builder.store(`${type}.store`, offset);
      const tagOffset = pushSlotAddress(this, slot) + SLOT_TAG;
      builder.get(tag);
      builder.store('i32.store', tagOffset);
    }
  }

  // ---- Ways out

  addExit(exit: ExitDescription): number {
    return this.#exits.push(exit) - 1;
  }

  leave(state: SlotState, exit: number): void {
    this.storeLeaving(state);
    if (this.#spill) {
      this.chooseExit(exit);
      this.leaveChosen();
    } else {
      this.storeBudget();
      this.#returnExit(() => this.builder.i32(exit));
    }
  }

  chooseExit(exit: number): void {
    const { builder } = this;
    builder.i32(exit);
    builder.set(this.#exitNumber);
  }

  storeLeaving(state: SlotState): void {
    this.#writeSlots(state, true);
  }

  leaveChosen(): void {
    this.storeBudget();
    if (this.#spill) this.builder.br(this.#spill);
    else this.#returnExit(() => this.builder.get(this.#exitNumber));
  }

  /** All is stored: leaves the function. */
  #returnExit(pushNumber: () => void): void {
    const { builder } = this;
    if (this.#isFunction) {
      builder.get(BASE_LOCAL);
      builder.get(FRAME_LOCAL);
      pushExit(builder, pushNumber);
      builder.call(CORE_CALLS.leave);
    } else pushNumber();
    builder.return();
  }

  dropDeadSlots({ deadSlots }: Trace, allocates: boolean): void {
    if (!allocates) return;
    const { builder } = this;
    for (const slot of deadSlots) {
      const offset = pushSlotAddress(this, slot) + SLOT_TAG;
      builder.i32(TAG_NIL);
      builder.store('i32.store', offset);
    }
  }

  /** Jumps to the root a trace ends at, in this state, or leaves if the budget is used up. */
  jumpToRoot(trace: Trace, state: SlotState, plan: ValuePlan): void {
    const { builder } = this;
    const target = this.#targetOf(trace);
    this.#writeSlots(state, false);
    this.spendBudget(plan);
    builder.if();
    this.dropDeadSlots(this.#trees[target]!.root, plan.allocates);
    this.leave(NOTHING_CHANGED, this.#budgetExit(target, trace));
    builder.end();
    if (target === this.#current) builder.br(this.#entry!);
    else {
      builder.i32(target);
      builder.set(this.#entryTree);
      builder.br(this.#dispatch!);
    }
  }

  /** The exit at the head of a tree's root, which traces that end there share. */
  #budgetExit(tree: number, { number, endSnapshot, snapshots }: Trace): number {
    let exit = this.#budgetExits.get(tree);
    if (exit === undefined) {
      const { pc, frames } = snapshots[endSnapshot]!;
      exit = this.addExit({ kind: 'budget', trace: number, snapshot: endSnapshot, pc, frames, length: 0 });
      this.#budgetExits.set(tree, exit);
    }
    return exit;
  }

  storeBudget(): void {
    const { builder } = this;
    builder.i32(0);
    builder.get(this.#budget);
    builder.store('i32.store', VM_TRACE_LEFT);
  }

  /** Counts a round and spends what it costs, and pushes whether to leave: also if a collection is due, or if helpers have used up the budget of all. */
  spendBudget({ units, allocates, works }: Pick<ValuePlan, 'units' | 'allocates' | 'works'>): void {
    const { builder } = this;
    builder.get(this.#budget);
    builder.i32((units << ROUND_BITS) - 1);
    builder.op('i32.sub');
    builder.tee(this.#budget);
    builder.i32(1 << ROUND_BITS);
    builder.op('i32.lt_s');
    if (allocates) {
      builder.i32(0);
      builder.load('i32.load', VM_COLLECT_DUE);
      builder.op('i32.or');
    }
    if (!works) return;
    builder.i32(0);
    builder.load('i32.load', VM_BUDGET);
    builder.i32(0);
    builder.op('i32.lt_s');
    builder.op('i32.or');
  }

  temporary(type: WasmType, index: number): number {
    const key = `${type}${index}`;
    let local = this.#temporaries.get(key);
    if (local === undefined) {
      local = this.builder.local(type);
      this.#temporaries.set(key, local);
    }
    return local;
  }
}
