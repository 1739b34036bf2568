/** Codes of errors are fields set where a limit strikes; whatever a host function throws is an error that pcall catches; nothing of an error stays behind. */
import { machineOf } from '../../src/api/engine-port.ts';
import { describe, expect, test } from 'vitest';
import { createJit } from '../../jit/index.ts';
import { createVm, LuaError, type LuaFunction, type LuaTable, MoontraceError, results, type Vm, type VmOptions } from '../../src/api/index.ts';
import { THREAD_C_CALLS, THREAD_HOST_DEPTH, THREAD_HOOK_STOPS } from '../../src/bytecode/layout.ts';
import { errorOf } from '../support/error-of.ts';

const ENGINES: readonly (readonly [name: string, options: () => VmOptions])[] = [
  ['interpreted', () => ({})],
  ['compiled', () => ({ jit: createJit({ tunables: { share: 100, hotloop: 2, hotexit: 2 } }) })],
];

const thrower = (value: unknown) => (): never => {
  throw value;
};

describe('the code of an error', () => {
  const texts = ['not enough memory', 'stack overflow', 'x:1: stack overflow', 'out of fuel', 'time limit exceeded', 'interrupted!', 'C stack overflow'];

  test.each(texts)('is runtime for a program that raises %j', (text) => {
    const vm = createVm({ catchable: [] });
    for (const raise of [`error("${text}", 0)`, `assert(false, "${text}")`, `coroutine.wrap(error)("${text}", 0)`, `host()`]) {
      vm.setGlobal('host', thrower(text));
      expect(errorOf(() => vm.doString(raise)).code, raise).toBe('runtime');
      expect(vm.doString(`return pcall(function() ${raise} end)`)[0], raise).toBe(false);
    }
  });

  const memory = 'local t = {} for i = 1, math.huge do t[i] = ("x"):rep(1000) .. i end';
  const stack = 'local function f() return 1 + f() end f()';
  const deep = 'local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k + 1] end local x = t[1]';

  test.each([
    ['memory', memory], ['stack', stack], ['stack', deep],
    ['memory', `coroutine.wrap(function() ${memory} end)()`], ['stack', `coroutine.wrap(function() ${stack} end)()`],
    ['memory', `local x <close> = setmetatable({}, {__close = function() pcall(error, "other") end}) ${memory}`],
    ['stack', `local x <close> = setmetatable({}, {__close = function() pcall(error, "other") end}) ${stack}`],
    ['stack', `host(function() ${stack} end)`], ['memory', `host(function() ${memory} end)`],
    ['runtime', `pcall(function() ${stack} end) error("something else")`],
    ['runtime', `local x <close> = setmetatable({}, {__close = function() error("another") end}) ${stack}`],
    ['runtime', `local _, e = pcall(function() ${memory} end) error(e, 0)`],
  ])('is %s for %s', (code, source) => {
    const vm = createVm({ memoryLimit: 8 << 20, stackLimit: 5000 });
    vm.setGlobal('host', (f) => (f as LuaFunction).call1());
    expect(errorOf(() => vm.doString(source)).code).toBe(code);
    expect(vm.doString('return pcall(error, 5)')).toEqual([false, 5]);
  });

  test.each(ENGINES)('is that of the limit which strikes in __tostring of an error, %s', (_name, engine) => {
    const vm = createVm({ ...engine(), fuel: 1e6, stackLimit: 5000 });
    const source = (body: string): string => `error(setmetatable({}, {__tostring = function() ${body} end}))`;
    expect(errorOf(() => vm.doString(source('while true do end'))).code).toBe('fuel');
    vm.fuel = 1e6;
    expect(vm.doString('return pcall(error, 5)')).toEqual([false, 5]);
    expect(errorOf(() => vm.doString(source(stack))).code).toBe('stack');
    expect(errorOf(() => vm.doString(source('error("inside")'))).message).toBe('(error object is a table value)');
    expect(errorOf(() => vm.doString(source('return "text"'))).message).toBe('text');
    vm.close();
  });

  test('stays that of the limit on its way through host functions, and is its own in another VM', () => {
    const inner = createVm({ fuel: 1000 });
    const outer = createVm();
    outer.setGlobal('run', () => inner.doString('while true do end'));
    const error = errorOf(() => outer.doString('run()'));
    expect([error.code, error.cause]).toEqual(['runtime', expect.any(LuaError)]);
    expect((error.cause as LuaError).code).toBe('fuel');
    expect(outer.doString('local ok, e = pcall(run) return ok, tostring(e)')).toEqual([false, expect.stringContaining('out of fuel')]);
  });
});

