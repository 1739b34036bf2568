/**
 * THE table of IR operations. Builder, printer, parser, verifier, optimiser, evaluator and lowering derive from it.
 * Adding an operation: docs/adding-an-ir-operation.md.
 *
 * The IR is SSA. A reference >= 0 is an instruction of the trace, < 0 a constant (`~ref` in the constant pool).
 * Value types are Wasm's: i64 a Lua integer, f64 a Lua float, i32 an object's address, a raw address, a tag or a small number.
 * Lua types live in snapshots and in the recorder's slots, next to the reference.
 *
 * Notes
 * (1) Comparisons are pure and yield an i32 truth value; GUARD leaves the trace if its operand is 0, GUARDN if it is not 0.
 *     Guards, and the guarding loads and calls marked `exits`, carry a snapshot: the state in front of the recorded instruction.
 * (2) IDIV, MOD are Lua's (floor, sign of the divisor); on i64 the divisor was guarded to be non-zero. SHL, SHR are Lua's logical shifts
 *     by any amount, negative ones shift the other way.
 * (3) FLOAD/FSTORE name a field of FIELDS by `immediate`. Fields of one name never alias fields of another.
 * (4) A payload and its tag are loaded apart: guard the tag, then load the payload. Stores write both; `immediate2` is the tag,
 *     and the value operand is NONE for nil, false, true.
 * (5) SLOAD is the value a slot has on entry: it never aliases a store. With `exits` it checks the slot's tag against `immediate2`.
 *     Slots are numbered from the root frame's base (slot -1 is the root function). LOADS reads the real stack behind a CALLB.
 * (6) LOOP separates pre-roll and loop body. PHI(a, b) stand at the end of the trace: a is the value before the loop (pre-roll),
 *     b the value at the end of each iteration; in the loop body `a` names the PHI's current value.
 * (7) CALL: `immediate` is an index into HELPERS (jit/ir/helper-table.ts), whose row gives types and effects; operands in `args`.
 *     CALLB calls a builtin object in the real stack: first the snapshot is written to the stack, then the core calls the function in slot
 *     `immediate` with `immediate2` arguments; `a` is a constant: wanted results. It writes the stack and, being unknown code, all memory.
 *     CALLF calls the compiled code of the prototype `a` (KPTR) in the same way, without the core where it is the function the trace is part of. The last
 *     frame of its snapshot is the callee's. Its result, if any, is in slot `immediate`, which is nil if there is none. What leaves in it leaves the trace, too.
 * (8) APPEND_ROOM(table, length): makes sure that the array part has room for one element more, calling the core if not; exits on failure.
 *     SLOT_ROOM(table), immediate = slot index: the same for a record slot. Both may change the pointer and capacity fields.
 * (9) Every store of an object into an object has its BARRIER before anything that may leave the trace or call out: behind it the collector may
 *     work. Only a table or closure that the trace made, with no builtin called since, needs none: it is white. verify-barriers.ts demands it.
 */
import {
  BUILTIN_ID, CLOSURE_PROTO, STRING_LENGTH, TABLE_ARRAY, TABLE_ARRAY_CAPACITY, TABLE_ARRAY_LENGTH, TABLE_DICT, TABLE_DICT_SIZE, TABLE_KIND,
  TABLE_METATABLE, TABLE_SHAPE, TABLE_SLOTS, TABLE_SLOT_CAPACITY, THREAD_OPEN_UPVALUES, THREAD_STACK_END, THREAD_TBC, THREAD_TOP, UPVALUE_LOCATION,
} from '../../src/bytecode/layout.ts';

export const IR_TYPES = ['i64', 'f64', 'i32', 'void'] as const;
export type IRType = (typeof IR_TYPES)[number];

/** An operand's type; '=' is the result's, 'any' any, '?' may be NONE. */
export type OperandMode = IRType | '=' | 'any' | '?';

/** Classes of memory that cannot alias one another. */
export type AliasClass = 'field' | 'array' | 'arrayTag' | 'record' | 'upvalue' | 'dictionary' | 'stack' | 'scratch' | 'vm';

export interface IROperationDescription {
  readonly name: string;
  /** Result types allowed. */
  readonly types: readonly IRType[];
  /** In order. CALL's are in its helper's row. */
  readonly operands: readonly OperandMode[];
  /** What `immediate` and `immediate2` mean, where used. */
  readonly immediate?: 'slot' | 'field' | 'index' | 'helper' | 'offset';
  readonly immediate2?: 'tag' | 'count';
  readonly effect: 'pure' | 'load' | 'store' | 'guard' | 'call' | 'control';
  readonly alias?: AliasClass;
  readonly commutative?: boolean;
  /** Always has a snapshot ('yes'), may have one ('maybe'), or never. */
  readonly exits?: 'yes' | 'maybe';
  readonly does: string;
}

