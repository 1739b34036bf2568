/** What records each opcode, by name; loops by the name of their counting form. What is missing here cannot be recorded. */
import type { OpName } from '../../../src/bytecode/opcode-table.ts';
import { ARITHMETIC_RECORDERS } from './arithmetic.ts';
import { CALL_RECORDERS } from './call.ts';
import { COMPARE_RECORDERS } from './compare.ts';
import { LOAD_RECORDERS } from './load.ts';
import { atLoopHead, LOOP_RECORDERS } from './loop.ts';
import { OBJECT_RECORDERS } from './object.ts';
import { TABLE_RECORDERS } from './table.ts';
import { UPVALUE_RECORDERS } from './upvalue.ts';
import type { OpcodeRecorders } from '../core/recorder.ts';
import type { RecordFunction } from '../core/recording.ts';

interface RecorderGroup {
  /** How the group's instructions are compiled, for docs/jit.md. */
  readonly how: string;
  readonly recorders: { readonly [name in OpName]?: RecordFunction };
}

export const RECORDER_GROUPS: readonly RecorderGroup[] = [
  { how: 'no code of their own: the recorder renames values', recorders: LOAD_RECORDERS },
  { how: 'one operation on i64 or f64 behind guards of the tags; a metamethod is inlined as a call', recorders: ARITHMETIC_RECORDERS },
  { how: 'the condition becomes a guard of the side the program took', recorders: COMPARE_RECORDERS },
  { how: 'a guard of the shape (fields) or of the kind and length of the array (elements), then a plain load or store; other keys by a helper of the core; `__index` and `__newindex` are followed', recorders: TABLE_RECORDERS },
  { how: 'the slot of the frame that has the variable, a constant address once it is closed, else through its location', recorders: UPVALUE_RECORDERS },
  { how: 'Lua functions are inlined behind a guard of the closure or its prototype; builtins: see below', recorders: CALL_RECORDERS },
  { how: 'arithmetic on the control variables; the trace closes here', recorders: LOOP_RECORDERS },
  { how: 'a helper of the core; `#` of tables and strings is a load', recorders: OBJECT_RECORDERS },
];

const RECORDERS: { readonly [name in OpName]?: RecordFunction } = Object.assign({}, ...RECORDER_GROUPS.map(({ recorders }) => recorders));

export const OPCODE_RECORDERS: OpcodeRecorders = { atLoopHead, recorderOf: (name) => RECORDERS[name] };