describe('what a host function throws', () => {
  const other = createVm();
  const refused = new MoontraceError('bad-value', 'x');
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const values: Readonly<Record<string, unknown>> = {
    undefined: undefined, null: null, 'a string': 'text', 'a number': 5, 'a frozen object': Object.freeze({}), 'a symbol': Symbol('s'), 'a large bigint': 2n ** 70n,
    'a table of another VM': other.newTable(), 'an Error': new TypeError('boom'), 'an error of the API': refused, 'a revoked proxy': proxy, 'a function': () => 1,
  };

  test.each(ENGINES)('is an error that pcall catches, %s', (_name, engine) => {
    for (const [what, value] of Object.entries(values)) {
      const vm = createVm(engine());
      vm.setGlobal('f', thrower(value));
      expect(vm.doString('local ok for i = 1, 50 do ok = pcall(f) end return ok, select("#", pcall(f)), (pcall(pcall, f))'), what).toEqual([false, 2, true]);
      expect(errorOf(() => vm.doString('f()')).code, what).toBe('runtime');
      expect(vm.doString('return 1'), what).toEqual([1]);
      vm.close();
    }
  });

  test('that cannot enter is an error that says so, with it as its cause', () => {
    for (const [thrown, code] of [[Symbol('s'), 'bad-value'], [2n ** 70n, 'bad-value'], [other.newTable(), 'bad-handle']] as const) {
      const vm = createVm();
      vm.setGlobal('f', thrower(thrown));
      const error = errorOf(() => vm.doString('f()'));
      expect(error.cause).toBeInstanceOf(MoontraceError);
      expect([(error.cause as MoontraceError).code, (error.cause as MoontraceError).cause]).toEqual([code, thrown]);
      expect(vm.doString('local _, e = pcall(f) return "it was: " .. e')).toEqual([`it was: ${error.message}`]);
    }
  });

  test('reads as its message', () => {
    const vm = createVm();
    vm.setGlobal('f', thrower(new Error('böom')));
    expect(vm.doString('local _, e = pcall(f) return "failed: " .. e, e .. 1, e .. e, tostring(e), type(e)')).toEqual(['failed: böom', 'böom1', 'böomböom', 'böom', 'userdata']);
    expect(errorOf(() => vm.doString('local _, e = pcall(f) return e .. nil', '=c')).message).toBe('c:1: attempt to concatenate a nil value');
    vm.setGlobal('plain', new Date(0));
    expect(errorOf(() => vm.doString('return "a" .. plain', '=c')).message).toBe("c:1: attempt to concatenate a host object value (global 'plain')");
  });

  test('and returns: a value that cannot enter is an error, too', () => {
    const vm = createVm();
    vm.setGlobal('f', () => results(1, Symbol('s')) as never);
    expect(vm.doString('return select("#", pcall(f)), (pcall(f))')).toEqual([2, false]);
  });

  test.each(ENGINES)('out of the environment is an error where it was called, with its cause, %s', (_name, engine) => {
    const failure = new Error('disk full');
    const vm = createVm({ ...engine(), stdout: thrower(failure), stderr: thrower(failure), stdin: thrower(failure) });
    expect(vm.doString('print("x") local ok, e = pcall(io.flush) return ok, e')).toEqual([false, failure]);
    expect(vm.doString('local ok, e = pcall(io.read) return ok, e')).toEqual([false, failure]);
    expect(errorOf(() => vm.doString('print("held back until the end of the call")')).cause).toBe(failure);
    expect(vm.doString('warn("@on") return pcall(warn, "x")')).toEqual([false, failure]);
    expect(vm.doString('setmetatable({}, {__gc = error}) collectgarbage() return 1')).toEqual([1]);
    const bad = createVm({ stdin: () => -5 });
    expect(errorOf(() => bad.doString('io.read()')).cause).toMatchObject({ code: 'bad-argument' });
  });
});

