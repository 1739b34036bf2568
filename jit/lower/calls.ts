/**
 * Lowering of calls out of a trace: helpers, the core's slow paths behind inline checks, and builtins in the real stack.
 * A trace imports only what it calls, and never the function table.
 */
import { EXITS_GLOBAL } from '../../src/engine/trace-module.ts';
import {
  EXIT_LEFT, EXIT_SIZE, EXIT_SYNCED, FRAME_SIZE, MARK_BLACK, OBJECT_MARK, SLOT_SIZE, TABLE_ARRAY_CAPACITY, TABLE_SLOT_CAPACITY,
} from '../../src/bytecode/layout.ts';
import type { FunctionBuilder } from '../wasm/function-builder.ts';
import type { FunctionImport } from '../wasm/function-code.ts';
import type { WasmType } from '../wasm/operations.ts';
import { HELPERS, Helper, type HelperDescription, type HelperName } from '../ir/helper-table.ts';
import type { Instruction } from '../ir/trace.ts';
import { BASE_LOCAL, type Emitter, FRAME_LOCAL, numberConstant, ROOM_LOCAL } from './emitter.ts';
import { LoweringError } from './lowering-error.ts';

const core = (name: string, parameters: readonly WasmType[], result?: WasmType): FunctionImport => ({ name, parameters, result });

/** Functions of the core that traces call besides the helpers of the IR. */
export const CORE_CALLS = {
  /** (table): makes room for one more array element; 0 if that failed. */
  appendRoom: core('traceAppendRoom', ['i32'], 'i32'),
  /** (table, slot index): makes room for the record slot; 0 if that failed. */
  slotRoom: core('traceSlotRoom', ['i32', 'i32'], 'i32'),
  /** (owner, value): the owner is black. */
  barrier: core('traceBarrier', ['i32', 'i32']),
  /**
   * (base, exit descriptor, offset of the function's slot from the base, arguments, wanted results): pushes the exit's frames, calls the builtin,
   * pads its results, pops the frames and returns 0; or leaves frames in memory to go on with and returns a negative number.
   */
  callBuiltin: core('traceCallBuiltin', ['i32', 'i32', 'i32', 'i32', 'i32'], 'i32'),
  /** (base, frame, room, exit descriptor, offset of the function's slot, prototype): calls another compiled function; frame 0: the thread's. */
  callFunction: core('traceCallFunction', ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'i32'),
  /** (base, frame, exit descriptor): a compiled function leaves, or what it called has left. EXIT_LEFT. */
  leave: core('traceLeave', ['i32', 'i32', 'i32'], 'i32'),
  unwind: core('traceUnwind', ['i32', 'i32', 'i32'], 'i32'),
} as const;

export { EXITS_GLOBAL };

const IMPORTS: readonly FunctionImport[] = (HELPERS as readonly HelperDescription[]).map(({ name, parameters, result }) => ({
  name,
  parameters: parameters as readonly WasmType[],
  result: result === 'void' ? undefined : result,
}));

/** Calls a helper with the operands on the stack. */
export function callHelper(builder: FunctionBuilder, name: HelperName): void {
  builder.call(IMPORTS[Helper[name]]!);
}

/** CALL. Leaves the result on the stack, if the helper has one. @returns whether it has */
export function pushCall(emitter: Emitter, instruction: Instruction): boolean {
  const imported = IMPORTS[instruction.immediate];
  if (!imported) throw new LoweringError(`unknown helper ${instruction.immediate}`);
  for (const ref of instruction.args) emitter.push(ref);
  emitter.builder.call(imported);
  return imported.result !== undefined;
}

/** APPEND_ROOM(table, length): the array part takes one more element, or the trace is left. */
export function lowerAppendRoom(emitter: Emitter, { a, b }: Instruction): void {
  const { builder } = emitter;
  emitter.push(b);
  emitter.push(a);
  builder.load('i32.load', TABLE_ARRAY_CAPACITY);
  builder.op('i32.ge_u');
  builder.if();
  emitter.push(a);
  builder.call(CORE_CALLS.appendRoom);
  builder.op('i32.eqz');
  builder.brIf(emitter.exitLabel());
  builder.end();
}

