/** What records each opcode, by name; loops by the name of their counting form. What is missing here cannot be recorded. */
import type { OpName } from '../../src/bytecode/opcode-table.ts';
import { ARITHMETIC_RECORDERS } from './record-arithmetic.ts';
import { CALL_RECORDERS } from './record-call.ts';
import { COMPARE_RECORDERS } from './record-compare.ts';
import { LOAD_RECORDERS } from './record-load.ts';
import { LOOP_RECORDERS } from './record-loop.ts';
import { OBJECT_RECORDERS } from './record-object.ts';
import { TABLE_RECORDERS } from './record-table.ts';
import { UPVALUE_RECORDERS } from './record-upvalue.ts';
import type { RecordFunction } from './recorder.ts';

export const RECORDERS: { readonly [name in OpName]?: RecordFunction } = {
  ...LOAD_RECORDERS,
  ...ARITHMETIC_RECORDERS,
  ...COMPARE_RECORDERS,
  ...TABLE_RECORDERS,
  ...UPVALUE_RECORDERS,
  ...CALL_RECORDERS,
  ...LOOP_RECORDERS,
  ...OBJECT_RECORDERS,
};
