/** Views of objects: what Lua reads and writes through them, and what it cannot reach. */
import { describe, expect, test } from 'vitest';
import { createVm, LuaFunction, restoreVm, type LuaUserdata, type Vm } from '../../../src/api/index.ts';

const withCode = (code: string): unknown => expect.objectContaining({ code });
const show = (object: object): { vm: Vm; view: LuaUserdata } => {
  const vm = createVm();
  const view = vm.fromJS(object, 'live');
  vm.setGlobal('o', view);
  return { vm, view };
};
const run = (object: object, source: string): unknown[] => show(object).vm.doString(source);
const failing = (object: object, source: string): unknown => show(object).vm.doString(`return tostring((select(2, pcall(function() ${source} end))))`)[0];

describe('a plain object', () => {
  test('is read and written through', () => {
    const object: Record<string, unknown> = { a: 1, nested: { deep: [10, 20] }, f: (x: number) => x * 2, bytes: new Uint8Array([255]) };
    const { vm, view } = show(object);
    expect(vm.doString('o.a = o.a + 1 o.b = "new" o.nested.deep[2] = 21 o.nested.deep[3] = 30 return o.a, o.nope, #o.nested.deep, o.f(4), #o.bytes, type(o)')).toEqual([2, undefined, 3, 8, 1, 'userdata']);
    expect(object).toMatchObject({ a: 2, b: 'new', nested: { deep: [10, 21, 30] } });
    object['a'] = 'later';
    expect([view.get('a'), vm.doString('return o.a, o.nested == o.nested')]).toEqual(['later', ['later', true]]);
    expect(vm.doString('o.a = nil return o.a')).toEqual([undefined]);
    expect('a' in object).toBe(false);
  });

  test('is the same one, and itself for the host', () => {
    const object = { a: 1 };
    const { vm } = show(object);
    expect(vm.getGlobal('o')).toBe(object);
    vm.setGlobal('again', vm.fromJS(object, 'live'));
    vm.setGlobal('f', (given: unknown) => given === object);
    expect(vm.doString('local seen = {[o] = 1} return o == again, seen[again], f(o)')).toEqual([true, 1, true]);
  });

  test('has pairs, as they were when they were asked for', () => {
    const object = Object.assign(Object.create({ inherited: 1 }) as Record<string, unknown>, { a: 1, b: undefined, c: null, d: { e: 2 } });
    Object.defineProperties(object, { hidden: { value: 1 }, getter: { enumerable: true, get: () => { throw new Error('called'); } } });
    expect(run(object, 'local t = {} for k, v in pairs(o) do t[#t + 1] = k .. "=" .. type(v) o.x = 1 end return table.concat(t, " ")')).toEqual(['a=number d=userdata']);
    expect(failing({}, 'next(o)')).toContain('table expected, got object');
  });

  test('keeps what Lua writes: tables by their content, functions, objects as themselves', () => {
    const other = { x: 1 };
    const object: Record<string, unknown> = { other };
    const { vm } = show(object);
    vm.doString('o.list = {1, {2}} o.f = function(x) return x + 1 end o.same = o.other o.me = o');
    vm.collect();
    expect([object['list'], object['same'] === other, object['me'] === object]).toEqual([[1, [2]], true, true]);
    expect((object['f'] as LuaFunction).call1(4)).toBe(5);
    expect(object['f']).toBeInstanceOf(LuaFunction);
  });
});

describe('an array', () => {
  test('has indices from 1 on', () => {
    const array: unknown[] = ['a', 'b'];
    expect(run(array, 'o[#o + 1] = "c" o[1] = "A" local t = {} for i, v in ipairs(o) do t[#t + 1] = i .. v end for k in pairs(o) do t[#t + 1] = k end return table.concat(t, " "), #o, o[0], o[4], o["0"], o.length, o[1.5]')).toEqual(['1A 2b 3c 1 2 3', 3, undefined, undefined, undefined, undefined, undefined]);
    expect(array).toEqual(['A', 'b', 'c']);
    expect(run(array, 'table.insert(o, "d") table.remove(o, 1) return table.concat(o, ",")')).toEqual(['b,c,d']);
    expect(array).toEqual(['b', 'c', 'd']);
    expect(run(array, 'o[#o] = nil o[1] = nil o[9] = nil return #o')).toEqual([2]);
    expect(array).toEqual([undefined, 'c']);
  });

  test('has no holes made, and no length set', () => {
    const array = [1];
    expect(failing(array, 'o[3] = 1')).toContain('index 3 of an array of the host is not the next one');
    for (const source of ['o.length = 0', 'o[0] = 1', 'o[-1] = 1', 'o["0"] = 1', 'o[true] = 1', 'o[{}] = 1']) expect(failing(array, source), source).toContain('cannot be assigned to');
    expect(array).toEqual([1]);
  });

  test('of a type has a length that stays', () => {
    const array = new Float64Array([1, 2]);
    expect(run(array, 'o[1] = 0.5 return o[1], #o, o[3]')).toEqual([0.5, 2, undefined]);
    expect([...array]).toEqual([0.5, 2]);
    expect(failing(array, 'o[3] = 1')).toContain('cannot be assigned to');
    expect(failing(new BigInt64Array(1), 'o[1] = 1')).toContain('BigInt');
  });
});

