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
import type { OpcodeRecorders, RecordFunction } from '../core/recorder.ts';

const RECORDERS: { readonly [name in OpName]?: RecordFunction } = {
  ...LOAD_RECORDERS,
  ...ARITHMETIC_RECORDERS,
  ...COMPARE_RECORDERS,
  ...TABLE_RECORDERS,
  ...UPVALUE_RECORDERS,
  ...CALL_RECORDERS,
  ...LOOP_RECORDERS,
  ...OBJECT_RECORDERS,
};

export const OPCODE_RECORDERS: OpcodeRecorders = { atLoopHead, recorderOf: (name) => RECORDERS[name] };
