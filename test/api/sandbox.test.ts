/** createSandbox: what a script has, that no way leads from one script to another, and that limits hold for each call. */
import { afterEach, describe, expect, test } from 'vitest';
import { createJit } from '../../jit/index.ts';
import { createSandbox, createVm, LuaError, type LuaFunction, MoontraceError, type Sandbox, SANDBOX_LIBRARIES, type SandboxOptions } from '../../src/api/index-node.ts';

let sandboxes: Sandbox[] = [];
function make(options: SandboxOptions = {}): Sandbox {
  const sandbox = createSandbox({ stdout() {}, ...options });
  sandboxes.push(sandbox);
  return sandbox;
}
afterEach(() => {
  for (const sandbox of sandboxes) sandbox.close();
  sandboxes = [];
});

const JITS: readonly (readonly [name: string, options: () => SandboxOptions])[] = [
  ['interpreted', () => ({})],
  ['compiled', () => ({ jit: createJit({ tunables: { share: 100, hotloop: 2, hotexit: 2 } }) })],
];

describe('a script', () => {
  test('has the libraries that reach nothing outside, and what the host hands over', () => {
    const sandbox = make({ globals: { double: (n: unknown) => 2 * (n as number), config: { list: [1, 2] } } });
    expect(sandbox.run('return double(21), config.list[2], string.rep("a", 2), math.max(1, 2), #table.pack(1, 2)')).toEqual([42, 2, 'aa', 2, 2]);
    expect(sandbox.run('local names = {} for name in pairs(_G) do names[#names + 1] = name end table.sort(names) return table.concat(names, " ")')).toEqual([
      '_G _VERSION assert collectgarbage config coroutine double error getmetatable ipairs load math next pairs pcall print rawequal rawget rawlen rawset select setmetatable string table tonumber tostring type utf8 xpcall',
    ]);
  });

  test('has no libraries but those it is given', () => {
    const sandbox = make({ libraries: ['base', 'table'] });
    expect(sandbox.run('return string, math, utf8, coroutine, table ~= nil, pcall(function() return ("x"):rep(2) end)')).toEqual([undefined, undefined, undefined, undefined, true, false, expect.stringContaining("attempt to index a string value")]);
  });

  test('keeps its globals from call to call, and gives the host its functions', () => {
    const { main, globals } = make().load('local count = 0 function tick(n) count = count + n return count end total = 1', '=script');
    main.call();
    const tick = globals.get('tick') as LuaFunction;
    expect([tick.call1(2), tick.call1(3), globals.get('total')]).toEqual([2, 5, 1]);
  });

  test('has an environment as usual: _G, _ENV, strict globals, load with and without one', () => {
    const sandbox = make();
    expect(sandbox.run('x = 1 return _G.x, _ENV == _G, load("x = x + 1 return x, _ENV == _G")()')).toEqual([1, true, 2, true]);
    expect(sandbox.run('return load("return x, y", "c", "t", { y = 2 })()')).toEqual([undefined, 2]);
    expect(sandbox.run('setmetatable(_G, { __index = function(_, k) error("no " .. k, 2) end }) return select(2, pcall(function() return nothing end))')).toEqual([expect.stringContaining('no nothing')]);
    expect(sandbox.run('return pcall(load, nil)')).toEqual([false, expect.stringContaining('bad argument')]);
    expect(sandbox.run('return load("\\27Lua")')).toEqual([undefined, "attempt to load a binary chunk (mode is 't')"]);
  });

  test('is reported where it is wrong', () => {
    const sandbox = make();
    expect(() => sandbox.run('x = = 1', '=script')).toThrow(expect.objectContaining({ code: 'syntax', message: "script:1: unexpected symbol near '='" }));
    expect(() => sandbox.run('\nerror("mine")', '=script')).toThrow(expect.objectContaining({ code: 'runtime', message: 'script:2: mine' }));
    expect(() => sandbox.load(1 as never)).toThrow(MoontraceError);
  });

  test('iterates libraries, and finds their length and metatables', () => {
    const sandbox = make();
    const names = createVm().doString('local names = {} for name in pairs(string) do names[#names + 1] = name end table.sort(names) return table.concat(names, " ")');
    expect(sandbox.run('local names = {} for name in pairs(string) do names[#names + 1] = name end table.sort(names) return table.concat(names, " ")')).toEqual([String(names[0]).replace('dump ', '')]);
    expect(sandbox.run('return #string, getmetatable(string), getmetatable(""), next(string), type(math.pi)')).toEqual([0, false, false, undefined, 'number']);
  });
});