describe('nothing else can be reached:', () => {
  test.each(['constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty', 'inherited', 'hidden', 'getter', 'method', 'secret'])('%s', (name) => {
    let called = 0;
    class Thing {
      own = 1;
      method(): number { return 1; }
      get getter(): number { return ++called; }
    }
    const object = Object.defineProperties(new Thing(), { hidden: { value: 1 }, secret: { enumerable: true, get: () => ++called, set: () => void called++ } });
    expect(run(object, `return o.own, o.${name}`)).toEqual([1, undefined]);
    if (['hidden', 'secret', '__proto__'].includes(name)) expect(failing(object, `o.${name} = {}`)).toContain(`field '${name}' of an object of the host cannot be assigned to`);
    else {
      run(object, `o.${name} = 5 o.${name} = nil`);
      expect(Object.getPrototypeOf(object)).toBe(Thing.prototype);
    }
    expect([called, Thing.prototype.method.call(object), ({} as { own?: number }).own]).toEqual([0, 1, undefined]);
  });

  test('no prototype of anything is changed', () => {
    const object = JSON.parse('{"__proto__": {"polluted": 1}, "a": {}}') as object;
    expect(failing(object, 'o.__proto__ = {x = 1}')).toContain('cannot be assigned to');
    expect(failing(object, 'o.a.__proto__ = {polluted = 1}')).toContain('cannot be assigned to');
    expect(failing({}, 'o.constructor.prototype.polluted = 1')).toContain('nil value');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('frozen, sealed and refusing objects say so', () => {
    for (const object of [Object.freeze({ a: 1 }), new Proxy({ a: 1 }, { defineProperty: () => false, deleteProperty: () => false })]) {
      for (const source of ['o.a = 2', 'o.b = 2', 'o.a = nil']) expect(failing(object, source), source).toContain('of an object of the host cannot be assigned to');
    }
    expect(failing(Object.freeze([1]), 'o[2] = 2')).toContain('cannot be assigned to');
    expect(failing(new Proxy({}, { getOwnPropertyDescriptor: () => { throw new Error('trap'); } }), 'return o.x')).toContain('trap');
  });

  test('its metatable is locked, and of no use for other objects', () => {
    const { vm } = show({ a: 1 });
    class Opaque { secret = 1; }
    vm.setGlobal('other', new Opaque());
    expect(vm.doString('return getmetatable(o), (pcall(setmetatable, o, {}))')).toEqual([false, false]);
    expect(vm.doString('return pcall(debug.getmetatable(o).__index, other, "secret")')).toEqual([false, expect.stringContaining('a view of an object expected')]);
    expect(vm.doString('return pcall(debug.getmetatable(o).__index, {}, "secret")')).toEqual([false, expect.stringContaining('a view of an object expected')]);
    expect(vm.doString('return (tostring(o):gsub(": .*", ""))')).toEqual(['object']);
  });
});

test('a promise in it is looked at, not waited for', async () => {
  const promise = Promise.resolve(1);
  const { vm } = show({ promise });
  vm.setGlobal('same', (given: object) => given === promise);
  vm.setGlobal('wait', (given: object) => given as Promise<number>);
  expect(vm.doString('return same(o.promise)')).toEqual([true]);
  await expect(vm.doStringAsync('return wait(o.promise)')).resolves.toEqual([1]);
});

test('what has no such fields, or is a registered class, is refused', () => {
  class Registered { a = 1; }
  const vm = createVm();
  vm.register(Registered, {});
  for (const object of [new Map(), new Set(), Promise.resolve(), new DataView(new ArrayBuffer(1)), new Registered()]) expect(() => vm.fromJS(object, 'live')).toThrow(withCode('bad-value') as Error);
  for (const mode of ['copy', 'live'] as const) {
    for (const object of [new Set(), Promise.resolve(), new DataView(new ArrayBuffer(1))]) expect(() => vm.fromJS(object, mode as 'live')).toThrow(/: 'opaque' passes it/);
  }
  expect(() => vm.fromJS(new Map(), 'live')).toThrow(/: 'copy' or 'opaque' passes it/);
  expect(() => vm.fromJS(new Date(), 'copy')).toThrow(/: 'live' shows its properties, 'opaque' passes it/);
  expect(() => vm.fromJS(new Registered(), 'copy')).toThrow(/: 'opaque' passes it/);
  for (const wrong of [1, 'a', null, undefined]) expect(() => vm.fromJS(wrong as never, 'live')).toThrow(withCode('bad-argument') as Error);
  expect(() => vm.fromJS({}, 'lively' as never)).toThrow(withCode('bad-argument') as Error);
  vm.close();
  expect(() => vm.fromJS({}, 'live')).toThrow(withCode('closed') as Error);
});

test('views go along in a fork; a snapshot has none, and may have had some', () => {
  const object = { a: 1 };
  const { vm, view } = show(object);
  const fork = vm.fork();
  expect(fork.doString('o.a = o.a + 1 return o.a')).toEqual([2]);
  fork.setGlobal('other', fork.fromJS({ b: 3 }, 'live'));
  expect([object.a, fork.doString('return other.b')]).toEqual([2, [3]]);
  expect(() => vm.snapshot()).toThrow(withCode('not-portable') as Error);
  vm.doString('o = nil');
  view.release();
  vm.collect();
  const restored = restoreVm(vm.snapshot());
  restored.setGlobal('o', restored.fromJS(object, 'live'));
  expect(restored.doString('return o.a')).toEqual([2]);
});
