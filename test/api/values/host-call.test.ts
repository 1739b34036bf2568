/** Arguments and results of host functions: numbers by value, objects that only the arguments' slots hold. */
import { describe, expect, test } from 'vitest';
import { createJit } from '../../../jit/index.ts';
import { createVm, type LuaFunction, type LuaTable, type LuaValue, results, type Vm } from '../../../src/api/index.ts';
import { valuesOf } from '../../../src/api/vm.ts';

const engines: readonly (readonly [name: string, create: () => Vm])[] = [
  ['interpreted', () => createVm()],
  ['compiled', () => createVm({ jit: createJit({ tunables: { share: 100, hotloop: 2, hotexit: 2 } }) })],
];

describe.each(engines)('numbers, %s', (_name, create) => {
  test.each([
    ['0', 0], ['-1', -1], ['1 << 31', 2 ** 31], ['-(1 << 31)', -(2 ** 31)], ['1 << 32', 2 ** 32], ['(1 << 53) - 1', Number.MAX_SAFE_INTEGER], ['-(1 << 53) + 1', Number.MIN_SAFE_INTEGER],
    ['1 << 53', 2n ** 53n], ['math.mininteger', -(2n ** 63n)], ['math.maxinteger', 2n ** 63n - 1n], ['0.5', 0.5], ['-0.0', -0], ['0/0', Number.NaN], ['1/0', Number.POSITIVE_INFINITY], ['2.0^53', 2 ** 53], ['3.0', 3],
  ] as const)('%s', (source, expected) => {
    const vm = create();
    const seen: LuaValue[][] = [];
    vm.setGlobal('f', (...args: LuaValue[]) => void seen.push(args));
    vm.doString(`for i = 1, 10 do f(${source}) f(${source}, ${source}) f('x', ${source}, ${source}) end`);
    expect(seen.slice(-3)).toEqual([[expected], [expected, expected], ['x', expected, expected]]);
    expect(Object.is(seen[0]![0], expected)).toBe(true);
  });

  test.each([
    [0, 'integer', '0'], [-0, 'float', '-0.0'], [7, 'integer', '7'], [-(2 ** 31), 'integer', '-2147483648'], [2 ** 32 + 1, 'integer', '4294967297'], [Number.MAX_SAFE_INTEGER, 'integer', '9007199254740991'],
    [2 ** 53, 'float', '9.007199254741e+15'], [0.5, 'float', '0.5'], [Number.NEGATIVE_INFINITY, 'float', '-inf'], [1e300, 'float', '1e+300'],
  ] as const)('%s as a result', (result, type, text) => {
    const vm = create();
    vm.setGlobal('f', () => result);
    expect(vm.doString('local r for i = 1, 10 do r = f() end return math.type(r), tostring(r)')).toEqual([type, text]);
  });

  test('NaN as a result', () => {
    const vm = create();
    vm.setGlobal('f', () => Number.NaN);
    expect(vm.doString('local r for i = 1, 10 do r = f() end return math.type(r), r ~= r')).toEqual(['float', true]);
  });

  test('in calls within calls, while the stack grows', () => {
    const vm = create();
    vm.setGlobal('f', (n: number, g: LuaFunction<[number], [number]>) => (n === 0 ? 0.5 : 1 + g.call1(n - 1)));
    expect(vm.doString('local function g(n) local function deep(k) if k == 0 then return f(n, g) end return 0 + deep(k - 1) end return deep(200) end return g(20)')).toEqual([20.5]);
  });
});

