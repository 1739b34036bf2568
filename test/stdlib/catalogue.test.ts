/** The catalogue of the host's functions: what the libraries hold is what it says, and the same in every VM; what the embedder gives is none of it. */
import { expect, test } from 'vitest';
import { machineOf } from '../../src/api/engine-port.ts';
import type { LuaFunction } from '../../src/api/handles/function.ts';
import { objectOf } from '../../src/api/handles/reference.ts';
import { createVm } from '../../src/api/index-node.ts';
import type { Vm } from '../../src/api/vm.ts';
import { SCRATCH_ACCESS_VALUE } from '../../src/bytecode/host-scratch.ts';
import { BUILTIN_HANDLE, BUILTIN_ID, HOST_CLOSURE, TAG_BUILTIN } from '../../src/bytecode/layout.ts';
import { createDefaultEnvironment } from '../../src/hosts/environment.ts';
import { HOST_FUNCTIONS, type HostFunctionName, placeOf } from '../../src/stdlib/catalogue.ts';

/** Calls its argument with each function that can be reached, be it through metatables and upvalues. */
const WALK = `
  local found = ...
  local seen = {}
  local function visit(value)
    local kind = type(value)
    if kind ~= 'table' and kind ~= 'function' and kind ~= 'userdata' or seen[value] then return end
    seen[value] = true
    visit(debug.getmetatable(value))
    if kind == 'table' then for k, v in next, value do visit(k) visit(v) end end
    if kind ~= 'function' then return end
    found(value)
    for n = 1, 255 do
      local name, upvalue = debug.getupvalue(value, n)
      if not name then break end
      visit(upvalue)
    end
  end
  visit(_G) visit(debug.getregistry()) visit(debug.getmetatable('')) visit(object) visit(failure)`;

/** Handle of a function of the host; undefined for other functions. */
function handleOf(vm: Vm, func: LuaFunction): number | undefined {
  const { memory } = machineOf(vm);
  const { tag, pointer } = objectOf(func)!;
  return tag === TAG_BUILTIN && memory.load(pointer + BUILTIN_ID) === 0 ? memory.load(pointer + BUILTIN_HANDLE) : undefined;
}

test('names are there once', () => {
  expect(new Set(HOST_FUNCTIONS).size).toBe(HOST_FUNCTIONS.length);
});

test('each name is where it says, and everything of the host that the libraries hold has one', () => {
  const vm = createVm().setGlobal('object', new Date(0)).setGlobal('failure', new Error('x'));
  const find = vm.load(`
    local place, field = ...
    local tables = {
      [''] = _G, file = getmetatable(io.stdout).__index, ['file metatable'] = getmetatable(io.stdout),
      ['object metatable'] = debug.getmetatable(object), ['error metatable'] = debug.getmetatable(failure),
    }
    return (tables[place] or _G[place])[field]`);
  const shown = HOST_FUNCTIONS.filter((name) => !name.startsWith('internal.'));
  for (const name of shown) expect([name, handleOf(vm, find.call1(...placeOf(name)) as LuaFunction)]).toEqual([name, HOST_FUNCTIONS.indexOf(name)]);

  const found = new Set<HostFunctionName | number>();
  vm.load(WALK).call((func: LuaFunction) => {
    const handle = handleOf(vm, func);
    if (handle !== undefined) found.add(HOST_FUNCTIONS[handle] ?? handle);
  });
  // The internal ones are upvalues of library functions, which the debug library does not show.
  expect([...found].sort()).toEqual(shown.sort());
  expect(HOST_FUNCTIONS.filter((_, place) => machineOf(vm).hostObjects.functionAt(place) === undefined)).toEqual([]);
  vm.close();
});

test('a closure of the embedder is told apart', () => {
  const vm = createVm().setGlobal('f', () => 1);
  expect(handleOf(vm, vm.getGlobal('f') as LuaFunction)).toBeGreaterThanOrEqual(HOST_CLOSURE);
  expect(handleOf(vm, vm.getGlobal('load') as LuaFunction)).toBe(HOST_FUNCTIONS.indexOf('load'));
  vm.close();
});

test('a place means the same function in another VM, where it does what that VM lets it do', () => {
  const withVariable = (value: string): Vm => createVm({ environment: { ...createDefaultEnvironment(), getenv: () => value } });
  const vms = [withVariable('one'), withVariable('two'), createVm({ libraries: 'sandbox' })] as const;
  const place = handleOf(vms[0], vms[0].doString('return os.getenv')[0] as LuaFunction) as number;
  const call = (vm: Vm): unknown => {
    const { core, slots, values } = machineOf(vm);
    slots.setObject(SCRATCH_ACCESS_VALUE, TAG_BUILTIN, core.newHostFunction(place, 0));
    return (values.toHost(SCRATCH_ACCESS_VALUE) as LuaFunction).call1('X');
  };
  expect(call(vms[0])).toBe('one');
  expect(call(vms[1])).toBe('two');
  expect(() => call(vms[2])).toThrow('the host function is gone');
  for (const vm of vms) vm.close();
});
