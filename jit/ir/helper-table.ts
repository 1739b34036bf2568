/**
 * THE table of helpers compiled code may call: core exports.
 * A trace imports exactly those it uses. Helpers never throw (test/core/trace/helpers.test.ts proves it) and never collect; the last words of a row say
 * which result means failure, upon which the recorder guards, so that the interpreter repeats the operation and raises the error exactly.
 */
import type { AliasClass, IRType } from './ir-table.ts';

export interface HelperDescription {
  readonly name: string;
  readonly source: 'core';
  readonly parameters: readonly IRType[];
  readonly result: IRType;
  /** pure: depends on its operands only (CSE, hoisting). read: reads memory. write: writes the classes in `writes`. */
  readonly effect: 'pure' | 'read' | 'write';
  readonly writes?: readonly AliasClass[];
  /** What it costs depends on the length of an operand, and is paid for: the trace's loop then checks VM_BUDGET. */
  readonly works?: boolean;
  /** It allocates: the trace's loop then checks VM_COLLECT_DUE. */
  readonly allocates?: boolean;
  readonly does: string;
}

const math = <Name extends string>(name: Name) =>
  ({ name, source: 'core', parameters: ['f64'], result: 'f64', effect: 'pure', does: `math.${name}` }) as const;

export const HELPERS = [
  { name: 'pow', source: 'core', parameters: ['f64', 'f64'], result: 'f64', effect: 'pure', does: 'x ^ y' },
  { name: 'fmod', source: 'core', parameters: ['f64', 'f64'], result: 'f64', effect: 'pure', does: "C's fmod" },
  { name: 'atan2', source: 'core', parameters: ['f64', 'f64'], result: 'f64', effect: 'pure', does: 'math.atan(y, x)' },
  math('exp'), math('log'), math('log2'), math('log10'), math('sin'), math('cos'), math('tan'), math('asin'), math('acos'),
  { name: 'traceTableGet', source: 'core', parameters: ['i32', 'i32', 'i32'], result: 'i32', effect: 'write', writes: ['scratch'], works: true, does: 'raw get: table, address of the key slot, address of the result slot (scratch); always 1' },
  { name: 'traceTableGetString', source: 'core', parameters: ['i32', 'i32'], result: 'i32', effect: 'read', does: 'address of the value slot of a short-string key in a table in dictionary mode, 0 if absent' },
  { name: 'traceTableSet', source: 'core', parameters: ['i32', 'i32', 'i32'], result: 'i32', effect: 'write', writes: ['field', 'array', 'arrayTag', 'record', 'dictionary', 'vm'], allocates: true, works: true, does: 'raw set: table, address of the key slot, address of the value slot; 0 if it failed and changed nothing' },
  { name: 'traceNewTable', source: 'core', parameters: ['i32', 'i32'], result: 'i32', effect: 'write', writes: [], allocates: true, does: 'new table with room for a array elements and b record slots; 0 if out of memory' },
  { name: 'traceNewClosure', source: 'core', parameters: ['i32', 'i32', 'i32'], result: 'i32', effect: 'write', writes: ['upvalue', 'field'], allocates: true, does: 'closure of prototype a in the frame with base b of closure c; 0 if out of memory' },
  { name: 'traceCloseUpvalues', source: 'core', parameters: ['i32'], result: 'void', effect: 'write', writes: ['upvalue', 'field'], works: true, does: 'closes the open upvalues of slots from address a up, whose values are in memory' },
  { name: 'traceAppendValues', source: 'core', parameters: ['i32', 'i32', 'i32'], result: 'i32', effect: 'write', writes: ['field', 'array', 'arrayTag', 'dictionary'], allocates: true, works: true, does: 'table a[b + 1], ..., a[b + c] := scratch slots 0..c-1; 0 if out of memory' },
  { name: 'traceConcat', source: 'core', parameters: ['i32'], result: 'i32', effect: 'read', allocates: true, works: true, does: 'concatenates scratch slots 0..a-1 (strings and numbers); string or 0' },
  { name: 'traceNext', source: 'core', parameters: ['i32', 'i32'], result: 'i32', effect: 'write', writes: ['scratch'], works: true, does: 'next(table a, key in the slot at b): key and value into that slot and the one behind; 1 if there is one, 0 at the end, -1 on a bad key' },
  { name: 'traceSubstring', source: 'core', parameters: ['i32', 'i64', 'i64'], result: 'i32', effect: 'read', allocates: true, works: true, does: 'string.sub; string or 0' },
  { name: 'traceChar', source: 'core', parameters: ['i64'], result: 'i32', effect: 'read', allocates: true, does: 'string.char of one code 0..255; string or 0' },
  { name: 'traceEqualStrings', source: 'core', parameters: ['i32', 'i32'], result: 'i32', effect: 'pure', works: true, does: 'equality of two strings of any length' },
  { name: 'traceCompareStrings', source: 'core', parameters: ['i32', 'i32'], result: 'i32', effect: 'pure', works: true, does: 'negative, 0, positive' },
  { name: 'traceToString', source: 'core', parameters: ['i32'], result: 'i32', effect: 'read', allocates: true, does: 'tostring of the number in scratch slot a; string or 0' },
  { name: 'traceSetMetatable', source: 'core', parameters: ['i32', 'i32'], result: 'i32', effect: 'write', writes: ['field'], allocates: true, does: 'setmetatable(table a, metatable b or 0) without __metatable check; 0 on failure' },
] as const satisfies readonly HelperDescription[];

export type HelperName = (typeof HELPERS)[number]['name'];
export const Helper = Object.fromEntries(HELPERS.map((entry, index) => [entry.name, index])) as Readonly<Record<HelperName, number>>;
