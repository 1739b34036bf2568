/** Classes of the host in Lua: what is listed works and is checked, and nothing else can be reached. */
import { describe, expect, test } from 'vitest';
import { createJit } from '../../../jit/index.ts';
import { machineOf } from '../../../src/api/engine-port.ts';
import { createVm, type LuaInput, type Vm } from '../../../src/api/index.ts';

const withCode = (code: string): unknown => expect.objectContaining({ code });

class Vec3 {
  constructor(public x = 0, public y = 0, public z = 0) {}
  length(): number {
    return Math.hypot(this.x, this.y, this.z);
  }
  add(other: Vec3): Vec3 {
    return new Vec3(this.x + other.x, this.y + other.y, this.z + other.z);
  }
  secret(): string {
    return 'secret';
  }
  static unit(): Vec3 {
    return new Vec3(1, 0, 0);
  }
}
class Point extends Vec3 {}
class Other {}

function withVec3(closed: Vec3[] = []): Vm {
  const vm = createVm({ jit: createJit({ tunables: { share: 100, hotloop: 2, hotexit: 2 } }) });
  vm.register(Vec3, {
    constructor: true,
    methods: ['length', 'add'],
    statics: ['unit'],
    fields: { x: { get: (self) => self.x, set: (self, x: number) => void Object.assign(self, { x }) }, y: { get: (self) => self.y } },
    metamethods: {
      __add: (a, b: Vec3) => a.add(b), __eq: (a, b: Vec3) => a.length() === b.length(), __tostring: (self) => `(${self.x}, ${self.y}, ${self.z})`, __len: () => 3,
      __close: (self) => void closed.push(self), __gc: (self) => void closed.push(self),
    },
  });
  return vm;
}

test('instances, methods, fields, statics and metamethods', () => {
  const vm = withVec3();
  expect(vm.doString('local v = Vec3(3, 4) return v:length(), v.x, v.y, #v, tostring(v), (v + Vec3.new(1, 1)).x, Vec3.unit():length()')).toEqual([5, 3, 4, 3, '(3, 4, 0)', 4, 1]);
  const [made] = vm.doString<[Vec3]>('local v = Vec3(1, 2, 3) v.x = 7 return v');
  expect([made instanceof Vec3, made.x]).toEqual([true, 7]);
  expect(vm.load('local a, b = ... return a == b, rawequal(a, a), ({[a] = 1})[a], a').call(made, new Vec3(7, 2, 3))).toEqual([true, true, 1, made]);
  expect(vm.doString('local n = 0 for i = 1, 200 do local v = Vec3(i, 0, 0) n = n + v:length() + v.x end return n')).toEqual([40200]);
});

test('a subclass has what its nearest registered class has; another class is refused', () => {
  const vm = withVec3();
  vm.register(Other, {});
  expect(vm.load('local p, v = ... return p:length(), (p + v).x').call(new Point(0, 3, 4), new Vec3(1))).toEqual([5, 1]);
  const message = (call: string): unknown => vm.load(`return select(2, pcall(function(other) local length = Vec3().length ${call} end, ...))`, '=c').call1(new Other());
  expect(message('length({})')).toBe("c:1: bad argument #1 to 'length' (Vec3 expected, got table)");
  expect(message('length(other)')).toBe("c:1: bad argument #1 to 'length' (Vec3 expected, got Other)");
  expect(message('length()')).toBe("c:1: bad argument #1 to 'length' (Vec3 expected, got no value)");
});

test('only what is listed can be reached', () => {
  const vm = withVec3();
  for (const name of ['secret', 'constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty', 'z', '__index', '__gc']) {
    expect(vm.doString(`return pcall(function() return Vec3().${name} end)`), name).toEqual([false, expect.stringContaining(`Vec3 has no field '${name}'`)]);
    expect(vm.doString(`return pcall(function() Vec3().${name} = 1 end)`)[0], name).toBe(false);
    expect(vm.doString(`return Vec3.${name}`), name).toEqual([undefined]);
  }
  expect(vm.doString('return select(2, pcall(function() Vec3().y = 1 end))')[0]).toContain("field 'y' of Vec3 cannot be assigned to");
  expect(vm.doString('return select(2, pcall(function() Vec3.new = 1 end))')[0]).toContain('cannot be assigned to');
  for (const source of ['return Vec3().nope', 'Vec3().nope = 1', 'Vec3().y = 1', 'Vec3.nope = 1']) expect(vm.load(`return select(2, pcall(function() ${source} end))`, '=script').call1(), source).toMatch(/^script:1: /);
  expect(vm.doString('return getmetatable(Vec3()), getmetatable(Vec3), (pcall(setmetatable, Vec3, {})), (pcall(setmetatable, Vec3(), {}))')).toEqual([false, false, false, false]);
  vm.register(Other, { name: 'Thing' });
  expect(vm.load('return pcall(function(o) return o.x end, ...)').call(new Other())).toEqual([false, expect.stringContaining("Thing has no field 'x'")]);
  expect(vm.doString('return (pcall(function() return Thing() end)), Thing.new')).toEqual([false, undefined]);
});

describe('__close and __gc', () => {
  test('take the object from Lua', () => {
    const closed: Vec3[] = [];
    const vm = withVec3(closed);
    expect(vm.doString('local kept do local v <close> = Vec3(1) kept = v end return pcall(kept.length, kept)')).toEqual([false, expect.stringContaining('Vec3 is closed')]);
    expect(closed.map(({ x }) => x)).toEqual([1]);
    vm.doString('Vec3(2) collectgarbage()');
    vm.collect();
    expect(closed.map(({ x }) => x)).toEqual([1, 2]);
  });

  test('and give its handle back', () => {
    const vm = withVec3();
    vm.collect();
    const before = machineOf(vm).hostObjects.counts.objects;
    vm.doString('for i = 1, 1000 do local v <close> = Vec3(i) end');
    for (let i = 0; i < 3; i++) vm.collect();
    expect(machineOf(vm).hostObjects.counts.objects).toBe(before);
  });
});

test('what is wrong is refused, and nothing registered', () => {
  const vm = createVm();
  const refusing = new Proxy({}, { ownKeys: () => { throw new Error('no'); } });
  const wrong: readonly unknown[] = [
    undefined, null, 5, refusing, { nope: 1 }, { name: '' }, { name: 5 }, { constructor: false }, { methods: 'length' }, { methods: ['nope'] }, { methods: ['constructor'] }, { methods: ['toString'] }, { methods: { length: 1 } },
    { statics: ['nope'] }, { statics: ['prototype'] }, { fields: { x: 1 } }, { fields: { x: { get: 1 } } }, { fields: ['__proto__'] }, { metamethods: { __index: () => 1 } }, { metamethods: { nope: () => 1 } }, { metamethods: ['__add'] },
  ];
  for (const [i, options] of wrong.entries()) expect(() => vm.register(Vec3, options as never), String(i)).toThrow(withCode('bad-argument') as Error);
  expect(() => vm.register((() => 1) as never, {} as never)).toThrow(withCode('bad-argument') as Error);
  expect(vm.getGlobal('Vec3')).toBeUndefined();
  vm.register(Vec3, { methods: { twice: (self) => self.length() * 2 }, fields: ['x', 'z'] });
  expect(() => vm.register(Vec3, {})).toThrow(withCode('bad-argument') as Error);
  expect(vm.load('local v = ... v.z = 4 v.x = v.x + 1 return v:twice(), v.z').call(new Vec3(2) as LuaInput)).toEqual([10, 4]);
  vm.close();
  expect(() => vm.register(Other, {})).toThrow(withCode('closed') as Error);
});