const op = <Name extends string>(name: Name, rest: Omit<IROperationDescription, 'name'>): IROperationDescription & { readonly name: Name } => ({
  name,
  ...rest,
});
const pure = <Name extends string>(name: Name, types: readonly IRType[], operands: readonly OperandMode[], does: string, commutative = false) =>
  op(name, { types, operands, effect: 'pure', commutative, does });
const compare = <Name extends string>(name: Name, operand: 'any' | 'i64' | 'i32', does: string, commutative = false) =>
  op(name, { types: ['i32'], operands: [operand, operand], effect: 'pure', commutative, does });

export const IR_OPERATIONS = [
  // ---- Constants (in the constant pool only)
  op('KINT', { types: ['i64'], operands: [], effect: 'pure', does: 'Lua integer constant' }),
  op('KFLT', { types: ['f64'], operands: [], effect: 'pure', does: 'float constant; compared by bits' }),
  op('KI32', { types: ['i32'], operands: [], effect: 'pure', does: 'tag, offset, small number' }),
  op('KPTR', { types: ['i32'], operands: [], effect: 'pure', does: 'address of an object, which the trace keeps alive' }),

  // ---- Stack
  op('BASE', { types: ['i32'], operands: [], effect: 'pure', does: "address of the root frame's base" }),
  op('SLOAD', { types: ['i64', 'f64', 'i32', 'void'], operands: [], immediate: 'slot', immediate2: 'tag', effect: 'pure', exits: 'maybe', does: 'value of a stack slot on entry (5)' }),
  op('LOADS', { types: ['i64', 'f64', 'i32'], operands: [], immediate: 'slot', effect: 'load', alias: 'stack', does: 'payload of a real stack slot (5)' }),
  op('STAG', { types: ['i32'], operands: [], immediate: 'slot', effect: 'load', alias: 'stack', does: 'tag of a real stack slot (5)' }),

  // ---- Guards
  op('GUARD', { types: ['void'], operands: ['i32'], effect: 'guard', exits: 'yes', does: 'leave if a is 0 (1)' }),
  op('GUARDN', { types: ['void'], operands: ['i32'], effect: 'guard', exits: 'yes', does: 'leave if a is not 0 (1)' }),
  compare('EQ', 'any', 'a == b', true),
  compare('NE', 'any', 'a ~= b', true),
  compare('LT', 'any', 'a < b, signed'),
  compare('LE', 'any', 'a <= b, signed'),
  compare('GT', 'any', 'a > b, signed'),
  compare('GE', 'any', 'a >= b, signed'),
  compare('ULT', 'any', 'a < b, unsigned; i64 or i32'),
  compare('UGE', 'any', 'a >= b, unsigned; i64 or i32'),

  // ---- Arithmetic
  pure('ADD', ['i64', 'f64', 'i32'], ['=', '='], 'a + b, integers wrap', true),
  pure('SUB', ['i64', 'f64', 'i32'], ['=', '='], 'a - b'),
  pure('MUL', ['i64', 'f64', 'i32'], ['=', '='], 'a * b', true),
  pure('DIV', ['f64'], ['=', '='], 'a / b'),
  pure('IDIV', ['i64', 'f64'], ['=', '='], 'a // b (2)'),
  pure('MOD', ['i64', 'f64'], ['=', '='], 'a % b (2)'),
  pure('POW', ['f64'], ['=', '='], 'a ^ b'),
  pure('NEG', ['i64', 'f64'], ['='], '-a'),
  pure('BAND', ['i64', 'i32'], ['=', '='], 'a & b', true),
  pure('BOR', ['i64', 'i32'], ['=', '='], 'a | b', true),
  pure('BXOR', ['i64', 'i32'], ['=', '='], 'a ~ b', true),
  pure('BNOT', ['i64'], ['='], '~a'),
  pure('SHL', ['i64', 'i32'], ['=', '='], 'a << b (2)'),
  pure('SHR', ['i64', 'i32'], ['=', '='], 'a >> b, logical (2)'),
  pure('SAR', ['i64'], ['=', '='], 'a >> b, arithmetic; b is a constant from 0 to 63 (floor division by a power of two)'),
  pure('ABS', ['i64', 'f64'], ['='], 'math.abs'),
  pure('MIN', ['i64', 'f64'], ['=', '='], 'math.min(a, b): b < a ? b : a'),
  pure('MAX', ['i64', 'f64'], ['=', '='], 'math.max(a, b): a < b ? b : a'),
  pure('SQRT', ['f64'], ['='], 'math.sqrt'),
  pure('FLOOR', ['f64'], ['='], 'floor, a float'),
  pure('CEIL', ['f64'], ['='], 'ceiling, a float'),

  // ---- Conversions
  pure('I2F', ['f64'], ['i64'], 'integer to float'),
  pure('ISINT', ['i32'], ['f64'], '1 if the float has an exact integer value in range'),
  pure('F2I', ['i64'], ['f64'], 'float to integer, guarded by ISINT before'),
  pure('WRAP', ['i32'], ['i64'], 'low 32 bits'),
  pure('ZEXT', ['i64'], ['i32'], 'unsigned 32 to 64 bits'),

  // ---- Objects
  op('FLOAD', { types: ['i32'], operands: ['i32'], immediate: 'field', effect: 'load', alias: 'field', does: 'field of an object (3)' }),
  op('FSTORE', { types: ['void'], operands: ['i32', 'i32'], immediate: 'field', effect: 'store', alias: 'field', does: 'field of a := b (3)' }),
  op('ALOAD', { types: ['i64', 'f64', 'i32'], operands: ['i32', 'i32'], effect: 'load', alias: 'array', does: 'payload b (from 0) of array a' }),
  op('ASTORE', { types: ['void'], operands: ['i32', 'i32', 'any'], effect: 'store', alias: 'array', does: 'payload b of array a := c' }),
  op('ATAG', { types: ['i32'], operands: ['i32', 'i32', 'i32'], effect: 'load', alias: 'arrayTag', does: 'tag byte c of mixed array a with capacity b' }),
  op('ATAGSTORE', { types: ['void'], operands: ['i32', 'i32', 'i32'], immediate2: 'tag', effect: 'store', alias: 'arrayTag', does: 'tag byte c of mixed array a with capacity b := tag' }),
  op('HLOAD', { types: ['i64', 'f64', 'i32'], operands: ['i32'], immediate: 'index', effect: 'load', alias: 'record', does: 'payload of record slot `index` at a (TABLE_SLOTS) (4)' }),
  op('HTAG', { types: ['i32'], operands: ['i32'], immediate: 'index', effect: 'load', alias: 'record', does: 'tag of record slot `index` at a (4)' }),
  op('HSTORE', { types: ['void'], operands: ['i32', '?'], immediate: 'index', immediate2: 'tag', effect: 'store', alias: 'record', does: 'record slot `index` at a := b (4)' }),
  op('ULOAD', { types: ['i64', 'f64', 'i32'], operands: ['i32'], effect: 'load', alias: 'upvalue', does: 'payload of the upvalue whose location is a' }),
  op('UTAG', { types: ['i32'], operands: ['i32'], effect: 'load', alias: 'upvalue', does: 'tag of the upvalue whose location is a' }),
  op('USTORE', { types: ['void'], operands: ['i32', '?'], immediate2: 'tag', effect: 'store', alias: 'upvalue', does: 'upvalue at location a := b (4)' }),
  op('DLOAD', { types: ['i64', 'f64', 'i32'], operands: ['i32'], effect: 'load', alias: 'dictionary', does: 'payload of the value slot at address a' }),
  op('DTAG', { types: ['i32'], operands: ['i32'], effect: 'load', alias: 'dictionary', does: 'tag of the value slot at address a' }),
  op('DSTORE', { types: ['void'], operands: ['i32', '?'], immediate2: 'tag', effect: 'store', alias: 'dictionary', does: 'value slot at address a := b (4)' }),
  op('RLOAD', { types: ['i64', 'f64', 'i32'], operands: [], immediate: 'index', effect: 'load', alias: 'scratch', does: 'payload of scratch slot `index` (VM_TRACE_SCRATCH)' }),
  op('RTAG', { types: ['i32'], operands: [], immediate: 'index', effect: 'load', alias: 'scratch', does: 'tag of scratch slot `index`' }),
  op('RSTORE', { types: ['void'], operands: ['?'], immediate: 'index', immediate2: 'tag', effect: 'store', alias: 'scratch', does: 'scratch slot `index` := a (4)' }),
  op('VMLOAD', { types: ['i32'], operands: [], immediate: 'offset', effect: 'load', alias: 'vm', does: 'u32 of the VM state at this address (VM_*)' }),
  op('BYTE', { types: ['i32'], operands: ['i32', 'i32'], effect: 'pure', does: 'byte b (from 0) of string a' }),
  op('APPEND_ROOM', { types: ['void'], operands: ['i32', 'i32'], effect: 'call', exits: 'yes', does: '(8)' }),
  op('SLOT_ROOM', { types: ['void'], operands: ['i32'], immediate: 'index', effect: 'call', exits: 'yes', does: '(8)' }),
  op('BARRIER', { types: ['void'], operands: ['i32', 'i32'], effect: 'store', does: 'write barrier: object a now refers to object b; aliases nothing (9)' }),

  // ---- Calls
  op('CALL', { types: ['i64', 'f64', 'i32', 'void'], operands: [], immediate: 'helper', effect: 'call', exits: 'maybe', does: 'call of a core or host helper (7)' }),
  op('CALLB', { types: ['void'], operands: ['i32'], immediate: 'slot', immediate2: 'count', effect: 'call', exits: 'yes', does: 'call of a builtin object in the real stack (7)' }),

  op('CALLF', { types: ['i32'], operands: ['i32'], immediate: 'slot', immediate2: 'count', effect: 'call', exits: 'yes', does: 'call of a compiled function; number of results (7)' }),

  // ---- Control
  op('LOOP', { types: ['void'], operands: [], effect: 'control', exits: 'maybe', does: 'head of the loop body; its snapshot is where the budget check leaves (6)' }),
  op('PHI', { types: ['i64', 'f64', 'i32'], operands: ['=', '='], effect: 'control', does: 'loop-carried value (6)' }),
  op('NOP', { types: ['void'], operands: [], effect: 'pure', does: 'removed' }),
] as const;