/** Programs that would change what others see, each in a script of its own; and what a script finds afterwards, as a text. */
const INTRUSIONS: readonly string[] = [
  'string.format = nil', 'rawset(string, "format", nil)', 'table.insert(string, 1)', 'for k in pairs(table) do table[k] = nil end', 'string = nil', '_G.pairs = nil', 'rawset(_G, "type", nil)',
  'getmetatable(string).__index = nil', 'getmetatable("").__index = nil', 'setmetatable(string, nil)', 'setmetatable(_G, { __index = {} })', 'getmetatable(_G).__index.print = nil',
  'load("string.rep = nil")()', 'load("pairs = nil", "", "t", _G)()', 'math.pi = 3', 'rawset(math, "floor", nil)', 'math.randomseed(1)', 'collectgarbage("stop")', 'collectgarbage("generational")', 'collectgarbage("setpause", 1)',
  'warn("@on")', 'coroutine.wrap = nil', 'config.list[1] = "mine"', 'config.extra = true', 'next(string)', 'utf8.charpattern = ""', 'table.move({ 1, 2 }, 1, 2, 1, string)', 'table.sort(string, function() return true end)',
  'setmetatable({}, { __gc = function() leak = 1 end })', 'local t = setmetatable({}, { __newindex = string }) t.format = nil', 'local t = setmetatable({}, { __index = string }) t.rep = nil',
  'string.rep("x", 10, setmetatable({}, { __tostring = error }))', 'coroutine.wrap(function() string.len = nil end)()', 'table.remove(string)', 'table.unpack(string, 1, 3).x = 1', 'select("#", string).y = 1',
];

describe.each(JITS)('no way leads from one script to another, %s:', (_, options) => {
  test('what one changes, no other sees', () => {
    const sandbox = make({ ...options(), globals: { config: { list: [1] } } });
    const look = `
      local seen = {}
      for _, name in ipairs { 'string', 'table', 'math', 'utf8', 'coroutine' } do
        for key, value in pairs(_G[name]) do if name ~= 'math' or not tostring(key):find('random') then seen[#seen + 1] = name .. '.' .. key .. '=' .. tostring(value) end end
      end
      for key, value in pairs(_G) do if type(value) ~= 'table' and key ~= 'load' then seen[#seen + 1] = key .. '=' .. tostring(value) end end
      table.sort(seen)
      return #seen, table.concat(seen, ' '), config.list[1], config.extra, ('%d'):format(3), collectgarbage('isrunning')`;
    const before = sandbox.run(look);
    expect(before[0]).toBeGreaterThan(80);
    for (const program of INTRUSIONS) {
      for (let round = 0; round < 3; round++) {
        try {
          sandbox.run(program);
        } catch (error) {
          expect(error, program).toBeInstanceOf(LuaError);
        }
        sandbox.collect();
        expect(sandbox.run(look), program).toEqual(before);
      }
    }
  });

  test('what cannot be changed says so', () => {
    const sandbox = make(options());
    for (const program of ['string.format = nil', 'rawset(string, "x", 1)', 'math.random = nil', 'table.insert(string, 1)']) expect(sandbox.run(`return select(2, pcall(load(${JSON.stringify(program)})))`), program).toEqual([expect.stringContaining('attempt to modify a read-only table')]);
    expect(sandbox.run('return select(2, pcall(setmetatable, string, {}))')).toEqual(['cannot change a protected metatable']);
    expect(sandbox.run('return select(2, pcall(setmetatable, {}, { __gc = print }))')).toEqual(['a sandbox has no finalizers']);
    expect(sandbox.run('return select(2, pcall(collectgarbage, "stop"))')).toEqual([expect.stringContaining('not in a sandbox')]);
    expect(sandbox.run('return rawset({}, 1, 2)[1], getmetatable(setmetatable({}, { x = 1 })).x, collectgarbage("count") > 0, collectgarbage()')).toEqual([2, 1, true, 0]);
  });

  test('nothing that a script can reach is reached by another, but what cannot be changed', () => {
    const sandbox = make({ ...options(), globals: { config: { list: [1], nested: { deep: {} } } } });
    const reach = `
      local found, seen = {}, {}
      local function walk(value)
        if type(value) ~= 'table' and type(value) ~= 'thread' or seen[value] then return end
        seen[value] = true
        if type(value) == 'table' and pcall(rawset, value, 'probe', 1) then
          value.probe = nil
          found[#found + 1] = value
        end
        if type(value) == 'table' then
          for k, v in pairs(value) do walk(k) walk(v) end
          for k, v in next, value do walk(k) walk(v) end
        end
        walk(getmetatable(value))
      end
      walk(_G)
      walk(getmetatable(''))
      return found`;
    const [first] = sandbox.run(reach);
    const [second] = sandbox.run(reach);
    const tables = (list: unknown): Set<unknown> => new Set([...(list as Iterable<[unknown, unknown]>)].map(([, value]) => value));
    // The environment, the configuration with what is in it.
    expect(tables(first).size).toBe(5);
    expect([...tables(first)].filter((value) => tables(second).has(value))).toEqual([]);
  });
});

