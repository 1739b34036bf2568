/** Host functions that are generators: they call Lua and yield to it without the host's stack in between. */
import { describe, expect, test } from 'vitest';
import { type AsyncLuaSequence, callLua, type LuaError, type LuaFunction, type LuaSequence, type LuaValue, results, yieldLua } from '../../../src/api/index-node.ts';
import { debugCore, INTERPRETED } from '../../support/engine.ts';
import { failureOf, makeVm, MODES } from './harness.ts';

function* map(list: LuaValue, func: LuaValue): LuaSequence {
  const found: LuaValue[] = [];
  for (const [, value] of list as Iterable<[LuaValue, LuaValue]>) {
    const [result] = yield callLua(func, value);
    found.push(result);
  }
  return results(...found);
}

function* attempt(func: LuaValue, ...args: LuaValue[]): LuaSequence {
  try {
    return results(true, ...(yield callLua(func, ...args)));
  } catch (error) {
    return results(false, (error as LuaError).value);
  } finally {
    log.push('left');
  }
}

async function* steps(func: LuaValue, n: LuaValue): AsyncLuaSequence {
  let sum = 0;
  for (let i = 1; i <= (n as number); i++) {
    await new Promise((resolve) => setImmediate(resolve));
    const [value] = yield callLua(func, i);
    sum += value;
  }
  return sum;
}

const log: string[] = [];

describe.each(MODES.map((mode) => [mode.name, mode] as const))('%s', (_, mode) => {
  test('calls, yields, errors and waiting cross them', async () => {
    log.length = 0;
    const vm = makeVm(mode, {}, (call) => call % 2 === 0);
    vm.register({ map, attempt, steps });
    vm.setGlobal('ask', function* (...values: LuaValue[]): LuaSequence {
      return results(...(yield yieldLua(...values)));
    });
    vm.setGlobal('slowly', function* (value: LuaValue): LuaSequence {
      const now = yield Promise.resolve(value);
      try {
        yield Promise.reject(new Error('caught'));
      } catch (error) {
        return results(now, (error as Error).message);
      }
    });
    const source = `
      local log = {}
      log[1] = table.concat({ map({ 1, 2, 3 }, function(x) return wait(x) * 2 end) }, ',')
      log[2] = table.concat({ map({ 3, 4 }, function(x) return (map({ x }, function(y) return y + 1 end)) end) }, ',')
      local co = coroutine.wrap(function() local t = { map({ 1, 2 }, function(x) return coroutine.yield(x) end) } return ask(t[1], t[2]) end)
      log[3] = co() log[4] = co('a') log[5] = table.concat({ co('b') }) log[6] = co('end')
      log[7] = tostring(select(2, attempt(function() wait() error('oh', 0) end)))
      log[8] = tostring(attempt(function(...) return wait(...) end, 1))
      local ok, message = pcall(map, { 1 }, function() error({ 'table' }) end)
      log[9] = message[1]
      log[10] = steps(function(i) return wait(i * 10) end, 4)
      log[11] = table.concat({ slowly('now') }, ' ')
      log[12] = tostring(select(2, pcall(ask)))
      for i = 1, 60 do if map({ i }, function(x) return x end) ~= i then log[13] = i end end
      return table.unpack(log)`;
    expect(await vm.doStringAsync(source)).toEqual([
      '2,4,6', '4,5', 1, 2, 'ab', 'end', 'oh', 'true', 'table', 100, 'now caught', expect.stringContaining('attempt to yield from outside a coroutine'),
    ]);
    expect(log).toEqual(['left', 'left']);
    vm.close();
  });
});

describe('sequences', () => {
  test('need nobody who waits as long as nothing is promised', () => {
    const vm = makeVm(INTERPRETED).register({ map, steps });
    expect(vm.doString('return map({ 1, 2 }, function(x) return x + 1 end)')).toEqual([2, 3]);
    expect(vm.doString('local ok, e = pcall(steps, print, 1) return ok, tostring(e)')).toEqual([false, expect.stringContaining('callAsync')]);
    vm.setGlobal('later', function* (): LuaSequence {
      yield Promise.resolve();
    });
    expect(() => vm.doString('later()')).toThrow('callAsync');
  });

  test('what they throw is an error, an error that passes through keeps its value', () => {
    const vm = makeVm(INTERPRETED).register({ map });
    const cause = new Error('mine');
    vm.setGlobal('fail', function* (): LuaSequence {
      yield callLua(vm.load('return 1'));
      throw cause;
    });
    expect(() => vm.doString('fail()')).toThrow(expect.objectContaining({ message: 'mine', cause }));
    expect(vm.doString('local t = {} local ok, e = pcall(map, { 1 }, function() error(t) end) return e == t')).toEqual([true]);
    expect(() => vm.doString('map({ 1 }, function() fail() end)')).toThrow(expect.objectContaining({ cause }));
  });

  test('to yield anything else is a mistake, which they are told', () => {
    const vm = makeVm(INTERPRETED);
    vm.setGlobal('f', function* (): LuaSequence {
      try {
        yield 5 as never;
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    expect(vm.doString('return f()')).toEqual(['bad-argument']);
  });

  test('what ends the call cleans them up', async () => {
    const vm = makeVm(INTERPRETED, { core: debugCore() });
    const left: string[] = [];
    const hang = new Promise(() => {});
    vm.setGlobal('within', function* (func: LuaValue, name: LuaValue): LuaSequence {
      try {
        return results(...(yield callLua(func)));
      } finally {
        left.push(name as string);
      }
    });
    vm.setGlobal('hang', function* (): LuaSequence {
      try {
        yield hang;
      } finally {
        left.push('hang');
      }
    });
    vm.setGlobal('hangAsync', async function* (): AsyncLuaSequence {
      await hang;
      yield yieldLua();
    });
    const controller = new AbortController();
    const run = (source: string): Promise<unknown> => failureOf(vm.doStringAsync(source, '=x', { signal: controller.signal }));
    const calls = [run('within(function() within(hang, "inner") end, "outer")'), run('hangAsync()'), run('coroutine.wrap(function() within(function() coroutine.yield() end, "co") end)() hang()')];
    controller.abort();
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'abort' });
    expect(left).toEqual(['hang', 'inner', 'outer', 'hang']);
    vm.doString('local co = coroutine.create(function() within(coroutine.yield, "closed") end) coroutine.resume(co) coroutine.close(co)');
    expect(left.at(-1)).toBe('closed');
  });

  test('values are held while they are suspended', async () => {
    const vm = makeVm(INTERPRETED, { core: debugCore() });
    vm.setGlobal('hold', function* (table: LuaValue): LuaSequence {
      yield callLua(vm.load('collectgarbage() local t = {} for i = 1, 100 do t[i] = {} end collectgarbage()'));
      yield new Promise((resolve) => setImmediate(resolve));
      return table;
    });
    expect(await vm.doStringAsync('local t = hold({ 7 }) return t[1]')).toEqual([7]);
  });

  test('one function is one value, with its name', () => {
    const vm = makeVm(INTERPRETED).register({ map });
    vm.setGlobal('again', map);
    expect(vm.doString('return map == again, tostring(map):match("^builtin") or tostring(map):match("^function")')).toEqual([true, expect.anything()]);
    expect(() => (vm.getGlobal('map') as LuaFunction).call(vm.newTable([1]), vm.load("error('deep', 0)"))).toThrow('deep');
  });
});
