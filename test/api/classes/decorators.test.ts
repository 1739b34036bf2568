/** Classes that say by decorators what Lua sees of them. Compiled by esbuild: the decorators of the standard, not those of `experimentalDecorators`. */
import { transformSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { createVm, luaClass, luaField, luaMetamethod, luaMethod, type Vm } from '../../../src/api/index.ts';

const withCode = (code: string): unknown => expect.objectContaining({ code });

/** What a program with decorators exports by `return`. */
function compile<Exports>(source: string): Exports {
  const { code } = transformSync(source, { loader: 'ts', target: 'es2022', tsconfigRaw: '{}' });
  return new Function('luaClass', 'luaField', 'luaMetamethod', 'luaMethod', `${code}\nreturn exported;`)(luaClass, luaField, luaMetamethod, luaMethod) as Exports;
}

const SOURCE = `
@luaClass({ name: 'Vec', constructor: true, fields: ['z'] })
class Vector {
  z = 3;
  #y = 0;
  constructor(x = 0, y = 0) { this.x = x; this.#y = y; }
  @luaField accessor x = 0;
  @luaField get y() { return this.#y; }
  @luaField get both() { return this.x + this.#y; }
  @luaField set both(value) { this.x = value; this.#y = 0; }
  @luaMethod length() { return Math.hypot(this.x, this.#y); }
  @luaMetamethod('__add') @luaMethod plus(other) { return new Vector(this.x + other.x, this.#y + other.y); }
  @luaMethod static unit() { return new this(1, 0); }
  secret() { return 'secret'; }
}
@luaClass()
class Point extends Vector {
  @luaMethod length() { return -super.length(); }
  @luaMethod name() { return 'point'; }
}
class Plain extends Vector {}
const exported = { Vector, Point, Plain };`;

type Vector = { x: number; y: number };
type Type = new (x?: number, y?: number) => Vector;
const { Vector, Point, Plain } = compile<{ Vector: Type; Point: Type; Plain: Type }>(SOURCE);

const withClasses = (): Vm => createVm().register(Vector).register(Point);

describe('what is marked', () => {
  test('can be used', () => {
    const vm = withClasses();
    expect(vm.doString('local v = Vec(3, 4) return v:length(), v.x, v.y, v.z, (v + Vec(1, 1)).x, v:plus(v).y, Vec.unit().x')).toEqual([5, 3, 4, 3, 4, 8, 1]);
    expect(vm.doString('local v = Vec(3, 4) v.x = 1 v.z = 9 local b = v.both v.both = 2 return v.x, v.y, v.z, b')).toEqual([2, 0, 9, 5]);
    const [made] = vm.doString<[Vector]>('return Vec(7)');
    expect([made instanceof Vector, made.x]).toEqual([true, 7]);
  });

  test('in a class above is there, and the class itself comes first', () => {
    const vm = withClasses();
    expect(vm.load('local p = ... return p:length(), p:name(), p.x, p:plus(p).x, Point.new, Point.unit').call(new Point(3, 4))).toEqual([-5, 'point', 3, 6, undefined, undefined]);
    expect(vm.load('local p = ... return p:length()').call(new Plain(3, 4))).toEqual([5]);
  });

  test('and nothing else', () => {
    const vm = withClasses();
    for (const name of ['secret', 'constructor', '__proto__', 'prototype', 'name']) expect(vm.doString(`return pcall(function() return Vec().${name} end)`)[0], name).toBe(false);
    expect(vm.doString('return select(2, pcall(function() Vec().y = 1 end))')[0]).toContain("field 'y' of Vec cannot be assigned to");
  });
});

test('options that are given come in their place', () => {
  const vm = createVm();
  vm.register(Vector, { name: 'Other', methods: ['secret' as never] });
  expect(vm.load('local v = ... return v:secret(), pcall(function() return v.x end)').call(new Vector())).toEqual(['secret', false, expect.stringContaining("Other has no field 'x'")]);
});

test('a class without decorators needs options', () => {
  expect(() => createVm().register(Plain)).toThrow(withCode('bad-argument') as Error);
});

test.each([
  ['a field', 'class A { @luaField x = 1; } const exported = A;'], ['a private method', 'class A { @luaMethod #x() {} } const exported = A;'], ['a symbol', 'class A { @luaMethod [Symbol.iterator]() {} } const exported = A;'],
  ['a getter as a method', 'class A { @luaMethod get x() { return 1; } } const exported = A;'], ['a static field', 'class A { @luaField static get x() { return 1; } } const exported = A;'],
  ['a static metamethod', "class A { @luaMetamethod('__add') static x() {} } const exported = A;"],
])('%s is refused where it is marked', (_what, source) => {
  expect(() => compile(source)).toThrow(withCode('bad-argument') as Error);
});

test('an event that there is not is refused when the class is registered', () => {
  const A = compile<Type>("@luaClass() class A { @luaMetamethod('__index') x() {} } const exported = A;");
  const vm = createVm();
  expect(() => vm.register(A)).toThrow(withCode('bad-argument') as Error);
  expect(vm.getGlobal('A')).toBeUndefined();
});
