/** Modules of the host's, how chunks are loaded, and what of the libraries is there. */
import { describe, expect, test } from 'vitest';
import { createVm, type LuaError, type LuaFunction, type MoontraceError } from '../../src/api/index-node.ts';

const failure = (action: () => unknown): LuaError | MoontraceError => {
  try {
    action();
  } catch (error) {
    return error as LuaError;
  }
  throw new Error('nothing was thrown');
};

describe('load', () => {
  test('with an environment, a name, a mode', () => {
    const vm = createVm();
    const env = vm.newTable({ x: 5 });
    expect(vm.load('y = x return x, _ENV.print', { env }).call()).toEqual([5, undefined]);
    expect([env.get('y'), vm.getGlobal('y')]).toEqual([5, undefined]);
    expect(failure(() => vm.load('error("e")', { name: '=mine' }).call()).message).toBe('mine:1: e');
    expect(failure(() => vm.load('return 1', { mode: 'b' }))).toMatchObject({ code: 'syntax', message: expect.stringContaining('attempt to load a text chunk') });
    const binary = vm.doString<[Uint8Array]>('return string.dump(function() return 7 end)')[0];
    expect(vm.load(binary, { mode: 'b' }).call()).toEqual([7]);
    expect(failure(() => vm.load(binary, { mode: 't' }))).toMatchObject({ code: 'syntax' });
  });

  test('wrong options', () => {
    const vm = createVm();
    expect(failure(() => vm.load('', { mode: 'x' as never }))).toMatchObject({ code: 'bad-option' });
    expect(failure(() => vm.load('', { no: 1 } as never))).toMatchObject({ code: 'bad-option' });
    expect(failure(() => vm.load('', 5 as never))).toMatchObject({ code: 'bad-argument' });
    expect(failure(() => vm.load('', { env: createVm().newTable() }))).toMatchObject({ code: 'bad-handle' });
  });

  test('syntax errors say where they are', () => {
    const vm = createVm();
    const location = (source: string, name?: string) => (failure(() => vm.load(source, name)) as LuaError).location;
    expect(location('x = 1\ny = = 2', '@file:1.lua')).toEqual({ chunk: 'file:1.lua', line: 2, near: '=' });
    expect(location('return (')).toEqual({ chunk: '[string "return ("]', line: 1, near: '<eof>' });
    expect(location('goto nowhere', '=c')).toMatchObject({ chunk: 'c', line: 1 });
    expect(location("x = 'near it\n'", '=c')).toEqual({ chunk: 'c', line: 1, near: "'near it" });
    expect((failure(() => vm.doString('error("x")')) as LuaError).location).toBeUndefined();
  });
});

describe('modules', () => {
  test('of the host', () => {
    const vm = createVm();
    const made = vm.module('geometry', { pi: 3, area: (r: unknown) => 3 * (r as number) ** 2 });
    expect(vm.doString('local g = require "geometry" return g.area(2), g == ..., g.pi', '=c')).toEqual([12, false, 3]);
    expect(made.get('pi')).toBe(3);
    const table = vm.newTable();
    expect(vm.module('other', table)).toBe(table);
    expect(failure(() => vm.module(5 as never, {}))).toMatchObject({ code: 'bad-argument' });
    expect(failure(() => vm.module('x', 5 as never))).toMatchObject({ code: 'bad-argument' });
  });

  test('that a searcher of the host finds', () => {
    const asked: string[] = [];
    const vm = createVm().addSearcher((name) => {
      asked.push(name);
      return name === 'a' ? 'local name, where = ... return { name, where, require "b" }' : name === 'b' ? new TextEncoder().encode('return "b!"') : name === 'bad' ? 'x = = 1' : undefined;
    });
    expect(vm.doString('local a = require "a" return a[1], a[2], a[3], require "a" == a')).toEqual(['a', ':host:', 'b!', true]);
    expect(asked).toEqual(['a', 'b']);
    expect(failure(() => vm.doString('require "bad"')).message).toMatch(/error loading module 'bad' from the host:\n\tbad:1: unexpected symbol near '='/);
    expect(failure(() => vm.doString('require "none"')).message).toContain("no module 'none' of the host");
  });

  test('that it finds later', async () => {
    const vm = createVm().addSearcher(async (name) => (name === 'late' ? 'return { value = 5 }' : undefined));
    expect(await vm.doStringAsync('return require("late").value, require("late").value')).toEqual([5, 5]);
    expect(failure(() => vm.doString('require "other"')).message).toContain('callAsync');
  });

  test('need the library', () => {
    expect(failure(() => createVm({ libraries: 'sandbox' }).addSearcher(() => undefined))).toMatchObject({ code: 'bad-argument' });
    expect(failure(() => createVm().addSearcher(5 as never))).toMatchObject({ code: 'bad-argument' });
  });
});

describe('functions of the libraries', () => {
  test('can be left out', () => {
    const vm = createVm({ without: ['os.exit', 'os.execute', 'io.popen', 'loadfile', 'dofile'] });
    expect(vm.doString('return os.exit, os.execute, io.popen, loadfile, dofile, type(os.time), type(io.open), package.loaded.os.exit')).toEqual([undefined, undefined, undefined, undefined, undefined, 'function', 'function', undefined]);
    for (const without of [['nolib.f'], ['os.'], [5], 'os.exit']) expect(failure(() => createVm({ without: without as never }))).toMatchObject({ code: 'bad-option' });
  });
});

describe('os.exit', () => {
  test('ends the call from the host, and no pcall stops it', () => {
    const vm = createVm();
    expect(failure(() => vm.doString('pcall(function() local x <close> = setmetatable({}, { __close = function() closed = true end }) os.exit(3) end)'))).toMatchObject({ code: 'exit', value: 3, message: 'os.exit(3)' });
    expect(vm.getGlobal('closed')).toBeUndefined();
    expect(failure(() => vm.doString('os.exit(false)'))).toMatchObject({ code: 'exit', value: 1 });
    expect(failure(() => vm.doString('coroutine.wrap(function() os.exit() end)()'))).toMatchObject({ code: 'exit', value: 0 });
    expect(vm.doString('return 1')).toEqual([1]);
  });

  test('closes what is open, if it is asked to', async () => {
    const vm = createVm();
    const source = 'local x <close> = setmetatable({}, { __close = function() closed = (closed or 0) + 1 end }) coroutine.wrap(function() local y <close> = x pcall(os.exit, true, true) end)()';
    expect(failure(() => vm.doString(source))).toMatchObject({ code: 'exit', value: 0 });
    expect(vm.getGlobal('closed')).toBe(2);
    await expect(vm.doStringAsync(source)).rejects.toMatchObject({ code: 'exit', value: 0 });
    expect(vm.getGlobal('closed')).toBe(4);
  });

  test('is over with the call, also where a host function kept it', () => {
    const loop = 'for i = 1, 1e6 do end return 1';
    const vm = createVm();
    vm.setGlobal('attempt', (f) => failure(() => (f as LuaFunction).call()) !== undefined);
    expect(failure(() => vm.doString('os.exit(0, true)')).code).toBe('exit');
    expect(vm.doString(loop)).toEqual([1]);
    expect(vm.doString('return attempt(function() os.exit(0, true) end)')).toEqual([true]);
    expect(vm.doString(loop)).toEqual([1]);
  });
});
