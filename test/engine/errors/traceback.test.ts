/** Tracebacks read as luaL_traceback's. */
import { describe, expect, test } from 'vitest';
import { createVm, type LuaFunction } from '../../../src/api/index.ts';
import { errorOf } from '../../support/error-of.ts';

const tracebackOf = (code: string): string[] => errorOf(() => createVm().doString(code, '=t')).traceback.split('\n\t').slice(1);

describe('an error that leaves the VM', () => {
  test('names functions by the call and by their library', () => {
    expect(tracebackOf('local function f() error("x") end\nlocal t = {m = function() f() end}\nfunction g() t:m() end\ng()')).toEqual([
      "[C]: in function 'error'", "t:1: in upvalue 'f'", "t:2: in method 'm'", "t:3: in function 'g'", 't:4: in main chunk', '[C]: in ?',
    ]);
  });

  test('shows anonymous functions, metamethods and tail calls', () => {
    expect(tracebackOf('local t = setmetatable({}, {__index = function() error("x") end})\n;(function() return t.x + 1 end)()')).toEqual([
      "[C]: in function 'error'", "t:1: in metamethod 'index'", 't:2: in function <t:2>', 't:2: in main chunk', '[C]: in ?',
    ]);
    expect(tracebackOf('local function f() error("x") end\nlocal function g() return f() end\ng()')).toEqual([
      "[C]: in function 'error'", 't:1: in function <t:1>', '(...tail calls...)', 't:3: in main chunk', '[C]: in ?',
    ]);
  });

  test('shows host functions between two runs', () => {
    const vm = createVm();
    vm.setGlobal('apply', (f) => (f as LuaFunction).call());
    const error = errorOf(() => vm.doString('local function g() error("x") end\nlocal function h() apply(g) end\nh()', '=t'));
    expect(error.message).toBe('t:1: x');
    expect(error.traceback.split('\n\t').slice(1)).toEqual([
      "[C]: in function 'error'", 't:1: in function <t:1>', "[C]: in function 'apply'", "t:2: in local 'h'", 't:3: in main chunk', '[C]: in ?',
    ]);
    // Nothing of it is left for the next error.
    expect(errorOf(() => vm.doString('error("y")', '=u')).traceback).not.toContain('apply');
  });

  test('leaves the middle of a deep stack out', () => {
    const lines = tracebackOf('local function f(n) if n == 0 then error("x") end f(n - 1) end f(100)');
    expect(lines).toHaveLength(22);
    expect(lines[10]).toBe('...\t(skipping 82 levels)');
  });

  test('is empty for syntax errors', () => {
    expect(tracebackOf('x =')).toEqual([]);
  });
});

test('debug.traceback takes message and level, and passes other values through', () => {
  const vm = createVm();
  expect(vm.doString('return debug.traceback("m")', '=t')).toEqual(['m\nstack traceback:\n\tt:1: in main chunk\n\t[C]: in ?']);
  expect(vm.doString('return debug.traceback("m", 0)', '=t')).toEqual([
    "m\nstack traceback:\n\t[C]: in function 'debug.traceback'\n\tt:1: in main chunk\n\t[C]: in ?",
  ]);
  expect(vm.doString('return (debug.traceback(5.5)), debug.traceback(true)', '=t')[1]).toBe(true);
});

test("xpcall's handler sees the frames of the error", () => {
  const [, text] = createVm().doString('local function f() error("x") end\nreturn xpcall(f, debug.traceback)', '=t');
  expect(text).toBe("t:1: x\nstack traceback:\n\t[C]: in function 'error'\n\tt:1: in function <t:1>\n\t[C]: in function 'xpcall'\n\tt:2: in main chunk\n\t[C]: in ?");
});

test('debug.getinfo tells name, place and kind', () => {
  const vm = createVm();
  const code = 'local function f() local i = debug.getinfo(1, "nSl") return i.name, i.namewhat, i.short_src, i.currentline, i.linedefined, i.what end\nreturn f()';
  expect(vm.doString(`${code.replace('return f()', 'local a, b, c, d, e, g = f() return a, b, c, d, e, g')}`, '@x.lua')).toEqual([
    'f', 'local', 'x.lua', 1, 1, 'Lua',
  ]);
  expect(vm.doString('local i = debug.getinfo(print) return i.what, i.short_src, i.currentline')).toEqual(['C', '[C]', -1]);
});
