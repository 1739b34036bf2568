/** The public API: values both ways, host functions, errors, limits, options. */
import { describe, expect, test } from 'vitest';
import { createDefaultEnvironment, createVm, createVmAsync, type LuaFunction, LuaReference, LuaTable, type LuaValue, MoontraceError, results, VERSION, type Vm } from '../../src/api/index.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { errorOf } from '../support/error-of.ts';

/** A VM that collects what it prints. */
function recordingVm(): { vm: Vm; output: () => string } {
  const parts: string[] = [];
  const vm = createVm({ stdout: (bytes) => parts.push(new TextDecoder().decode(bytes)) });
  return { vm, output: () => parts.join('') };
}

test('random numbers follow from the entropy of the environment', () => {
  const draw = (entropy: number): LuaValue => createVm({ environment: { ...createDefaultEnvironment(), entropy: () => entropy } }).doString('return math.random(0)')[0];
  expect(draw(1)).toBe(draw(1));
  expect(draw(1)).not.toBe(draw(2));
  const [first, second] = createVm().doString('return math.random(), math.random()');
  expect(first).not.toBe(second);
  expect(createVm().doString('return math.random()')[0]).not.toBe(first);
});

describe('values', () => {
  test('come out as host values', () => {
    expect(createVm().doString('return nil, true, false, 1, 1.5, "text", 2^53, math.maxinteger, "\\xff"')).toEqual([
      undefined, true, false, 1, 1.5, 'text', 2 ** 53, 2n ** 63n - 1n, new Uint8Array([255]),
    ]);
  });

  test('go in as Lua values', () => {
    const vm = createVm();
    const type = vm.doString('return function(v) return math.type(v) or type(v), v end')[0] as LuaFunction;
    expect(type.call(undefined)[0]).toBe('nil');
    expect(type.call(null)[0]).toBe('nil');
    expect(type.call(3)[0]).toBe('integer');
    expect(type.call(-0)[0]).toBe('float');
    expect(type.call(0.5)[0]).toBe('float');
    expect(type.call(2 ** 60)[0]).toBe('float');
    expect(type.call(-(2n ** 63n))).toEqual(['integer', -(2n ** 63n)]);
    expect(type.call('äöü')).toEqual(['string', 'äöü']);
    expect(type.call(new Uint8Array([0, 255]))).toEqual(['string', new Uint8Array([0, 255])]);
    expect(type.call(-5)).toEqual(['integer', -5]);
    expect(type.call(-(2 ** 40) - 1)).toEqual(['integer', -(2 ** 40) - 1]);
    expect(type.call(Number.MAX_SAFE_INTEGER)).toEqual(['integer', Number.MAX_SAFE_INTEGER]);
    expect(type.call(() => 1)[0]).toBe('function');
    expect(type.call(vm.newTable())[0]).toBe('table');
    const date = new Date();
    expect(type.call(date)).toEqual(['userdata', date]);
    expect(() => type.call(2n ** 64n)).toThrow(MoontraceError);
  });

  test('keep their identity', () => {
    const vm = createVm();
    const [a, b] = vm.doString('t = {} return t, t');
    expect(a).toBe(b);
    expect(vm.getGlobal('t')).toBe(a);
    const host = (): number => 1;
    vm.setGlobal('f', host).setGlobal('g', host);
    expect(vm.doString('return f == g')).toEqual([true]);
  });

  test('of another VM are refused', () => {
    expect(() => createVm().setGlobal('t', createVm().newTable())).toThrow(expect.objectContaining({ code: 'bad-handle' }));
  });
});

describe('tables', () => {
  test('are read and written as in Lua, and raw', () => {
    const vm = createVm();
    const table = vm.doString('return setmetatable({10, 20, x = 1}, {__index = function() return "meta" end})')[0] as LuaTable;
    expect(table).toBeInstanceOf(LuaTable);
    expect([table.length, table.get(1), table.get('x'), table.get('missing'), table.rawGet('missing')]).toEqual([2, 10, 1, 'meta', undefined]);
    table.set('y', 'new').set(3, 30);
    expect(new Map(table)).toEqual(new Map<unknown, unknown>([[1, 10], [2, 20], [3, 30], ['x', 1], ['y', 'new']]));
    expect(() => table.set(undefined, 1)).toThrow(/index is nil/);
  });

  test('are made from arrays, objects and maps', () => {
    const vm = createVm();
    vm.setGlobal('a', vm.newTable([1, 'b'])).setGlobal('o', vm.newTable({ k: 'v' })).setGlobal('m', vm.newTable(new Map([[true, 1]])));
    expect(vm.doString('return #a, a[2], o.k, m[true]')).toEqual([2, 'b', 'v', 1]);
  });
});

