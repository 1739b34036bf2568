/** Run-time errors read as lua5.4's: operands by name, functions by name, positions. The expected texts are what lua5.4 prints. */
import { describe, expect, test } from 'vitest';
import { createVm, LuaError } from '../../../src/api/index-node.ts';

/** Message of the error a chunk ends with. */
function messageOf(code: string): string {
  const vm = createVm();
  try {
    vm.doString(code, '=t');
  } catch (error) {
    if (error instanceof LuaError) return error.message;
    throw error;
  } finally {
    vm.close();
  }
  return 'no error';
}

const OPERANDS: readonly (readonly [code: string, message: string])[] = [
  ['local t = {} return 1 + t', "attempt to perform arithmetic on a table value (local 't')"],
  ['return nothing + 1', "attempt to perform arithmetic on a nil value (global 'nothing')"],
  ['local x = {} return x.a.b', "attempt to index a nil value (field 'a')"],
  ['local x = {{}} return x[1].a.b', "attempt to index a nil value (field 'a')"],
  ['local x = {} x[1].b = 2', "attempt to index a nil value (field 'integer index')"],
  ['local up = nil; local function f() return up.x end f()', "attempt to index a nil value (upvalue 'up')"],
  ['local up = nil; local function f() up() end f()', "attempt to call a nil value (upvalue 'up')"],
  ['undefined()', "attempt to call a nil value (global 'undefined')"],
  ['local t = {} t:foo()', "attempt to call a nil value (method 'foo')"],
  ['local t = {} t.x.y()', "attempt to index a nil value (field 'x')"],
  ['local t = setmetatable({}, {__add = 1}) return t + 1', "attempt to call a number value (metamethod 'add')"],
  ['for a in 5 do end', "attempt to call a number value (for iterator 'for iterator')"],
  ['return {} .. "x"', 'attempt to concatenate a table value'],
  ['local a = {} return "x" .. a', "attempt to concatenate a table value (local 'a')"],
  ['return #5', 'attempt to get length of a number value'],
  ['return {} < {}', 'attempt to compare two table values'],
  ['return "a" < 1', 'attempt to compare string with number'],
  ['return 1.5 | 1', 'number has no integer representation'],
  ['local a = 1.5 return a | 1', "number (local 'a') has no integer representation"],
  ['return "a" | 1', "attempt to perform bitwise operation on a string value (constant 'a')"],
  ['return "abc" + 1', "attempt to add a 'string' with a 'number'"],
  ['return -"abc"', "attempt to unm a 'string' with a 'string'"],
  ['for i = "a", 1 do end', "bad 'for' initial value (number expected, got string)"],
  ['for i = 1, {} do end', "bad 'for' limit (number expected, got table)"],
  ['for i = 1, 2, print do end', "bad 'for' step (number expected, got function)"],
  ['for i = 1, 2, 0 do end', "'for' step is zero"],
  ['local a <close> = 5', "variable 'a' got a non-closable value"],
  ['local s = "x" return s.y.z', "attempt to index a nil value (field 'y')"],
];

const ARGUMENTS: readonly (readonly [code: string, message: string])[] = [
  ['string.rep()', "bad argument #1 to 'rep' (string expected, got no value)"],
  ['("x"):rep({})', "bad argument #1 to 'rep' (number expected, got table)"],
  ['string.rep(nil)', "bad argument #1 to 'rep' (string expected, got nil)"],
  ['local r = string.rep r()', "bad argument #1 to 'r' (string expected, got no value)"],
  ['string.char(256)', "bad argument #1 to 'char' (value out of range)"],
  ['setmetatable(1, {})', "bad argument #1 to 'setmetatable' (table expected, got number)"],
  ['io.stdout.write({}, "x")', "bad argument #1 to 'write' (FILE* expected, got table)"],
  ['io.stdout.seek()', "bad argument #1 to 'seek' (FILE* expected, got no value)"],
  ['io.stdout:seek("nowhere")', "bad argument #1 to 'seek' (invalid option 'nowhere')"],
  ['os.date("%Q")', "bad argument #1 to 'date' (invalid conversion specifier '%Q')"],
  ['require()', "bad argument #1 to 'require' (string expected, got no value)"],
];

describe('operand errors', () => {
  test.each(OPERANDS)('%s', (code, message) => {
    expect(messageOf(code)).toBe(`t:1: ${message}`);
  });
});

describe('argument errors', () => {
  test.each(ARGUMENTS)('%s', (code, message) => {
    expect(messageOf(code)).toBe(`t:1: ${message}`);
  });

  test('a function called by pcall goes by its library name, without position', () => {
    expect(createVm().doString('return select(2, pcall(string.rep))')).toEqual(["bad argument #1 to 'string.rep' (string expected, got no value)"]);
  });
});

test('errors inside functions written in Lua have the position of their caller', () => {
  expect(messageOf('\n\nrequire("no.such.module")')).toMatch(/^t:3: module 'no\.such\.module' not found:\n\tno field/);
  expect(messageOf('\nfor l in io.lines("/no/such/file") do end')).toBe("t:2: cannot open file '/no/such/file' (No such file or directory)");
});

test('comparisons inside table.sort name no position, as in C', () => {
  expect(messageOf('table.sort({1, "x"})')).toMatch(/^attempt to compare (string with number|number with string)$/);
});

test('values without a message', () => {
  expect(messageOf('error({})')).toBe('(error object is a table value)');
  expect(messageOf('error()')).toBe('(error object is a nil value)');
  expect(messageOf('error(setmetatable({}, {__tostring = function() return "custom" end}))')).toBe('custom');
  expect(messageOf('error(42)')).toBe('42');
});
