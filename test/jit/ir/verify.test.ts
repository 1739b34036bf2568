/** The verifier finds each kind of fault. */
import { expect, test } from 'vitest';
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