describe('host functions', () => {
  test('take and give values', () => {
    const vm = createVm();
    vm.register({ add: (a, b) => (a as number) + (b as number), pair: () => results(1, 'two'), none: () => undefined }, 'host');
    expect(vm.doString('return host.add(1, 2), select("#", host.none()), host.pair()')).toEqual([3, 0, 1, 'two']);
  });

  test('return more results than the stack had room for', () => {
    const vm = createVm();
    vm.setGlobal('many', () => results(...Array.from({ length: 5000 }, (_, i) => i)));
    expect(vm.doString('return select("#", many()), (select(5000, many()))')).toEqual([5000, 4999]);
  });

  test('call back into Lua, and errors cross them', () => {
    const vm = createVm();
    vm.setGlobal('apply', (f: LuaFunction, ...args) => results(...f.call(...args)));
    expect(vm.doString('return apply(function(a, b) return b, a end, 1, 2)')).toEqual([2, 1]);
    expect(vm.doString('return pcall(apply, function() error({code = 7}) end)')[1]).toBeInstanceOf(LuaTable);
    expect(vm.doString('return select(2, pcall(apply, function() error("m", 0) end))')).toEqual(['m']);
    expect(vm.doString('return 1')).toEqual([1]);
  });

  test('nest only so deep', () => {
    const vm = createVm();
    vm.setGlobal('apply', (f) => (f as LuaFunction).call());
    expect(errorOf(() => vm.doString('local function f() apply(f) end f()')).message).toMatch(/C stack overflow/);
    expect(vm.doString('return 1')).toEqual([1]);
  });

  test('throw exceptions that keep their identity', () => {
    const vm = createVm();
    const failure = new TypeError('host failure');
    vm.setGlobal('fail', () => {
      throw failure;
    });
    const error = errorOf(() => vm.doString('fail()'));
    expect(error.message).toBe('host failure');
    expect(error.cause).toBe(failure);
    expect(vm.doString('local ok, e = pcall(fail) return ok, e, tostring(e), type(e)')).toEqual([false, failure, 'host failure', 'userdata']);
    expect(errorOf(() => vm.doString('local ok, e = pcall(fail) error(e)')).cause).toBe(failure);
  });
});

describe('errors', () => {
  test('carry code, message, value and traceback', () => {
    const syntax = errorOf(() => createVm().load('x = = 1', '=chunk'));
    expect([syntax.code, syntax.message, syntax.traceback]).toEqual(['syntax', "chunk:1: unexpected symbol near '='", '']);
    const runtime = errorOf(() => createVm().doString('error("m")', '=chunk'));
    expect([runtime.code, runtime.message, runtime.value]).toEqual(['runtime', 'chunk:1: m', 'chunk:1: m']);
    expect(runtime.traceback).toBe("stack traceback:\n\t[C]: in function 'error'\n\tchunk:1: in main chunk\n\t[C]: in ?");
    const value = errorOf(() => createVm().doString('error({5})')).value as LuaTable;
    expect(value.get(1)).toBe(5);
  });

  test('a stack overflow is an ordinary error', () => {
    const vm = createVm();
    expect(errorOf(() => vm.doString('local function f() return 1 + f() end f()')).message).toMatch(/stack overflow/);
    expect(vm.doString('return pcall(function() local function f() f() end f() end)')[0]).toBe(false);
    expect(vm.doString('return 1')).toEqual([1]);
  });

  test('the chunk is named after its first line', () => {
    expect(errorOf(() => createVm().doString('local x = nil\nx()')).message).toBe('[string "local x = nil..."]:2: attempt to call a nil value (local \'x\')');
  });
});

