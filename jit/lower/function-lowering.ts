/**
 * Lowers a root trace, alone or with the side traces of its tree, to one Wasm function `(base: i32) -> exit number`.
 *
 *     budget and slot locals
 *     block spill
 *       loop entry              only if a trace jumps back to the root
 *         root fragment         its exits hold the fragments of the sides (fragment.ts)
 *       end
 *     end
 *     store the slot locals; return exit number
 *
 * A side trace that ends at the root's head jumps to `entry`: the pre-roll runs again and re-establishes its invariants with the values
 * in the slot locals (slot-state.ts). Each such jump and each loop iteration spends one unit of the same budget.
 *
 * Trees that call builtins or close upvalues keep no slot locals: those see the real stack, and builtins may change it through open upvalues.
 */
import { SLOT_TAG, VM_COLLECT_DUE, VM_TRACE_BUDGET } from '../../src/bytecode/layout.ts';
import { FunctionBuilder, type Label } from '../backend/function-builder.ts';
import type { FunctionCode } from '../backend/function-code.ts';
import type { WasmType } from '../backend/wasm-operations.ts';
import { type IRRef, NONE, type Trace } from '../ir/trace.ts';
import type { ExitDescription } from './exits.ts';
import { Fragment } from './fragment.ts';
import { pushSlotAddress, storePayload } from './memory-access.ts';
import { NOTHING_CHANGED, type SlotLocals, type SlotState, type SlotValue } from './slot-state.ts';
import { seesStack } from './value-plan.ts';

/** A trace or tree as a function, ready for a backend, with what the core must know about it. */
export interface LoweredFunction {
  readonly code: FunctionCode;
  /** By exit number. */
  readonly exits: readonly ExitDescription[];
  /** Stack slots above the root base it may write. */
  readonly stackSlots: number;
  /** Frames an exit may push. */
  readonly maxFrames: number;
}

/**
 * @param root the trace entered at the function's start: a root trace, or a side trace compiled alone
 * @param sides side traces of the tree; `parent.exit` is the index of a snapshot of the parent trace
 * @throws LoweringError if a trace is malformed
 */
export function lowerTree(root: Trace, sides: readonly Trace[]): LoweredFunction {
  return new FunctionLowering(root, sides).run();
}

/** One trace as a function of its own. */
export function lowerTrace(trace: Trace): LoweredFunction {
  return lowerTree(trace, []);
}

export class FunctionLowering {
  readonly builder = new FunctionBuilder();
  readonly #exits: ExitDescription[] = [];
  readonly #temporaries = new Map<string, number>();
  readonly #slotLocals = new Map<number, SlotLocals>();
  readonly #budget: number;
  readonly #exitNumber: number;
  #entry: Label | undefined;
  /** Where to go to store the slot locals and return; there is none if there are no slot locals. */
  #spill: Label | undefined;
  #budgetExit = -1;

  constructor(
    readonly root: Trace,
    readonly sides: readonly Trace[],
  ) {
    this.#budget = this.builder.local('i32');
    this.#exitNumber = this.builder.local('i32');
  }

