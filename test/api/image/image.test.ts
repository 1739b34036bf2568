/** Images: a VM goes on in another one as it would have here (src/api/image). */
import { describe, expect, test } from 'vitest';
import { createVm, LuaError, type LuaTable, MoontraceError, restoreVm, type Vm, type VmOptions } from '../../../src/api/index-node.ts';
import { machineOf } from '../../../src/api/engine-port.ts';
import { createJit } from '../../../jit/index.ts';
import { debugCore } from '../../support/engine.ts';

/** A VM whose output is collected. */
function withOutput(options: VmOptions = {}): { vm: Vm; text: () => string; stdout: (bytes: Uint8Array) => void } {
  let text = '';
  const stdout = (bytes: Uint8Array): void => {
    text += new TextDecoder().decode(bytes);
  };
  return { vm: createVm({ stdout, ...options }), text: () => text, stdout };
}

const failure = (code: string, text: RegExp | string = '') => expect.objectContaining({ code, message: expect.stringMatching(text) as string }) as Error;
const verify = (vm: Vm): number => machineOf(vm).core.verifyHeap();

/** In both ways. */
const copies: readonly (readonly [string, (vm: Vm, options?: object) => Vm])[] = [
  ['an image', (vm, options) => restoreVm(vm.snapshot(), options)],
  ['a fork', (vm, options) => vm.fork(Object.fromEntries(Object.entries(options ?? {}).filter(([name]) => name !== 'modules')))],
];