describe('limits', () => {
  test('the memory limit is an error that Lua can catch, and the VM stays usable', () => {
    const vm = createVm({ memoryLimit: 8 << 20 });
    const greedy = 'local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end';
    expect(errorOf(() => vm.doString(greedy)).code).toBe('memory');
    expect(vm.doString(`local ok, message = pcall(load([[${greedy}]])) return ok, message`)).toEqual([false, 'not enough memory']);
    expect(vm.doString('local t = {} for i = 1, 1000 do t[i] = {} end return #t')).toEqual([1000]);
    expect(vm.stats().memoryUsed).toBeLessThan(8 << 20);
  });

  test('the host can stop a program between slices', () => {
    let left = 3;
    const timeout = new Error('too slow');
    const vm = createVm({
      onSlice: () => {
        if (--left === 0) throw timeout;
      },
    });
    expect(errorOf(() => vm.doString('while true do end')).cause).toBe(timeout);
    expect(vm.doString('return 1')).toEqual([1]);
  });

  test('bad options are refused', () => {
    expect(() => createVm({ memoryLimit: -1 })).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => createVm({ libraries: ['nope' as 'io'] })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('libraries', () => {
  test('are chosen', () => {
    expect(createVm({ libraries: 'none' }).globals.entries()).toEqual([]);
    expect(createVm({ libraries: ['base', 'math'] }).doString('return type(math), type(string), type(io), type(print)')).toEqual([
      'table', 'nil', 'nil', 'function',
    ]);
    expect(createVm({ libraries: 'sandbox' }).doString('return io, os, require, loadfile, dofile, debug, package, type(load)')).toEqual([
      undefined, undefined, undefined, undefined, undefined, undefined, undefined, 'function',
    ]);
  });

  test('print writes to the given stream, with __tostring and __name', () => {
    const { vm, output } = recordingVm();
    vm.doString('print(1, 2.5, nil, true, "s") print(setmetatable({}, {__tostring = function() return "obj" end}), 1) print()');
    vm.doString('io.write("a", 1, "\\n") print((tostring(setmetatable({}, {__name = "My.Type"})):gsub("0x%x+", "ADDR")))');
    expect(output()).toBe('1\t2.5\tnil\ttrue\ts\nobj\t1\n\na1\nMy.Type: ADDR\n');
  });

  test('input is read with all formats', () => {
    let rest = new TextEncoder().encode('first\nsecond\n12 0x1F -3.5e1 tail\nend');
    const vm = createVm({
      stdin: (target) => {
        const count = Math.min(target.length, rest.length, 7);
        target.set(rest.subarray(0, count));
        rest = rest.subarray(count);
        return count;
      },
    });
    expect(vm.doString('return io.read(), io.read("L"), io.read("n", "n", "n")')).toEqual(['first', 'second\n', 12, 31, -35]);
    expect(vm.doString('return io.read(0), io.read(5), io.read("a"), io.read("a"), io.read("l"), io.read(0)')).toEqual(['', ' tail', '\nend', '', undefined, undefined]);
  });
});

test('chunks: load, call, globals, files', () => {
  const vm = createVm();
  const chunk = vm.load('local a, b = ... x = a return a + b', '=c');
  expect(chunk.call(1, 2)).toEqual([3]);
  expect(chunk.call1(5, 5)).toBe(10);
  expect(vm.getGlobal('x')).toBe(5);
  expect(() => vm.doFile('x.lua')).toThrow(expect.objectContaining({ code: 'no-such-file' }));
  expect(vm.doString('return coroutine or false, _VERSION')[1]).toBe('Lua 5.4');
});

test('a closed VM refuses to run', () => {
  const vm = createVm();
  vm.close();
  vm.close();
  expect(() => vm.doString('return 1')).toThrow(expect.objectContaining({ code: 'closed' }));
});

test('statistics without a JIT', () => {
  const { recorded, compiled, traces, memoryUsed } = createVm().stats();
  expect([recorded, compiled, traces]).toEqual([0, 0, []]);
  expect(memoryUsed).toBeGreaterThan(1000);
});

test('references keep their objects alive', () => {
  const vm = createVm();
  const table = vm.doString('return {name = "kept"}')[0] as LuaTable;
  expect(table).toBeInstanceOf(LuaReference);
  for (let i = 0; i < 3; i++) vm.collect();
  vm.doString('local t = {} for i = 1, 1000 do t[i] = {i} end');
  expect(table.get('name')).toBe('kept');
});

test('a VM can be made without blocking', async () => {
  expect((await createVmAsync()).doString('return 1')).toEqual([1]);
});

test('the version is the package version', () => {
  expect(VERSION).toBe(packageJson.version);
});