describe('objects in the slots of arguments', () => {
  test('live through collections', () => {
    const vm = createVm();
    vm.setGlobal('f', (a: LuaTable, b: LuaFunction, c: LuaTable) => {
      for (let i = 0; i < 3; i++) vm.collect();
      vm.doString('local t = {} for i = 1, 1000 do t[i] = {} end');
      return results(a.get('x') as number, b.call1() as number, c.length);
    });
    expect(vm.doString('return f({x = 1}, function() return 2 end, {1, 2, 3})')).toEqual([1, 2, 3]);
  });

  test('as many as there are, in calls within calls, each one handle', () => {
    const vm = createVm();
    const kept: LuaTable[] = [];
    vm.setGlobal('f', (...tables: LuaTable[]) => {
      const next = tables.pop() as unknown as LuaFunction;
      expect(new Set(tables).size).toBe(tables.length - 1);
      expect(tables[0]).toBe(tables.at(-1));
      next.call();
      vm.collect();
      kept.push(tables[3]!.keep());
      return tables.reduce((sum, table) => sum + (table.get(1) as number), 0);
    });
    vm.doString(`
      function run(depth)
        local t = {}
        for i = 1, 20 do t[i] = {i} end
        t[21] = t[1]
        t[22] = function() if depth > 0 then inner = run(depth - 1) end end
        return f(table.unpack(t))
      end`);
    expect(vm.doString('return run(3), inner')).toEqual([211, 211]);
    expect(valuesOf(vm).handles.size).toBe(4);
    vm.collect();
    expect(kept.map((table) => table.toJS())).toEqual([[4], [4], [4], [4]]);
  });

  test('may be written over by others, and are held all the same', () => {
    const vm = createVm();
    vm.setGlobal('f', (t: LuaTable, g: LuaFunction) => {
      g.call();
      for (let i = 0; i < 3; i++) vm.collect();
      vm.doString('local t = {} for i = 1, 100 do t[i] = {"other"} end');
      return t.get('x') as number;
    });
    expect(vm.doString('local name return f({x = 7}, function() name = debug.setlocal(2, 1, nil) end), name')).toEqual([7, '(C temporary)']);
  });

  test('as results, in another order than they came', () => {
    const vm = createVm({ memoryLimit: 4 << 20 });
    vm.setGlobal('f', (a: LuaTable, b: LuaTable) => results('x'.repeat(600_000), 'y'.repeat(600_000), 'z'.repeat(600_000), b, a));
    const source = 'local x, y, z, b, a = f({"a"}, {"b"}) return #x + #y + #z, a[1], b[1]';
    for (let i = 0; i < 5; i++) expect(vm.doString(source)).toEqual([1_800_000, 'a', 'b']);
  });

  test('are good as long as a promise is waited for', async () => {
    const vm = createVm();
    vm.setGlobal('f', async (t: LuaTable) => {
      await undefined;
      vm.collect();
      return t.get('x') as number;
    });
    const before = valuesOf(vm).handles.size;
    // The chunk has a handle.
    await expect(vm.doStringAsync('return f({x = 3})')).resolves.toEqual([3]);
    expect(valuesOf(vm).handles.size).toBe(before + 1);
  });

  test('are thrown', () => {
    const vm = createVm();
    vm.setGlobal('f', (t: LuaTable) => { throw t; });
    expect(vm.doString('local ok, e = pcall(f, {code = 5}) collectgarbage() return ok, e.code')).toEqual([false, 5]);
  });

  test('are kept by what runs meanwhile in no scope', async () => {
    const vm = createVm();
    let inner: Promise<LuaValue[]> | undefined;
    vm.setGlobal('f', (t: LuaTable) => {
      vm.setGlobal('t', t);
      inner = vm.doStringAsync('return t');
      vm.setGlobal('t', undefined);
    });
    vm.doString('f({x = 9})');
    const [table] = await inner!;
    vm.collect();
    expect((table as LuaTable).get('x')).toBe(9);
  });
});

test('what was printed comes before what a host function does', () => {
  const events: string[] = [];
  const vm = createVm({ stdout: (bytes) => void events.push(new TextDecoder().decode(bytes)) });
  vm.setGlobal('f', () => void events.push('f'));
  vm.doString('print("a") f() io.write("b") f() f()');
  expect(events).toEqual(['a\n', 'f', 'b', 'f', 'f']);
});