describe('random numbers', () => {
  test('are those of math.random for a seed, of all kinds', () => {
    const program = `
      local list = { math.randomseed(42, 7) }
      for i = 1, 200 do
        list[#list + 1] = math.random()
        list[#list + 1] = math.random(0)
        list[#list + 1] = math.random(6)
        list[#list + 1] = math.random(-3, 100 + i)
        list[#list + 1] = math.random(math.mininteger, math.maxinteger)
        list[#list + 1] = math.random(-1 << 62, (1 << 62) + i)
        list[#list + 1] = math.random(3.0)
      end
      for i = 1, #list do list[i] = string.format(math.type(list[i]) == 'float' and '%a' or '%d', list[i]) end
      return table.concat(list, ' ')`;
    const vm = createVm();
    expect(make().run(program)).toEqual(vm.doString(program));
    vm.close();
  });

  test('are checked as those', () => {
    const vm = createVm();
    const sandbox = make();
    for (const call of ['math.random(0, -1)', 'math.random(-5)', 'math.random(1.5)', 'math.random("x")', 'math.random(1, 2, 3)', 'math.random({})', 'math.randomseed({})']) {
      const text = (run: (source: string) => unknown[]): string => String(run(`return select(2, pcall(function() return ${call} end))`)[0]).replace(/^[^:]*:\d+: /, '');
      expect(text((source) => sandbox.run(source)), call).toBe(text((source) => vm.doString(source)));
    }
    vm.close();
  });

  test('of one script tell nothing of those of another', () => {
    const sandbox = make();
    const other = sandbox.load('return math.random(0)').main;
    const draws = sandbox.run('math.randomseed(1) return math.random(0), math.random(0)');
    other.call();
    const seeded = sandbox.load('math.randomseed(1) return math.random(0), math.random(0)').main;
    expect(seeded.call()).toEqual(draws);
    expect(other.call()).not.toEqual(other.call());
    expect(draws).not.toContain(other.call1());
  });
});