describe('errors leave nothing behind', () => {
  const FAILURES = 1000;

  /** All that an error could leave behind. */
  function traces(vm: Vm): unknown {
    vm.collect();
    vm.collect();
    const machine = machineOf(vm);
    const { thread, current } = machine.frames;
    const counts = [THREAD_C_CALLS, THREAD_HOST_DEPTH, THREAD_HOOK_STOPS].map((field) => machine.memory.load(thread + field));
    return { thread, frame: current - machine.memory.load(thread + 24), top: machine.stackOffset(machine.top), counts, objects: machine.hostObjects.counts };
  }

  // What a host function is handed stays alive until the host's collector has been there: so it is the same each time.
  const kinds: Readonly<Record<string, string>> = {
    'an error of the program': 'return function() error("x") end',
    'an error object': 'local e = setmetatable({}, {__tostring = function() return "text" end}) return function() error(e) end',
    'an error object whose text fails': 'local e = setmetatable({}, {__tostring = error}) return function() error(e) end',
    'a host function': 'return function() fail() end',
    'host functions in between': 'local function inner() error("x") end local function outer() call(inner) end return function() call(outer) end',
    'a caught error of a host function': 'return function() pcall(fail) call(pcall, fail) error("x") end',
    'a coroutine': 'local function inner() error("x") end return function() coroutine.wrap(function() call(inner) end)() end',
    'a closer': 'return function() local x <close> = setmetatable({}, {__close = function() error("x") end}) error("y") end',
    'a finaliser': 'return function() setmetatable({}, {__gc = function() fail() end}) error("x") end',
    'a stack overflow': 'local function f() return f() + 1 end return function() f() end',
    'a C stack overflow': 'local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k + 1] end return function() return t[1] end',
    'fuel': 'return function() while true do end end',
    'fuel in a host function': 'local function loop() while true do end end return function() pcall(call, loop) end',
    'fuel in a coroutine': 'return function() coroutine.wrap(function() while true do end end)() end',
    'a value that cannot come in': 'return function() give() end',
  };

  test.each(Object.entries(kinds))('%s', { timeout: 60_000 }, (what, source) => {
    const vm = createVm({ stackLimit: 1000, stderr() {} });
    const failure = new Error('host');
    vm.register({ fail: thrower(failure), call: (f: LuaFunction, ...args) => results(...f.call(...args)), give: () => Symbol('s') as never });
    const run = vm.doString(source)[0] as LuaFunction;
    const fail = (): void => {
      if (what.startsWith('fuel')) vm.fuel = 50;
      errorOf(() => run.call());
      if (what.startsWith('fuel')) vm.fuel = Number.POSITIVE_INFINITY;
    };
    for (let i = 0; i < 100; i++) fail();
    const before = traces(vm);
    const used = vm.stats().memoryUsed;
    for (let i = 0; i < FAILURES; i++) fail();
    expect(traces(vm)).toEqual(before);
    // Less than the smallest thing that could stay behind of each; the register of finalisers keeps the room it once needed.
    expect(vm.stats().memoryUsed - used).toBeLessThan(16 * FAILURES);
    expect(vm.doString('return pcall(error, 5)')).toEqual([false, 5]);
    vm.close();
  });

  test('arguments that cannot enter', () => {
    const vm = createVm();
    const f = vm.load('return ...');
    const before = traces(vm);
    for (let i = 0; i < 1000; i++) {
      expect(() => f.call(1, {}, Symbol('s') as never)).toThrow(MoontraceError);
      expect(() => vm.newTable([1, [Symbol('s') as never]])).toThrow(MoontraceError);
      expect(() => vm.load('x = = 1')).toThrow(LuaError);
    }
    expect(traces(vm)).toEqual(before);
  });
});

test.each(ENGINES)('after a limit in a host function, in a finaliser, in compiled code the VM is as good as before, %s', (_name, engine) => {
  const vm = createVm({ ...engine(), stderr() {} });
  vm.setGlobal('call', (f) => (f as LuaFunction).call1());
  const loop = 'local t = {} while isEndless do t[1] = 1 end';
  for (const source of [`call(function() ${loop} end)`, `setmetatable({}, {__gc = function() ${loop} end}) collectgarbage()`, loop, `local x <close> = setmetatable({}, {__close = function() ${loop} end})`]) {
    for (let fuel = 10; fuel < 2000; fuel = Math.ceil(fuel * 1.7)) {
      vm.setGlobal('isEndless', true);
      vm.fuel = fuel;
      expect(errorOf(() => vm.doString(source)).code, `${source} with ${fuel}`).toBe('fuel');
      // Objects whose finalisers were not reached are still to be finalised.
      vm.setGlobal('isEndless', false).fuel = Number.POSITIVE_INFINITY;
      expect(vm.doString('local n = 0 for i = 1, 50 do n = n + i end collectgarbage() return n, pcall(error, 5)')).toEqual([1275, false, 5]);
    }
  }
  vm.close();
});

test('tables made of nested objects', () => {
  const vm = createVm();
  const shared = { x: 1 };
  const table = vm.newTable({ a: { b: [1, { c: 2 }] }, m: new Map([[shared, 'key']]), s1: shared, s2: shared, date: new Date(0), none: null });
  vm.setGlobal('t', table);
  expect(vm.doString('return t.a.b[1], t.a.b[2].c, t.s1 == t.s2, t.m[t.s1], type(t.date), t.none')).toEqual([1, 2, true, 'key', 'userdata', undefined]);
  expect((vm.getGlobal('t') as LuaTable).get('a')).toBe(table.get('a'));
});

test('a host object is one object in Lua as long as Lua has it', () => {
  const vm = createVm();
  const object = new Date(0);
  vm.setGlobal('o', object);
  expect(vm.load('local a = ... local t = {[o] = 1} collectgarbage() return a == o, t[a], rawequal(a, o)').call(object)).toEqual([true, 1, true]);
  vm.setGlobal('o', undefined);
  vm.collect();
  vm.setGlobal('o', object);
  expect(vm.getGlobal('o')).toBe(object);
  expect(machineOf(vm).hostObjects.counts.objects).toBeLessThanOrEqual(machineOf(createVm()).hostObjects.counts.objects + 1);
});

test('a script cannot change what host objects share', () => {
  const vm = createVm({ libraries: 'sandbox' });
  vm.setGlobal('user', new (class User {})()).setGlobal('failure', new Error('x'));
  expect(vm.doString('return getmetatable(user), getmetatable(failure), pcall(setmetatable, user, {})')).toEqual([false, false, false, expect.any(String)]);
  expect(vm.doString('return pcall(function() getmetatable(user).__index = print end)')[0]).toBe(false);
});
