/** Values in both directions: content, identity, results, tables as values of the host, how handles show themselves. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createVm, LuaError, type LuaFunction, type LuaInput, LuaTable, type LuaThread, LuaUserdata, type LuaValue, results, type Vm } from '../../../src/api/index-node.ts';

const withCode = (code: string): unknown => expect.objectContaining({ code });
const table = (vm: Vm, source: string): LuaTable => vm.doString<[LuaTable]>(`return ${source}`)[0];

describe('content goes in', () => {
  const contents: Readonly<Record<string, LuaInput>> = {
    'an array': [1, 'two', [3]],
    'a plain object': { a: 1, b: { c: [true, { d: 'deep' }] } },
    'an object without prototype': Object.assign(Object.create(null) as Record<string, LuaInput>, { a: 1 }),
    'a Map': new Map<LuaInput, LuaInput>([['a', [1]]]),
    'typed arrays': { ints: new Int16Array([1, -2]), floats: new Float64Array([0.5]), bigs: new BigInt64Array([2n ** 62n]) },
  };
  const plain: Readonly<Record<string, unknown>> = {
    'a Map': { a: [1] }, 'typed arrays': { ints: [1, -2], floats: [0.5], bigs: [2n ** 62n] },
  };

  test.each(Object.entries(contents))('%s, wherever values go', (name, content) => {
    const vm = createVm();
    const expected = plain[name] ?? { ...(content as object) };
    const shown = (value: unknown): unknown => (value as LuaTable).toJS();
    const whole = Array.isArray(content) ? content : expected;
    vm.setGlobal('global', content).setGlobal('f', () => content).setGlobal('echo', (value) => value as LuaInput);
    expect(shown(vm.getGlobal('global'))).toEqual(whole);
    expect(shown(vm.doString('return f()')[0])).toEqual(whole);
    expect(shown(vm.load('return ...').call1(content))).toEqual(whole);
    expect(shown(vm.newTable({ content }).get('content'))).toEqual(whole);
    expect(shown(vm.newTable().set(1, content).get(1))).toEqual(whole);
    expect(shown(vm.fromJS(content as object, 'copy'))).toEqual(whole);
    expect(shown(vm.doString('return echo(f())')[0])).toEqual(whole);
  });

  test('cycles and what is shared stay so', () => {
    const vm = createVm();
    const shared = { name: 'shared' };
    const cycle: Record<string, LuaInput> = { shared, again: shared };
    cycle['self'] = cycle;
    expect(vm.load('local t = ... return t.self == t, t.shared == t.again, t.shared.name').call(cycle)).toEqual([true, true, 'shared']);
  });

  test('of any depth', () => {
    const vm = createVm();
    let deep: LuaInput = 'bottom';
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(vm.load('local t, n = ..., 0 while type(t) == "table" do t = t[1] n = n + 1 end return t, n').call(deep)).toEqual(['bottom', 100_000]);
    let back = vm.doString<[LuaTable]>('local t = {"bottom"} for i = 2, 100000 do t = {t} end return t')[0].toJS();
    for (let i = 0; i < 100_000; i++) back = (back as unknown[])[0];
    expect(back).toBe('bottom');
  });

  test('is the same table as long as Lua has it, filled anew each time', () => {
    const vm = createVm();
    const object: Record<string, LuaInput> = { a: 1 };
    vm.setGlobal('o', object);
    expect(vm.load('local a = ... return a == o, ({[o] = 1})[a]').call(object)).toEqual([true, 1]);
    vm.doString('o.a = nil o.extra = 1');
    object['b'] = 2;
    vm.load('last = ...').call(object);
    expect([vm.doString('return last == o')[0], table(vm, 'o').toJS()]).toEqual([true, { a: 1, b: 2 }]);
    vm.doString('o = nil last = nil');
    vm.collect();
    expect(vm.load('local t = ... return t.a, t.b').call(object)).toEqual([1, 2]);
    expect(vm.newTable(object)).not.toBe(vm.newTable(object));
  });

  test('or is refused before anything changes', () => {
    const vm = createVm().setGlobal('t', 'old');
    const throwing = Object.defineProperty({}, 'x', { enumerable: true, get: () => { throw new Error('getter'); } });
    for (const wrong of [Promise.resolve(1), [Symbol('s')], { a: { b: 2n ** 70n } }, new Map([[Number.NaN, 1]]), new Map([[undefined, 1]]), throwing, [Promise.resolve()]]) {
      expect(() => vm.setGlobal('t', wrong as never)).toThrow(withCode('bad-value') as Error);
      expect(() => vm.load('return ...').call(wrong as never)).toThrow(withCode('bad-value') as Error);
    }
    expect(() => vm.setGlobal('t', results(1) as never)).toThrow(withCode('bad-value') as Error);
    expect(() => vm.setGlobal('t', Promise.resolve() as never)).toThrow(/fromJS\(promise, 'opaque'\)/);
    expect(() => vm.fromJS(new Date(0) as never, 'copy')).toThrow(withCode('bad-value') as Error);
    expect(() => vm.fromJS(5 as never, 'copy')).toThrow(withCode('bad-argument') as Error);
    expect(() => vm.fromJS({}, 'nope' as never)).toThrow(withCode('bad-argument') as Error);
    expect(vm.getGlobal('t')).toBe('old');
  });

  test('opaque: one userdata for one object, which comes out as itself', () => {
    const vm = createVm();
    const promise = Promise.resolve(1);
    const handle = vm.fromJS(promise, 'opaque');
    expect(handle).toBeInstanceOf(LuaUserdata);
    expect(vm.load('local a, b = ... return type(a), a == b, a').call(handle, vm.fromJS(promise, 'opaque'))).toEqual(['userdata', true, promise]);
    expect(vm.load('return type(...)').call(vm.fromJS([1], 'opaque'))).toEqual(['userdata']);
  });
});

test('several results are results(...), an array is one table', () => {
  const vm = createVm().register({ several: () => results(1, undefined, [2]), none: () => results(), one: () => [1, 2] });
  expect(vm.doString('return select("#", several()), select("#", none()), select("#", one()), #one()')).toEqual([3, 0, 1, 2]);
  expect(vm.doString('local a, b, c = several() return a, b, c[1]')).toEqual([1, undefined, 2]);
});

describe('tables come out by toJS', () => {
  const vm = createVm();

  test.each([
    ['{10, 20, {30}}', [10, 20, [30]]],
    ['{1, nil, 3}', [1, undefined, 3]],
    ['{}', {}],
    ['{x = 1, [2] = "two", [1.5] = true}', { x: 1, 2: 'two', 1.5: true }],
    ['{[1] = 1, [1000] = 2}', { 1: 1, 1000: 2 }],
    ['{a = {b = {c = {1, 2}}}}', { a: { b: { c: [1, 2] } } }],
    ['setmetatable({1}, {__index = error, __len = error, __pairs = error})', [1]],
    ['{math.maxinteger, "\\xff"}', [2n ** 63n - 1n, new Uint8Array([255])]],
  ])('%s', (source, expected) => {
    expect(table(vm, source).toJS()).toEqual(expected);
  });

  test('cycles are kept', () => {
    const made = vm.doString<[LuaTable]>('local t = {list = {}} t.self = t t.list[1] = t return t')[0].toJS<{ self: unknown; list: unknown[] }>();
    expect(made.self).toBe(made);
    expect(made.list[0]).toBe(made);
  });

  test('to a depth, or with Maps', () => {
    const nested = table(vm, '{a = {b = {}}, f = print}');
    expect(nested.toJS<{ a: unknown }>({ depth: 1 }).a).toBe(nested.get('a'));
    expect(nested.toJS<{ a: { b: unknown } }>({ depth: 2 }).a.b).toBeInstanceOf(LuaTable);
    expect(table(vm, '{[true] = 1, list = {1}}').toJS({ maps: true })).toEqual(new Map<unknown, unknown>([[true, 1], ['list', [1]]]));
    const key = table(vm, '{k = "key"}');
    vm.setGlobal('key', key);
    expect(table(vm, '{[key] = 1}').toJS<Map<unknown, number>>({ maps: true }).get(key)).toBe(1);
  });

  test('what an object cannot have is refused, and nothing is lost', () => {
    for (const source of ['{[true] = 1}', '{[{}] = 1}', '{[1] = 1, ["1"] = 2, x = 3}', '{["\\xff"] = 1}']) {
      expect(() => table(vm, source).toJS(), source).toThrow(withCode('bad-value') as Error);
      expect(table(vm, source).toJS({ maps: 'where-needed' }), source).toBeInstanceOf(Map);
    }
    const named = table(vm, '{__proto__ = 1, constructor = 2}').toJS<object>();
    expect([Object.keys(named).sort(), Object.getPrototypeOf(named)]).toEqual([['__proto__', 'constructor'], Object.prototype]);
    for (const options of [{ depth: 0 }, { depth: '1' }, { maps: 'yes' }, { deep: 1 }, 5]) expect(() => table(vm, '{}').toJS(options as never)).toThrow(withCode('bad-option') as Error);
  });
});

describe('tables', () => {
  test('are used as Lua uses them', () => {
    const vm = createVm();
    const t = table(vm, `setmetatable({1, 2, own = 'own'}, {
      __index = function(_, k) return 'index ' .. tostring(k) end, __newindex = function(t, k, v) rawset(t, 'set ' .. k, v) end,
      __len = function() return 42 end, __call = function(_, a, b) return b, a end, __tostring = function() return 'text' end,
      __pairs = function() local n = 0 return function() n = n + 1 if n < 3 then return n, n * n end end end})`);
    expect([t.get('own'), t.get('x'), t.rawGet('x'), t.length, t.call(1, 2), t.call1('a', 'b'), String(t)]).toEqual(['own', 'index x', undefined, 42, [2, 1], 'b', 'text']);
    t.set('new', 5);
    t.rawSet('raw', 6);
    expect([t.rawGet('set new'), t.rawGet('raw'), t.rawGet('new'), t.has('anything')]).toEqual([5, 6, undefined, true]);
    expect([[...t], t.entries(), t.keys(), t.values()]).toEqual([[[1, 1], [2, 4]], [[1, 1], [2, 4]], [1, 2], [1, 4]]);
    const plain = table(vm, '{x = 1}');
    expect([plain.has('x'), plain.delete('x'), plain.delete('x'), plain.has('x')]).toEqual([true, true, false, false]);
    expect(() => plain.call()).toThrow(LuaError);
    expect(() => table(vm, 'setmetatable({}, {__len = function() return {} end})').length).toThrow(withCode('bad-value') as Error);
  });

  test('are gone through lazily, while fields change', () => {
    const vm = createVm();
    const t = table(vm, '{10, 20, 30, x = 1}');
    const seen: unknown[] = [];
    for (const [key] of t) {
      seen.push(key);
      t.set(key, undefined);
    }
    expect([seen, t.entries()]).toEqual([[1, 2, 3, 'x'], []]);
  });

  test('as objects: proxy', () => {
    const vm = createVm();
    const t = table(vm, '{x = 1, nested = {y = 2}, add = function(a, b) return a + b end, 10, 20}');
    const proxy = t.proxy<{ x: number; nested: { y: number; z?: string }; add: (a: number, b: number) => number; 1: number; list?: number[] }>();
    expect([proxy.x, proxy.nested.y, proxy.add(2, 3), proxy[1], 'x' in proxy, 'nope' in proxy]).toEqual([1, 2, 5, 10, true, false]);
    proxy.x = 7;
    proxy.nested.z = 'z';
    proxy.list = [1, 2];
    expect(t.toJS({ maps: 'where-needed' })).toMatchObject({ x: 7, nested: { y: 2, z: 'z' }, list: [1, 2] });
    delete proxy.list;
    expect(Object.keys(proxy).sort()).toEqual(['1', '2', 'add', 'nested', 'x']);
    expect(vm.load('local t, u = ... return t == u').call(proxy as LuaInput, t)).toEqual([true]);
    expect(JSON.stringify(proxy.nested)).toBe('{"y":2,"z":"z"}');
  });
});

test('functions can be bound', () => {
  const vm = createVm();
  const f = vm.load<[...LuaInput[]], [number, ...LuaValue[]]>('return select("#", ...), ...');
  expect(f.bind().call(1)).toEqual([1, 1]);
  expect(f.bind('a', undefined).call('c', undefined)).toEqual([4, 'a', undefined, 'c', undefined]);
  expect(vm.load('local f = ... return f(2)').call(vm.load('local a, b = ... return a - b').bind(10))).toEqual([8]);
  expect(createVm({ libraries: 'none' }).load('return ...').bind(1).call1()).toBe(1);
});

describe('handles show their content', () => {
  const vm = createVm();
  const [t, f, thread, file] = vm.doString<[LuaTable, LuaFunction, LuaThread, LuaUserdata]>('return {1, 2, {x = {y = {}}}, n = 1}, print, coroutine.create(print), io.stdout');

  test('to util.inspect', () => {
    expect(inspect(t, { depth: 5, breakLength: Number.POSITIVE_INFINITY })).toBe("LuaTable { '1': 1, '2': 2, '3': { x: { y: {} } }, n: 1 }");
    expect(inspect(table(vm, '{1, 2}'))).toBe('LuaTable [ 1, 2 ]');
    expect(inspect({ deep: { deep: { deep: t } } })).toContain('[LuaTable]');
    expect(inspect(table(vm, '{[true] = 1}'))).toBe('LuaTable Map(1) { true => 1 }');
    expect(inspect(vm.doString<[LuaTable]>('local t = {} t.t = t return t')[0], { depth: null })).toContain('Circular');
    expect([inspect(f), inspect(thread), inspect(file)]).toEqual([
      expect.stringMatching(/^LuaFunction <function: /), expect.stringMatching(/^LuaThread <thread: /), expect.stringMatching(/^LuaUserdata <file /),
    ]);
    expect([String(f), String(t), String(file)]).toEqual([expect.stringMatching(/^function: /), expect.stringMatching(/^table: /), expect.stringMatching(/^file /)]);
  });

  test('to JSON', () => {
    expect(JSON.stringify({ t: table(vm, '{list = {1, 2}, name = "n", f = print}') })).toMatch(/^\{"t":\{("list":\[1,2\]|"name":"n"|,)+\}\}$/);
    expect(JSON.stringify([f, thread, file])).toBe('[null,null,null]');
  });

  test('and never throw when they are shown', () => {
    const other = createVm();
    const closed = other.newTable({ x: 1 });
    other.close();
    const released = vm.newTable();
    released.release();
    expect([inspect(closed), inspect(released), inspect(table(vm, 'setmetatable({}, {__tostring = error})'))]).toEqual(['LuaTable <closed>', 'LuaTable <released>', 'LuaTable {}']);
  });
});

test('an error of the host in messages, through pcall and out again', () => {
  const vm = createVm();
  const boom = new TypeError('boom');
  vm.setGlobal('f', () => { throw boom; });
  expect(vm.doString('local _, e = pcall(f) return "failed: " .. e, tostring(e):upper(), e')).toEqual(['failed: boom', 'BOOM', boom]);
  let thrown: unknown;
  try {
    vm.doString('local function inner() f() end local ok, e = pcall(inner) error(e)', '=chunk');
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ cause: boom, value: boom, traceback: expect.stringContaining('chunk:1:') as string });
  expect(boom.stack).toContain('values.test.ts');
});

test('keys that do not come back as they were can be gone through', () => {
  const vm = createVm();
  const [table] = vm.doString<[LuaTable]>('local a, b = 1, 2 local function f() return a, b end return {[debug.upvalueid(f, 1)] = "light", [debug.upvalueid(f, 2)] = "other", [1 << 60] = "big", ["\\xff"] = "bytes", [2^53] = "float", x = 1}');
  expect([...table].map(([, value]) => value).sort()).toEqual([1, 'big', 'bytes', 'float', 'light', 'other']);
  for (const [key] of table) {
    if (typeof key === 'number' && key > 1) break;
  }
});