describe.each(JITS)('limits hold, %s:', (_, options) => {
  test('for each call, and the next script is as good as ever', () => {
    const sandbox = make({ ...options(), timeout: 60_000, memoryLimit: 8 << 20, stackLimit: 10_000, outputLimit: 1000 });
    const hasty = make({ ...options(), timeout: 50 });
    const codeOf = (source: string, where = sandbox): unknown => {
      try {
        where.run(source);
      } catch (error) {
        return (error as LuaError).code;
      }
      return 'none';
    };
    expect(codeOf('while true do end', hasty)).toBe('timeout');
    expect(codeOf('local s = "x" while true do s = s .. s end')).toBe('memory');
    expect(codeOf('local function f() return 1 + f() end f()')).toBe('stack');
    expect(codeOf('while true do print("x") end')).toBe('output');
    expect(codeOf('pcall(function() while true do end end)', hasty)).toBe('timeout');
    sandbox.fuel = 1000;
    expect(codeOf('for i = 1, 1e9 do end')).toBe('fuel');
    sandbox.fuel = Number.POSITIVE_INFINITY;
    expect(sandbox.run('return 1')).toEqual([1]);
  });

  test('of one call, where they are others than the sandbox\'s', async () => {
    const sandbox = make({ ...options(), timeout: 5000 });
    const loop = 'while true do end';
    expect(() => sandbox.run(loop, '=script', { timeout: 20 })).toThrow(expect.objectContaining({ code: 'timeout' }));
    expect(() => sandbox.run(loop, '=script', { fuel: 10_000 })).toThrow(expect.objectContaining({ code: 'fuel' }));
    expect(() => sandbox.run('while true do print(1) end', '=script', { outputLimit: 100 })).toThrow(expect.objectContaining({ code: 'output' }));
    await expect(sandbox.runAsync(loop, '=script', { timeout: 20 })).rejects.toMatchObject({ code: 'timeout' });
    expect(() => sandbox.run('return 1', '=script', { nothing: 1 } as never)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(sandbox.run('return 1', '=script', { timeout: 1000 })).toEqual([1]);
    const { main } = sandbox.load(loop);
    expect(() => main.with({ timeout: 20 }).call()).toThrow(expect.objectContaining({ code: 'timeout' }));
  });

  test('that nobody asked for', () => {
    const sandbox = make({ ...options() });
    expect(() => sandbox.run('while true do end')).toThrow(expect.objectContaining({ code: 'timeout' }));
    expect(() => sandbox.run('return ("x"):rep(1 << 27)')).toThrow(expect.objectContaining({ code: 'memory' }));
  });
});

test('scripts wait for the host, and others run meanwhile', async () => {
  const sandbox = make({ globals: { later: async (value: unknown) => (await new Promise((resolve) => setTimeout(resolve, 5)), value as number) } });
  const scripts = Array.from({ length: 50 }, (_, i) => sandbox.runAsync(`x = ${i} local got = later(x) * 2 return got, x`));
  expect(await Promise.all(scripts)).toEqual(scripts.map((_, i) => [2 * i, i]));
  const abort = new AbortController();
  const waiting = sandbox.runAsync('return later(1)', '=script', { signal: abort.signal });
  abort.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'abort' });
  expect(() => sandbox.run('return later(1)')).toThrow(/callAsync/);
});

test('the JIT stays on', () => {
  const sandbox = make({ jit: createJit(), timeout: 60_000 });
  const program = 'local s = 0 for i = 1, 1e6 do s = s + math.floor(i / 2) % 7 + #string.rep("x", 3) end return s';
  const vm = createVm();
  expect(sandbox.run(program)).toEqual(vm.doString(program));
  vm.close();
  expect(sandbox.stats().compiled).toBeGreaterThan(0);
});

test('scripts that are gone take no memory', () => {
  const sandbox = make();
  const use = (): number => {
    for (let i = 0; i < 300; i++) sandbox.run('local t = {} for i = 1, 100 do t[i] = i end x = t');
    sandbox.collect();
    return sandbox.stats().memoryUsed;
  };
  use();
  const before = use();
  for (let i = 0; i < 5; i++) use();
  expect(use()).toBeLessThan(before * 1.5 + 100_000);
});

test('an array or object of the host that goes to two scripts is two tables', () => {
  const shared = { list: [1] };
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const sandbox = createSandbox({ globals: { get: () => shared, cyclic: cyclic as never } });
  const [first, second] = [1, 2].map(() => sandbox.load('mine = get() mine.list[1] = "changed" return cyclic.self == cyclic and cyclic'));
  expect(first!.main.call1()).not.toBe(second!.main.call1());
  expect(first!.globals.get('mine')).not.toBe(second!.globals.get('mine'));
  expect(sandbox.run('return get().list[1]')).toEqual([1]);
  sandbox.close();
});

describe('options are refused', () => {
  test.each([
    [{ libraries: ['io'] }], [{ libraries: 'all' }], [{ libraries: [1] }], [{ binaryChunks: true }], [{ globals: 1 }], [{ globals: null }], [{ timeout: -1 }], [{ nothing: 1 }], [1], [{ globals: { x: Symbol('x') } }], [{ globals: { x: 1n << 70n } }],
  ])('%o', (options) => {
    expect(() => createSandbox(options as never)).toThrow(MoontraceError);
  });
});

test('a closed sandbox is of no use', () => {
  const sandbox = make();
  const { main } = sandbox.load('return 1');
  sandbox.close();
  for (const action of [() => sandbox.run('return 1'), () => main.call(), () => sandbox.stats(), () => sandbox.collect(), () => sandbox.fuel]) expect(action).toThrow(expect.objectContaining({ code: 'closed' }));
});

test('the list of libraries is that of sandboxes', () => {
  expect(make({ libraries: SANDBOX_LIBRARIES }).run('return string ~= nil')).toEqual([true]);
});
