/**
 * No function of the libraries reads what it was not given. On the debug core, slots behind a builtin's arguments and registers that a frame has not
 * written hold poison (TAG_POISON): reading one is an abort there, and an error on the host's side here. Every function there is, the internal
 * ones too, is called with 0 to 5 arguments of every sort, and the heap is checked.
 */
import { machineOf } from '../../../src/api/engine-port.ts';
import { expect, test } from 'vitest';
import { createVm } from '../../../src/api/index-node.ts';
import { LuaError } from '../../../src/engine/errors/errors.ts';
import type { LuaFunction } from '../../../src/api/handles/function.ts';
import type { Vm } from '../../../src/api/vm.ts';
import { BUILTINS, fullName } from '../../../src/bytecode/builtin-table.ts';
import { SCRATCH_ACCESS_VALUE } from '../../../src/bytecode/host-scratch.ts';
import { TAG_BUILTIN } from '../../../src/bytecode/layout.ts';
import { createDefaultEnvironment, HostFailure } from '../../../src/hosts/environment.ts';
import { HOST_FUNCTIONS } from '../../../src/stdlib/catalogue.ts';
import { debugCore } from '../../support/engine.ts';
import { watchSlots } from '../../support/poison.ts';

/** Most arguments given, and how often each function is called with each number of them. */
const MOST = 5;
const ROUNDS = 25;

function createPoisonedVm(): Vm {
  const vm = createVm({ core: debugCore(), memoryLimit: 64 << 20, environment: createDefaultEnvironment(), stdout: () => {}, stderr: () => {} });
  watchSlots(vm);
  return vm;
}

/** Calls its first argument with `count` values out of many, chosen by `seed`. */
const DRIVER = `
  local userdata, file = ...
  local object = setmetatable({}, { __index = function(t, k) return k end, __len = function() return 3 end, __call = function() return 1 end,
    __tostring = function() return 'object' end, __lt = function() return true end, __concat = function() return 'c' end, __name = 'object' })
  local odd = setmetatable({}, { __index = 'x', __len = function() return 'no' end, __tostring = function() return {} end, __pairs = function() end, __metatable = 1 })
  local values = { false, true, 0, 1, -1, 3, 64, 300, math.mininteger, math.maxinteger, 0.5, -0.0, 0/0, 1/0, 2^53, '', 'a', 'text %d %s', '10', '0x1p4', '[', '%b', ('x'):rep(100),
    'a\\0b', '*t', 'n', 'collect', 'k', {}, { 1, 2, 3 }, { 'a', 'b', n = 2 }, object, odd, print, function(...) return ... end, coroutine.create(function() end),
    coroutine.wrap(function() coroutine.yield(1) end), userdata, file, next, string.gmatch('abc', '.') }
  local count, state = #values + 1, 0
  local function random() state = (state * 1103515245 + 12345) & 0x7fffffff return state >> 8 end
  return function(f, n, seed)
    state = seed
    local given = {}
    for i = 1, n do given[i] = values[1 + random() % count] end
    local co = coroutine.running()
    return pcall(f, table.unpack(given, 1, n))
  end`;

interface Target {
  readonly name: string;
  readonly pointer: number;
}

/** All builtins of the core but those that are made with upvalues, and all functions of the host. */
function targetsOf(vm: Vm): Target[] {
  const { core, slots } = machineOf(vm);
  const builtins = BUILTINS.map((builtin, i): Target => ({ name: fullName(builtin), pointer: builtin.library === 'none' ? 0 : core.newBuiltin(i + 1, 0) }));
  const hostFunctions = HOST_FUNCTIONS.map((name, place): Target => ({ name, pointer: core.newHostFunction(place, slots.nameString('f')) }));
  // os.exit may close the state: last.
  const isExit = ({ name }: Target): boolean => name === 'os.exit';
  const found = [...builtins.filter(({ pointer }) => pointer !== 0), ...hostFunctions.filter((target) => !isExit(target)), ...hostFunctions.filter(isExit)];
  for (const { pointer } of found) core.pinObject(pointer);
  return found;
}

/** What a call did that no call may do; undefined if it was all right. */
function failureOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    // What the environment has not got.
    if (error instanceof HostFailure || (error instanceof LuaError && error.cause instanceof HostFailure)) return undefined;
    if (error instanceof LuaError && !(cause instanceof TypeError) && !(cause instanceof RangeError) && !(cause instanceof WebAssembly.RuntimeError)) return undefined;
    return `${error instanceof Error ? error.message : error}: ${cause instanceof Error ? cause.stack : cause}`;
  }
  return undefined;
}

test('functions of the libraries read only the arguments they are given', () => {
  const vm = createPoisonedVm();
  const machine = machineOf(vm);
  const targets = targetsOf(vm);
  expect(targets.length).toBeGreaterThan(BUILTINS.length + 40);
  const call = vm.load(DRIVER).call(new Date(0), vm.doString('return io.stdout')[0])[0] as LuaFunction;
  const problems: string[] = [];
  for (const { name, pointer } of targets) {
    machine.slots.setObject(SCRATCH_ACCESS_VALUE, TAG_BUILTIN, pointer);
    const target = machine.values.toHost(SCRATCH_ACCESS_VALUE);
    for (let i = 0; i < ROUNDS * (MOST + 1) && problems.length < 10; i++) {
      const count = i % (MOST + 1);
      vm.fuel = 200_000;
      const failure = failureOf(() => {
        const [ok, error] = call.call(target, count, i * 7919 + 1);
        // An error of the host that pcall caught is an object.
        if (ok === false && error instanceof Error) throw error;
      });
      if (failure !== undefined) problems.push(`${name} with ${count} arguments (round ${i}): ${failure}`);
    }
    machine.core.setCollectorStress(0);
    vm.fuel = 200_000;
    vm.doString('debug.sethook() collectgarbage("restart") collectgarbage() for _, v in ipairs { nil, 0, "", print } do debug.setmetatable(v, nil) end');
    if (machine.core.verifyHeap() !== 0) problems.push(`${name}: heap checker`);
  }
  expect(problems).toEqual([]);
}, 300_000);