describe.each(copies)('%s has', (kind, copyOf) => {
  const copied = (vm: Vm, options: object = {}): Vm => copyOf(vm, { core: debugCore(), ...options });
  const original = (options: VmOptions = {}): Vm => createVm({ core: debugCore(), ...options });

  test('globals, closures and their shared variables, metatables', () => {
    const vm = original();
    vm.doString(`
      local n = 0
      function inc() n = n + 1 return n end
      function get() return n end
      inc()
      point = setmetatable({ x = 1, [1.5] = 'f', [true] = 'b', [-7] = 'i' }, { __index = { y = 2 }, __tostring = function(p) return 'P' .. p.x end })
      long = ('x'):rep(100)
      names = { [long] = 'long key' }
    `);
    const copy = copied(vm);
    expect(verify(copy)).toBe(0);
    expect(copy.doString('inc() return get(), point.x, point.y, point[1.5], point[true], point[-7], tostring(point), names[("x"):rep(100)]')).toEqual([2, 1, 2, 'f', 'b', 'i', 'P1', 'long key']);
    expect(vm.doString('return get()')).toEqual([1]);
    copy.collect();
    expect(verify(copy)).toBe(0);
  });

  test('coroutines in the middle of a pcall, an iterator, a sort, with variables to be closed', () => {
    const vm = original();
    vm.doString(`
      log = {}
      local function note(...) log[#log + 1] = table.concat({...}, ' ') end
      co = coroutine.wrap(function()
        local closing <close> = setmetatable({}, { __close = function(_, e) note('closed', tostring(e)) end })
        local ok, message = pcall(function()
          for key, value in pairs({ 10, 20, 30 }) do note('pair', key, coroutine.yield(key) + value) end
          error('end')
        end)
        note(tostring(ok), message)
        local t = { 3, 1, 2 }
        table.sort(t, function(a, b) coroutine.yield('sort') return a < b end)
        return 'done', table.unpack(t)
      end)
      co() co(1)
    `);
    const copy = copied(vm);
    const rest = `
      co(2) co(3)
      local results repeat results = { co() } until results[1] ~= 'sort'
      return table.concat(results, ' '), table.concat(log, '|')`;
    const both = [vm, copy].map((each) => each.doString(rest));
    expect(both[1]).toEqual(both[0]);
    expect(both[0]).toEqual(['done 1 2 3', expect.stringContaining('pair 3 33')]);
    expect(verify(copy)).toBe(0);
  });

  test('weak tables, finalisers, and a collection under way', () => {
    const vm = original();
    vm.doString(`
      freed = 0
      weak = setmetatable({}, { __mode = 'v' })
      kept = {}
      for i = 1, 200 do
        local object = setmetatable({}, { __gc = function() freed = freed + 1 end })
        weak[i] = object
        if i % 2 == 0 then kept[#kept + 1] = object end
      end
      collectgarbage('stop')
      collectgarbage('step', 20)
    `);
    const copy = copied(vm);
    for (const each of [vm, copy]) {
      each.collect();
      expect(each.doString('local n = 0 for _ in pairs(weak) do n = n + 1 end return n, freed')).toEqual([100, 100]);
      expect(verify(each)).toBe(0);
    }
  });

  test('random numbers and hashes of its own kind: what comes next is the same', () => {
    const vm = original();
    vm.doString('t = {} for i = 1, 50 do t["k" .. i] = i end key = next(t)');
    const copy = copied(vm);
    const program = 'local keys = {} for k in next, t, key do keys[#keys + 1] = k end return table.concat(keys, " "), math.random(1 << 40)';
    expect(copy.doString(program)).toEqual(vm.doString(program));
  });

  test('tickets', () => {
    const vm = original();
    const [table, gone, text] = [vm.pin({ a: 1 }), vm.pin('gone'), vm.pin('text')];
    vm.unpin(gone);
    const copy = copied(vm);
    expect([(copy.read(table) as LuaTable).get('a'), copy.read(gone), copy.read(text), copy.rootCount]).toEqual([1, undefined, 'text', 2]);
    expect(copy.pin('new')).toEqual({ index: gone.index, generation: gone.generation + 1 });
    expect(vm.rootCount).toBe(2);
  });

  test('fuel, and a limit of memory; options set others', () => {
    const vm = original({ fuel: 10_000, memoryLimit: 8 << 20 });
    vm.doString('for i = 1, 1000 do end');
    const { fuel } = vm;
    const copy = copied(vm);
    expect([copy.fuel, copied(vm, { fuel: 77 }).fuel]).toEqual([fuel, 77]);
    expect(() => copy.doString('local t = {} while true do t[#t + 1] = {} end')).toThrow(LuaError);
    expect(() => copied(vm, { fuel: 1e9 }).doString('local s = ("x"):rep(1 << 24)')).toThrow(failure('memory'));
  });

  test('calls under way: fresh, paused, waiting for the host; handles are not needed', async () => {
    const asked: unknown[] = [];
    const fetch = (name: string): Promise<string> => {
      asked.push(name);
      return Promise.resolve(`content of ${name}`);
    };
    const vm = original();
    vm.register({ fetch });
    const load = vm.load(`local name, n = ... for i = 1, 1000 do n = n + i end
      local ok, text = pcall(function() return fetch(name) end)
      return ok, text, n`);
    vm.start(load, ['fresh', 0]);
    vm.start(load, ['paused', 1]).step(300);
    const waiting = vm.start(load, ['waiting', 2]);
    expect(waiting.step().state).toBe('suspended');
    const copy = copied(vm, { modules: { fetch } });
    expect(copy.executions.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    expect(await Promise.all(copy.executions.map((each) => each.finish()))).toEqual(['fresh', 'paused', 'waiting'].map((name, i) => [true, `content of ${name}`, 500500 + i]));
    expect(asked.sort()).toEqual(['fresh', 'paused', 'waiting', 'waiting']);
    expect((await waiting.finish())[1]).toBe('content of waiting');
    expect(verify(copy)).toBe(0);
  });

  test('what a host function that is asked again raises, and a stop that was on its way', async () => {
    const vm = original();
    vm.register({ ask: () => Promise.resolve(1) });
    const load = vm.load('local closed <close> = setmetatable({}, { __close = function() done = true end }) return pcall(ask)');
    vm.start(load).step();
    const stopped = vm.start(load);
    stopped.step();
    stopped.abort();
    const ask = (): never => {
      throw new Error('not again');
    };
    const copy = copied(vm, { modules: { ask } });
    expect(copy.executions).toHaveLength(2);
    if (kind === 'an image') expect(String((await copy.executions[0]!.finish())[1])).toBe('Error: not again');
    copy.doString('done = nil');
    await expect(copy.executions[1]!.finish()).rejects.toThrow(failure('abort'));
    expect(copy.getGlobal('done')).toBe(true);
  });

  test('compiled code only if that is asked for, or it is a fork, and loops that are compiled again', () => {
    const vm = createVm({ jit: createJit() });
    vm.doString('function sum(n) local s = 0 for i = 1, n do s = s + i end return s end sum(10000)');
    expect(vm.stats().traces.length).toBeGreaterThan(0);
    const before = vm.stats().memoryUsed;
    const interpreting = copyOf(vm);
    expect(interpreting.doString('return sum(10000)')).toEqual([50005000]);
    const compiling = copyOf(vm, { jit: createJit() });
    expect([compiling.stats().restored, compiling.stats().memoryUsed < before]).toEqual(kind === 'a fork' ? [1, false] : [0, true]);
    expect(compiling.doString('return sum(10000)')).toEqual([50005000]);
    expect(compiling.stats().traces.length).toBeGreaterThan(0);
    expect(vm.doString('return sum(10000)')).toEqual([50005000]);
  });

  test('what the library keeps: warnings, hooks, the default files', () => {
    const { vm, text, stdout } = withOutput();
    let warned = '';
    const stderr = (bytes: Uint8Array): void => {
      warned += new TextDecoder().decode(bytes);
    };
    vm.doString('warn("@on") io.write("before ") lines = 0 debug.sethook(function() lines = lines + 1 end, "l")');
    const copy = copyOf(vm, { stdout, stderr });
    copy.doString('print("after")\nwarn("so")\nprint(lines > 0, io.type(io.stdout), io.output() == io.stdout)');
    expect(text()).toBe('before after\ntrue\tfile\ttrue\n');
    expect(warned).toBe('Lua warning: so\n');
  });

  test('tracebacks and names of library functions', () => {
    const vm = original();
    vm.doString('function f() return table.concat(setmetatable({}, { __index = function() error("inside") end, __len = function() return 1 end })) end');
    const traceback = 'local ok, message = xpcall(f, debug.traceback) return message';
    expect(copied(vm).doString(traceback)).toEqual(vm.doString(traceback));
  });
});

test('images of images, and of forks', () => {
  let vm = createVm({ core: debugCore() });
  vm.doString('n = 0 co = coroutine.wrap(function() while true do n = n + 1 coroutine.yield(n) end end)');
  for (let i = 1; i <= 6; i++) {
    vm = i % 2 === 0 ? vm.fork() : restoreVm(vm.snapshot(), { core: debugCore() });
    expect(vm.doString('return co()')).toEqual([i]);
    vm.collect();
    expect(verify(vm)).toBe(0);
  }
});

test('a fork and its origin are two', () => {
  const vm = createVm();
  const shared = { hits: 0 };
  vm.setGlobal('t', { n: 1 });
  vm.setGlobal('hit', () => void shared.hits++);
  vm.setGlobal('opaque', vm.fromJS(shared, 'opaque'));
  const fork = vm.fork();
  vm.doString('t.n = 2 hit()');
  fork.doString('t.n = 3 hit()');
  expect([vm.doString('return t.n')[0], fork.doString('return t.n')[0], shared.hits, fork.getGlobal('opaque')]).toEqual([2, 3, 2, shared]);
  vm.close();
  expect(fork.doString('return t.n')).toEqual([3]);
  expect(() => vm.fork()).toThrow(failure('closed'));
  expect(() => fork.setGlobal('x', vm.globals)).toThrow(MoontraceError);
});

test('busy while Lua runs', () => {
  const vm = createVm();
  const seen: unknown[] = [];
  vm.register({
    take() {
      for (const action of [() => vm.snapshot(), () => vm.fork()]) {
        try {
          action();
        } catch (error) {
          seen.push((error as MoontraceError).code);
        }
      }
    },
  });
  vm.doString('take()');
  expect(seen).toEqual(['busy', 'busy']);
});

test('a call that stops where its function has not begun keeps variable arguments, in images and in collections', () => {
  for (const between of [(vm: Vm) => vm.collect(), (vm: Vm) => void vm.snapshot()]) {
    const vm = createVm({ core: debugCore() });
    vm.doString('function count(...) return select("#", ...) + select(-1, ...) end');
    const execution = vm.start(vm.load('local n = 0 for i = 1, 20 do n = n + count(1, 2, 3, 4, 5, 6, 7, 8, {} and i) end return n'));
    for (;;) {
      const result = execution.step(1);
      between(vm);
      if (result.state !== 'done') continue;
      expect(result.results).toEqual([20 * 9 + 210]);
      break;
    }
  }
});