  run(): LoweredFunction {
    const { builder, root, sides } = this;
    const traces = [root, ...sides];
    builder.i32(0);
    builder.load('i32.load', VM_TRACE_BUDGET);
    builder.set(this.#budget);
    if (traces.some((trace) => this.jumpsToRoot(trace))) this.#emitWithEntry(traces);
    else new Fragment(this, root, NOTHING_CHANGED).emit();
    const snapshots = traces.flatMap((trace) => trace.snapshots);
    const slots = snapshots.flatMap(({ entries }) => entries.map(({ slot }) => slot + 1));
    return {
      code: builder.finish(),
      exits: this.#exits,
      stackSlots: Math.max(...traces.map((trace) => trace.stackSlots), ...slots),
      maxFrames: Math.max(0, ...snapshots.map(({ frames }) => frames.length)),
    };
  }

  #emitWithEntry(traces: readonly Trace[]): void {
    const { builder } = this;
    if (!traces.some(seesStack)) this.#chooseSlotLocals();
    if (this.#slotLocals.size > 0) {
      this.#loadSlotLocals();
      this.#spill = builder.block();
    }
    this.#entry = builder.loop();
    new Fragment(this, this.root, NOTHING_CHANGED).emit();
    builder.end();
    if (this.#spill) {
      builder.end();
      this.#storeSlotLocals();
      builder.get(this.#exitNumber);
      builder.return();
    }
  }

  // ---- Structure of the tree

  /** Whether a trace ends at the start of this function, so that it can jump there. */
  jumpsToRoot({ link, endSnapshot, snapshots, instructions, number }: Trace): boolean {
    if (link.kind === 'root') return link.trace === this.root.number && snapshots[endSnapshot]?.frames.length === 0;
    return link.kind === 'loop' && number === this.root.number && !instructions.some(({ op }) => op === 'LOOP');
  }

  /** The side trace that starts at an exit of a trace, if the function contains it. */
  sideAt({ number }: Trace, isExit: (snapshot: number) => boolean): Trace | undefined {
    return this.sides.find(({ parent }) => parent?.trace === number && isExit(parent.exit));
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

  /** Stores values into the stack in memory. */
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

  /** Puts values where they belong: into slot locals or memory. */
  #writeSlots(state: SlotState): void {
    const { builder } = this;
    for (const [slot, value] of state) {
      const locals = this.#slotLocals.get(slot);
      if (!locals) {
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
   * Slots the root and its sides load from outside, and slots that jumps back to the root write.
   * Types are those of all loads and writes; a slot used with several is kept as bits.
   */
  #chooseSlotLocals(): void {
    const types = new Map<number, Set<WasmType>>();
    const add = (slot: number, type: WasmType | undefined): void => {
      const known = types.get(slot) ?? new Set();
      if (type) known.add(type);
      types.set(slot, known);
    };
    this.#collectSlots(this.root, new Map(), add);
    for (const [slot, seen] of types) {
      const type = seen.size === 1 && seen.has('f64') ? 'f64' : 'i64';
      this.#slotLocals.set(slot, { payload: this.builder.local(type), type, tag: this.builder.local('i32') });
    }
  }

  /** @param changed types of the slots whose values the trace inherits from its parents */
  #collectSlots(trace: Trace, changed: ReadonlyMap<number, WasmType | undefined>, add: (slot: number, type: WasmType | undefined) => void): void {
    for (const { op, type, immediate } of trace.instructions) {
      if (op === 'SLOAD' && !changed.has(immediate)) add(immediate, type === 'void' ? undefined : type);
    }
    const after = (snapshot: number): ReadonlyMap<number, WasmType | undefined> => {
      const result = new Map(changed);
      for (const { slot, ref } of trace.snapshots[snapshot]!.entries) result.set(slot, valueTypeOf(trace, ref));
      return result;
    };
    if (this.jumpsToRoot(trace)) for (const [slot, type] of after(trace.endSnapshot)) add(slot, type);
    for (const side of this.sides) {
      if (side.parent?.trace === trace.number) this.#collectSlots(side, after(side.parent.exit), add);
    }
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
    for (const [slot, { payload, type, tag }] of this.#slotLocals) {
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

  /** Leaves the function in this state. */
  leave(state: SlotState, exit: number): void {
    const { builder } = this;
    this.#writeSlots(state);
    builder.i32(exit);
    if (this.#spill) {
      builder.set(this.#exitNumber);
      builder.br(this.#spill);
    } else builder.return();
  }

  /** Jumps to the function's start in this state, or leaves if the budget is used up. */
  jumpToRoot({ number, endSnapshot, snapshots }: Trace, state: SlotState, allocates: boolean): void {
    const { builder } = this;
    const { pc, frames } = snapshots[endSnapshot]!;
    if (this.#budgetExit < 0) this.#budgetExit = this.addExit({ kind: 'budget', trace: number, snapshot: endSnapshot, pc, frames });
    this.#writeSlots(state);
    this.spendBudget(allocates);
    builder.if();
    this.leave(NOTHING_CHANGED, this.#budgetExit);
    builder.end();
    builder.br(this.#entry!);
  }

  /** Spends one unit and pushes whether to leave. @param allocates also if a collection is due */
  spendBudget(allocates: boolean): void {
    const { builder } = this;
    builder.get(this.#budget);
    builder.i32(1);
    builder.op('i32.sub');
    builder.tee(this.#budget);
    builder.op('i32.eqz');
    if (!allocates) return;
    builder.i32(0);
    builder.load('i32.load', VM_COLLECT_DUE);
    builder.op('i32.or');
  }

  /** A scratch local of this type; the same for the same index. */
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

function valueTypeOf(trace: Trace, ref: IRRef): WasmType | undefined {
  return ref === NONE ? undefined : (trace.typeOf(ref) as WasmType);
}