/** SLOT_ROOM(table): the record part has the slot `immediate`, or the trace is left. */
export function lowerSlotRoom(emitter: Emitter, { a, immediate }: Instruction): void {
  const { builder } = emitter;
  emitter.push(a);
  builder.load('i32.load', TABLE_SLOT_CAPACITY);
  builder.i32(immediate);
  builder.op('i32.le_u');
  builder.if();
  emitter.push(a);
  builder.i32(immediate);
  builder.call(CORE_CALLS.slotRoom);
  builder.op('i32.eqz');
  builder.brIf(emitter.exitLabel());
  builder.end();
}

/** BARRIER(owner, value): only a black owner needs the core. */
export function lowerBarrier(emitter: Emitter, { a, b }: Instruction): void {
  const { builder } = emitter;
  emitter.push(a);
  builder.load('i32.load8_u', OBJECT_MARK);
  builder.i32(MARK_BLACK);
  builder.op('i32.eq');
  builder.if();
  emitter.push(a);
  emitter.push(b);
  builder.call(CORE_CALLS.barrier);
  builder.end();
}

/** CALLB: a builtin in the real stack. If it left frames to go on with, so does the trace. */
export function lowerBuiltinCall(emitter: Emitter, { a, immediate, immediate2, snapshot }: Instruction): void {
  const { builder } = emitter;
  const wanted = numberConstant(emitter, a);
  if (wanted === undefined) throw new LoweringError('CALLB: the number of wanted results is not constant');
  emitter.storeState(snapshot);
  builder.get(BASE_LOCAL);
  const { exit } = emitter.callExit(snapshot);
  pushExit(builder, () => builder.i32(exit));
  builder.i32(immediate * SLOT_SIZE);
  builder.i32(immediate2);
  builder.i32(wanted);
  builder.call(CORE_CALLS.callBuiltin);
  builder.i32(0);
  builder.op('i32.lt_s');
  builder.if();
  builder.i32(EXIT_SYNCED);
  builder.return();
  builder.end();
}

/** Pushes the address of an exit's descriptor. */
export function pushExit(builder: FunctionBuilder, pushNumber: () => void): void {
  builder.global(EXITS_GLOBAL);
  pushNumber();
  builder.i32(EXIT_SIZE);
  builder.op('i32.mul');
  builder.op('i32.add');
}

/** CALLF: leaves the number of results in a local. If the callee left, so does the trace. */
export function lowerFunctionCall(emitter: Emitter, { a, immediate: slot, snapshot }: Instruction, produced: number): void {
  const { builder, functionProto } = emitter;
  const proto = numberConstant(emitter, a);
  if (proto === undefined) throw new LoweringError('CALLF: the function is not constant');
  emitter.storeState(snapshot);
  const { exit, frames } = emitter.callExit(snapshot);
  if (proto >>> 0 === functionProto) {
    pushSum(builder, BASE_LOCAL, (slot + 1) * SLOT_SIZE);
    pushSum(builder, FRAME_LOCAL, frames * FRAME_SIZE);
    builder.get(ROOM_LOCAL);
    builder.callSelf();
    builder.tee(produced);
    pushHasLeft(builder);
    builder.if();
    builder.get(BASE_LOCAL);
    builder.get(FRAME_LOCAL);
    pushExit(builder, () => builder.i32(exit));
    builder.call(CORE_CALLS.unwind);
  } else {
    builder.get(BASE_LOCAL);
    for (const local of [FRAME_LOCAL, ROOM_LOCAL]) {
      if (functionProto === 0) builder.i32(0);
      else builder.get(local);
    }
    pushExit(builder, () => builder.i32(exit));
    builder.i32(slot * SLOT_SIZE);
    builder.i32(proto);
    builder.call(CORE_CALLS.callFunction);
    builder.tee(produced);
    pushHasLeft(builder);
    builder.if();
    builder.i32(EXIT_LEFT);
  }
  builder.return();
  builder.end();
  emitter.reloadBudget();
}

function pushHasLeft(builder: FunctionBuilder): void {
  builder.i32(EXIT_LEFT);
  builder.op('i32.eq');
}

function pushSum(builder: FunctionBuilder, local: number, addend: number): void {
  builder.get(local);
  builder.i32(addend);
  builder.op('i32.add');
}