export type IROpName = (typeof IR_OPERATIONS)[number]['name'];

/** What a field holds: an object, which a store has to report to the collector; raw memory, which only the core may exchange; or a number. */
export type FieldContent = 'object' | 'memory' | 'number';

/** Fields FLOAD and FSTORE name: byte offset (layout.ts) and width in bytes. Fields marked invariant never change in an object. */
export interface FieldDescription {
  readonly name: string;
  readonly offset: number;
  readonly holds: FieldContent;
  readonly bytes: 1 | 4;
  readonly invariant?: boolean;
}

const field = <Name extends string>(name: Name, offset: number, holds: FieldContent, bytes: 1 | 4 = 4, invariant = false) =>
  ({ name, offset, holds, bytes, invariant }) as const;

export const FIELDS = [
  field('table.shape', TABLE_SHAPE, 'object'),
  field('table.slots', TABLE_SLOTS, 'memory'),
  field('table.slotCapacity', TABLE_SLOT_CAPACITY, 'number'),
  field('table.metatable', TABLE_METATABLE, 'object'),
  field('table.kind', TABLE_KIND, 'number', 1),
  field('table.array', TABLE_ARRAY, 'memory'),
  field('table.length', TABLE_ARRAY_LENGTH, 'number'),
  field('table.capacity', TABLE_ARRAY_CAPACITY, 'number'),
  field('table.dict', TABLE_DICT, 'memory'),
  field('table.dictSize', TABLE_DICT_SIZE, 'number'),
  field('closure.proto', CLOSURE_PROTO, 'object', 4, true),
  field('upvalue.location', UPVALUE_LOCATION, 'memory'),
  field('string.length', STRING_LENGTH, 'number', 4, true),
  field('builtin.id', BUILTIN_ID, 'number', 4, true),
  field('thread.top', THREAD_TOP, 'number'),
  field('thread.stackEnd', THREAD_STACK_END, 'memory'),
  field('thread.openUpvalues', THREAD_OPEN_UPVALUES, 'object'),
  field('thread.toBeClosed', THREAD_TBC, 'memory'),
] as const satisfies readonly FieldDescription[];

export type FieldName = (typeof FIELDS)[number]['name'];

/** Field numbers by name: the `immediate` of FLOAD and FSTORE. Upvalue i of a closure is field UPVALUE_FIELD + i (invariant). */
export const Field = Object.fromEntries(FIELDS.map((entry, index) => [entry.name, index])) as Readonly<Record<FieldName, number>>;
export const UPVALUE_FIELD = 256;
