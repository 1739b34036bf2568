/** The verifier finds each kind of fault. */
import { describe, expect, test } from 'vitest';
import { parseTrace } from '../../../jit/build/parse.ts';
import { MalformedTrace, verifyTrace } from '../../../jit/ir/verify.ts';

const verify = (body: string, tail = 'link interpreter end=0') =>
  verifyTrace(parseTrace(`trace 1 start=0 slots=4\n%0 = SLOAD.i64 slot=0 tag=int exit=0\n${body}\nsnapshot 0 pc=0 {}\n${tail}`), 'test');

test.each([
  ['an operand does not exist', '%1 = ADD.i64 %0, %7'],
  ['an operand does not exist yet', '%1 = ADD.i64 %0, %2\n%2 = NEG.i64 %0'],
  ['an operand is missing', '%1 = ADD.i64 %0'],
  ['an operand too many', '%1 = NEG.i64 %0, %0'],
  ['an operand is i64, not f64', '%1 = NEG.f64 %0'],
  ['an operand has no value', '%1 = GUARD i:1 exit=0\n%2 = GUARD %1 exit=0'],
  ['operands of different types', '%1 = LT.i32 %0, f:1'],
  ['floats are not unsigned', '%1 = ULT.i32 f:2, f:1'],
  ['type f64 is not allowed', '%1 = BAND.f64 f:1, f:2'],
  ['wrong number of arguments', '%1 = CALL.f64 sin()'],
  ['an operand is i64, not f64', '%1 = CALL.f64 sin(%0)'],
  ['value and tag do not fit', '%1 = HSTORE i:0, %0 index=0 tag=float'],
  ['value and tag do not fit', '%1 = HSTORE i:0, %0 index=0 tag=nil'],
  ['type and tag do not fit', '%1 = SLOAD.f64 slot=1 tag=int'],
  ['an exit needs a snapshot', '%1 = GUARD i:1'],
  ['only exits have one', '%1 = NEG.i64 %0 exit=0'],
  ['its snapshot does not exist', '%1 = GUARD i:1 exit=4'],
  ['PHI without LOOP', '%1 = NEG.i64 %0\n%2 = PHI.i64 %0, %1'],
])('%s: %s', (fault, body) => {
  expect(() => verify(body)).toThrow(MalformedTrace);
  expect(() => verify(body)).toThrow(fault);
});

test.each([
  ['two PHIs for one value', '%1 = LOOP exit=0\n%2 = NEG.i64 %0\n%3 = PHI.i64 %0, %2\n%4 = PHI.i64 %0, 1'],
  ['PHIs must be at the end', '%1 = LOOP exit=0\n%2 = PHI.i64 %0, 5\n%3 = NEG.i64 %0'],
  ['the left operand of a PHI', '%1 = LOOP exit=0\n%2 = NEG.i64 %0\n%3 = PHI.i64 %2, %0'],
  ['a second LOOP', '%1 = LOOP exit=0\n%2 = LOOP exit=0'],
])('%s', (fault, body) => {
  expect(() => verify(body, 'link loop end=0')).toThrow(fault);
});

test.each([
  ['twice', '{ 1: int %0; 1: int 2 }'],
  ['does not fit its tag', '{ 1: float %0 }'],
  ['without a payload', '{ 1: nil %0 }'],
  ['does not exist yet', '{ 1: int %3 }'],
  ['does not exist yet', '{ 1: int _ }'],
  ['frames are not in order', '{} [base=9 caller=1 results=1 kind=0] [base=5 caller=1 results=1 kind=0]'],
])('a snapshot that is wrong: %s', (fault, snapshot) => {
  expect(() => verify('%1 = EQ.i32 %0, 1\n%2 = GUARD %1 exit=1', `snapshot 1 pc=0 ${snapshot}\nlink interpreter end=0`)).toThrow(fault);
});

const TABLE = '%1 = SLOAD.i32 slot=1 tag=table\n%2 = SLOAD.i32 slot=2 tag=table\n%3 = FLOAD.i32 %1 field=table.slots\n%4 = FLOAD.i32 %1 field=table.array\n%5 = FLOAD.i32 @4096 field=upvalue.location\n';

describe('barriers', () => {
  test.each([
    ['a field', '%6 = HSTORE %3, %2 index=0 tag=table', '%1, %2'],
    ['a shape', '%6 = FSTORE %1, @8192 field=table.shape', '%1, @8192'],
    ['a metatable', '%6 = FSTORE %1, %2 field=table.metatable', '%1, %2'],
    ['an element', '%6 = ASTORE %4, i:0, %2\n%7 = ATAGSTORE %4, i:4, i:0 tag=table', '%1, %2'],
    ['an upvalue', '%6 = USTORE %5, %2 tag=table', '@4096, %2'],
    ['a closed upvalue', '%6 = USTORE i:4112, %2 tag=table', '@4096, %2'],
    ['a dictionary', '%6 = CALL.i32 traceTableGetString(%1, @64)\n%7 = DSTORE %6, %2 tag=table', '%1, %2'],
  ])('%s', (_, store, reference) => {
    expect(() => verify(`${TABLE}${store}`)).toThrow('a store without a barrier');
    expect(() => verify(`${TABLE}${store}\n%9 = GUARD %0 exit=0\n%10 = BARRIER ${reference}`)).toThrow('a store without a barrier');
    expect(() => verify(`${TABLE}${store}\n%8 = CALLB i:1 slot=4 count=0 exit=0\n%10 = BARRIER ${reference}`)).toThrow('a store without a barrier');
    expect(() => verify(`${TABLE}${store}\n%10 = BARRIER %2, %1`)).toThrow('a store without a barrier');
    verify(`${TABLE}${store}\n%10 = BARRIER ${reference}`);
  });

  test('none for numbers, the stack, and what the trace has made since it called out last', () => {
    verify(`${TABLE}%6 = HSTORE %3, %0 index=0 tag=int\n%7 = FSTORE %1, i:0 field=table.metatable\n%8 = BASE.i32\n%9 = USTORE %8, %2 tag=table`);
    const stores = '%7 = FLOAD.i32 %6 field=table.slots\n%9 = HSTORE %7, %2 index=0 tag=table\n%10 = FSTORE %6, @8192 field=table.shape';
    verify(`${TABLE}%6 = CALL.i32 traceNewTable(i:0, i:1)\n${stores}`);
    const late = stores.replace('%9', '%8 = CALLB i:1 slot=4 count=0 exit=0\n%9');
    expect(() => verify(`${TABLE}%6 = CALL.i32 traceNewTable(i:0, i:1)\n${late}`)).toThrow('a store without a barrier');
  });

  test('raw memory is not a trace\'s to exchange', () => {
    for (const field of ['table.slots', 'table.array', 'table.dict', 'upvalue.location', 'closure.proto']) expect(() => verify(`${TABLE}%6 = FSTORE %1, %2 field=${field}`)).toThrow("not a trace's to store");
    expect(() => verify('%1 = SLOAD.i32 slot=1 tag=table\n%2 = HSTORE i:64, %1 index=0 tag=table')).toThrow('not known');
  });
});
