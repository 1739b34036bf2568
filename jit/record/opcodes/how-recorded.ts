/**
 * How instructions are recorded, by opcode, loops by the name of their counting form, for docs/jit.md. What is missing here ends the recording. The recorder itself
 * goes by the opcodes' numbers (jit/core/record/opcodes/index.ts); test/jit/record/how-recorded.test.ts compares the two.
 */
import { ARITHMETIC, type OpName } from '../../../src/bytecode/opcode-table.ts';

export interface RecordedGroup {
  /** How the group's instructions are compiled. */
  readonly how: string;
  readonly names: readonly OpName[];
}

export const RECORDED_GROUPS: readonly RecordedGroup[] = [
  {
    how: 'no code of their own: the recorder renames values',
    names: ['MOVE', 'LOADI', 'LOADF', 'LOADK', 'LOADNIL', 'LOADFALSE', 'LOADTRUE', 'LFALSESKIP', 'NOT', 'JMP'],
  },
  {
    how: 'one operation on i64 or f64 behind guards of the tags; a metamethod is inlined as a call',
    names: [...ARITHMETIC.flatMap((name) => [name, `${name}K`] as const), 'UNM', 'BNOT'],
  },
  {
    how: 'the condition becomes a guard of the side the program took',
    names: ['EQ', 'EQK', 'LT', 'LE', 'LTK', 'LEK', 'GTK', 'GEK', 'TEST', 'TESTSET'],
  },
  {
    how: 'a guard of the shape (fields) or of the kind and length of the array (elements), then a plain load or store; other keys by a helper of the core; `__index` and `__newindex` are followed',
    names: ['GETTABLE', 'GETI', 'GETFIELD', 'SELF', 'SETTABLE', 'SETI', 'SETFIELD'],
  },
  {
    how: 'the slot of the frame that has the variable, a constant address once it is closed, else through its location',
    names: ['GETUPVAL', 'SETUPVAL', 'GETTABUP', 'SETTABUP', 'CLOSE', 'CLOSURE'],
  },
  {
    how: 'Lua functions are inlined behind a guard of the closure or its prototype; builtins: see below',
    names: ['CALL', 'TAILCALL', 'RETURN', 'RETURN0', 'RETURN1', 'TFORCALL', 'VARARG', 'VARARGPREP'],
  },
  {
    how: 'arithmetic on the control variables; the trace closes here',
    names: ['LOOP', 'FORLOOP', 'FORPREP', 'TFORLOOP', 'TFORPREP'],
  },
  {
    how: 'a helper of the core; `#` of tables and strings is a load',
    names: ['NEWTABLE', 'LEN', 'CONCAT', 'SETLIST'],
  },
];
