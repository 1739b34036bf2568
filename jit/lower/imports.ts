/** Functions of the core that traces import. The JIT's core has the same numbers: its tables are generated from here. */
import { HELPERS } from '../ir/helper-table.ts';
import type { FunctionImport } from '../wasm/function-code.ts';
import type { WasmType } from '../wasm/operations.ts';

const core = (name: string, parameters: readonly WasmType[], result?: WasmType): FunctionImport => ({ name, parameters, result });

/** Those that lowering calls besides the helpers of the IR. */
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

/** By number. */
export const IMPORTS: readonly FunctionImport[] = [
  ...HELPERS.map(({ name, parameters, result }) => ({ name, parameters, result: result === 'void' ? undefined : result })), ...Object.values(CORE_CALLS),
];
