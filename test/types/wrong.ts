/** Uses of the API that must not compile: each line below a `@ts-expect-error` has an error, or the check fails. */
import { createSandbox, createVm, luaClass, luaMethod, type LuaFunction, type LuaInput } from 'moontrace';
import { createJit } from 'moontrace/jit';

const vm = createVm();
const table = vm.newTable();
const add = vm.load<[number, number], [number]>('local a, b = ... return a + b');

// @ts-expect-error there is no such option
createVm({ memLimit: 5 });
// @ts-expect-error a number
createVm({ fuel: '5' });
// @ts-expect-error names of libraries
createVm({ libraries: ['nope'] });
// @ts-expect-error a JIT, not what makes one
createVm({ jit: createJit });
// @ts-expect-error there is no such option
createSandbox({ timout: 5 });

// @ts-expect-error a symbol cannot go into Lua
vm.setGlobal('x', Symbol('s'));
// @ts-expect-error nor a promise
vm.setGlobal('x', Promise.resolve(1));
// @ts-expect-error nor a promise in a table
vm.newTable({ a: Promise.resolve(1) });
// @ts-expect-error nor a Set, which nobody converts
vm.setGlobal('x', new Set([1]));
// @ts-expect-error nor a symbol in an array
export const input: LuaInput = [1, Symbol('s')];
// @ts-expect-error a name
vm.setGlobal(5, 1);
// @ts-expect-error a host function gives no symbol
vm.setGlobal('f', () => Symbol('s'));
// @ts-expect-error nor do those that are registered
vm.register({ f: () => Symbol('s') });
// @ts-expect-error functions
vm.register({ f: 5 });

// @ts-expect-error two numbers
add.call('1', 2);
// @ts-expect-error two of them
add.call1(1);
// @ts-expect-error its result is a number
export const text: string = add.call1(1, 2);
// @ts-expect-error there is no such limit
add.with({ fule: 5 });
// @ts-expect-error so may what a program returns
export const result: LuaFunction = vm.doString('return print')[0];
// @ts-expect-error one of Lua's values
table.get<symbol>('x');
// @ts-expect-error there is no such mode
vm.fromJS({}, 'lively');
// @ts-expect-error a copy is a table, with methods of its own
vm.fromJS([1], 'opaque').length;
// @ts-expect-error no levels of that kind
table.toJS({ depth: 'all' });
// @ts-expect-error a ticket
vm.read(5);
// @ts-expect-error a function of Lua's
vm.coroutine(() => 1);

class Vec3 {
  x = 0;
  length(): number {
    return this.x;
  }
}
// @ts-expect-error there is no such option
vm.register(Vec3, { method: ['length'] });
// @ts-expect-error the instance has no such method
vm.register(Vec3, { methods: { twice: (self) => self.size() } });
// @ts-expect-error an accessor
vm.register(Vec3, { fields: { x: 5 } });
// @ts-expect-error names, or functions
vm.register(Vec3, { methods: [5] });

// @ts-expect-error there is no such option
@luaClass({ nmae: 'A' })
export class A {
  // @ts-expect-error a method
  @luaMethod
  x = 1;
}
