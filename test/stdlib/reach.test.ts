/** What a program can get hold of: nothing of the host in a sandbox, and nothing that breaks the engine even with the debug library. */
import { machineOf } from '../../src/api/engine-port.ts';
import { describe, expect, test } from 'vitest';
import { createJit } from '../../jit/index.ts';
import { createVm, Results, results } from '../../src/api/index-node.ts';
import { LuaError } from '../../src/engine/errors/errors.ts';
import type { LuaFunction } from '../../src/api/handles/function.ts';
import { LuaReference } from '../../src/api/handles/reference.ts';
import type { Vm } from '../../src/api/vm.ts';
import { HOST_FUNCTIONS } from '../../src/stdlib/catalogue.ts';
import { createDefaultEnvironment } from '../../src/hosts/environment.ts';
import { debugCore, EAGER } from '../support/engine.ts';
import { watchSlots } from '../support/poison.ts';

class User {
  readonly name = 'user';
}

/** Names of the host's functions that the VM can reach, whatever the program holds. */
function hostFunctionsOf(vm: Vm): string[] {
  const { hostObjects } = machineOf(vm);
  expect(hostObjects.counts.functions).toBe(0);
  return HOST_FUNCTIONS.filter((_, place) => hostObjects.functionAt(place) !== undefined);
}

describe('sandbox', () => {
  test('there are no functions of the host but those it is meant to have', () => {
    const vm = createVm({ libraries: 'sandbox' });
    const hosts = ['object metatable.__tostring', 'error metatable.__tostring', 'error metatable.__concat', 'internal.advance', 'internal.closeGenerator'];
    expect(hostFunctionsOf(vm)).toEqual(['load', 'warn', 'internal.checkString', 'internal.raise', 'internal.companion', ...hosts]);
    vm.close();
  });

  test('nothing that is reachable from the globals has to do with files, processes or the engine', () => {
    const vm = createVm({ libraries: 'sandbox' });
    vm.setGlobal('object', new User());
    const [names] = vm.doString(`
      local names, seen = {}, {}
      local function walk(value, path)
        if type(value) ~= 'table' or seen[value] then return end
        seen[value] = true
        for k, v in next, value do
          if type(v) == 'function' then names[#names + 1] = path .. tostring(k) end
          walk(v, path .. tostring(k) .. '.')
        end
        walk(getmetatable(value), path .. '(metatable).')
      end
      walk(_G, '')
      walk(getmetatable(''), '(strings).')
      walk(getmetatable(object), '(objects).')
      return table.concat(names, ' ')`);
    expect(String(names)).not.toMatch(/loadfile|dofile|dump|require|loadlib|searchpath|\bio\.|\bos\.|debug\.|popen|execute|getenv/);
    vm.close();
  });

  test('load takes text only, and there is no string.dump', () => {
    const vm = createVm({ libraries: 'sandbox' });
    const chunk = createVm().doString('return string.dump(function() return 1 end)')[0] as Uint8Array;
    const refused = "attempt to load a binary chunk (mode is 't')";
    expect(vm.doString('return string.dump')).toEqual([undefined]);
    expect(vm.load('return select(2, load(...))').call(chunk)).toEqual([refused]);
    expect(vm.load('local c = ... return select(2, load(function() local p = c c = nil return p end))').call(chunk)).toEqual([refused]);
    expect(vm.load("return select(2, load(..., 'x', 'b'))").call(chunk)).toEqual(["attempt to load a binary chunk (mode is '')"]);
    expect(vm.load("return select(2, load('return 1', 'x', 'b'))").call()).toEqual(["attempt to load a text chunk (mode is '')"]);
    expect(() => vm.load(chunk)).toThrow(refused);
    vm.close();
  });

  test('binary chunks are there if asked for, and not if not wanted', () => {
    expect(createVm({ libraries: 'sandbox', binaryChunks: true }).doString('return load(string.dump(function() return 7 end))()')).toEqual([7]);
    expect(createVm({ binaryChunks: false }).doString('return string.dump, (load("\\27Lua"))')).toEqual([undefined, undefined]);
  });
});

test('a forged chunk finds nothing on the stack', () => {
  const vm = createVm({ libraries: 'sandbox', binaryChunks: true });
  // A table of 190 registers, whose LOADNIL has become one of the first register only.
  const [result] = vm.doString(`
    local names = {}
    for i = 1, 190 do names[i] = 'a' .. i end
    local list = table.concat(names, ',')
    local chunk = string.dump(load('local ' .. list .. ' return {' .. list .. '}'), true)
    local first, last = chunk:find(string.pack('<BBHHH', 4, 0, 0, 189, 0), 1, true)
    chunk = chunk:sub(1, first - 1) .. string.pack('<BBHHH', 4, 0, 0, 0, 0) .. chunk:sub(last + 1)
    local image, sum = chunk:sub(44), 0x811c9dc5
    for i = 1, #image do sum = ((sum ~ image:byte(i)) * 0x01000193) & 0xffffffff end
    return select(2, load(chunk:sub(1, 39) .. string.pack('<I4', sum) .. image, '=forged'))`);
  expect(result).toBe('forged: bad binary format (unassigned register)');
  vm.close();
});

describe('host objects', () => {
  const vm = createVm({ libraries: 'sandbox' }).setGlobal('user', new User()).setGlobal('order', new User());

  test('a program cannot change what all of them share', () => {
    expect(vm.doString('return getmetatable(user)')).toEqual([false]);
    expect(vm.doString('return (pcall(setmetatable, user, {}))')).toEqual([false]);
    expect(vm.doString('return pcall(function() return order.total end)')[0]).toBe(false);
  });

  test('tostring of one works, and nothing passes for one', () => {
    expect(vm.doString('return tostring(user)')).toEqual(['[object Object]']);
    const all = createVm().setGlobal('user', new User());
    const message = (call: string): unknown => all.doString(`local f = debug.getmetatable(user).__tostring return select(2, pcall(${call}))`)[0];
    expect(message('f')).toBe("bad argument #1 to '?' (value expected)");
    // A metatable does not make a file an object of the host, nor the other way round.
    const [file] = all.doString('return debug.setmetatable(io.tmpfile(), debug.getmetatable(user))');
    expect(file).toBeInstanceOf(LuaReference);
    expect(all.doString('return io.type(debug.setmetatable(user, debug.getmetatable(io.stdout)))')).toEqual([undefined]);
    expect(all.doString('return pcall(io.close, user)')[0]).toBe(false);
    expect(all.doString('return user')).toEqual([{ name: 'user' }]);
    all.close();
  });
});

test('holes in results are nil', () => {
  const vm = createVm().setGlobal('f', () => results(...new Array(2)));
  expect(vm.doString("local a, b = f('a', 'b') return a, b")).toEqual([undefined, undefined]);
  vm.setGlobal('f', () => new Results(Object.assign(new Array(3), { 0: 1, 2: 3 })));
  expect(vm.doString("return f('a', 'b', 'c')")).toEqual([1, undefined, 3]);
  vm.close();
});

test.each([1_000_001, 2 ** 32, Number.MAX_VALUE, Number.NaN])('results that say they are %d are refused before they are read', (length) => {
  const read: PropertyKey[] = [];
  const get = (_: object, key: PropertyKey): unknown => {
    read.push(key);
    return key === 'length' ? length : 1;
  };
  const vm = createVm().setGlobal('f', () => new Results(new Proxy<unknown[]>([], { get })));
  expect(vm.doString('return pcall(f)')).toEqual([false, 'stack overflow (too many results)']);
  expect(read).toEqual(['length']);
  expect(() => vm.doString('f()')).toThrow(expect.objectContaining({ code: 'stack' }));
  vm.close();
});

/**
 * Collects every function that the debug library shows, while library functions that call back are at work: globals, registry, upvalues, metatables,
 * locals and functions of all frames of all threads, also from hooks. @returns a function that gives the next of them
 */
const WALKER = `
  local found, count, seen = {}, 0, {}
  local visit
  local function visitThread(co)
    for level = 0, 40 do
      local info
      if co then info = debug.getinfo(co, level, 'nSlutfrL') else info = debug.getinfo(level + 2, 'nSlutfrL') end
      if not info then break end
      visit(info.func)
      for _, sign in ipairs { 1, -1 } do
        for n = 1, 60 do
          local name, value
          if co then name, value = debug.getlocal(co, level, sign * n) else name, value = debug.getlocal(level + 2, sign * n) end
          if not name then break end
          visit(value)
        end
      end
    end
  end
  function visit(value)
    local kind = type(value)
    if kind == 'nil' or kind == 'number' or kind == 'boolean' or seen[value] then return end
    seen[value] = true
    visit(debug.getmetatable(value))
    if kind == 'table' then
      for k, v in next, value do visit(k) visit(v) end
    elseif kind == 'function' then
      count = count + 1
      found[count] = value
      for n = 1, 60 do
        local name, upvalue = debug.getupvalue(value, n)
        if not name then break end
        visit(upvalue)
      end
    elseif kind == 'thread' then
      visitThread(value)
    elseif kind == 'userdata' then
      for n = 1, 3 do visit(debug.getuservalue(value, n)) end
    end
  end
  local busy = false
  local function here()
    if busy then return end
    busy = true
    visitThread()
    visitThread(coroutine.running())
    busy = false
  end
  visit(_G) visit(debug.getregistry())
  for _, v in ipairs { '', 1, true, print, coroutine.create(print), object } do visit(debug.getmetatable(v)) end
  local proxy = setmetatable({}, { __index = function(_, k) here() if type(k) == 'number' and k < 4 then return k end end, __len = function() here() return 3 end,
    __newindex = function() here() end, __pairs = function(t) here() return next, {} end, __tostring = function() here() return 'proxy' end,
    __concat = function() here() return 'c' end, __add = function() here() return 1 end, __lt = function() here() return true end,
    __le = function() here() return true end, __eq = function() here() return true end, __call = function() here() return 1 end,
    __close = function() here() end, __gc = here, __name = 'proxy', __unm = function() here() return 1 end })
  local function work()
    table.sort({ 3, 1, 2, 5, 4 }, function(a, b) here() return a < b end)
    for _, name in ipairs { 'concat', 'insert', 'remove', 'unpack', 'move', 'sort' } do pcall(table[name], proxy, 1, 2, 3) pcall(table[name], proxy) end
    string.gsub('abc', '%w', function(c) here() return c end)
    string.gsub('abc', '(%w)', proxy)
    string.format('%s %s', proxy, 1)
    print(proxy, 1)
    for _ in ipairs(proxy) do end
    for _ in pairs(proxy) do end
    for _ in string.gmatch('a b', '%a') do here() end
    for _ in utf8.codes('ab') do here() end
    for _ in io.lines(NAME) do here() end
    for _ in io.open(NAME):lines('l', 1) do here() end
    local _ = '10' + proxy, proxy .. 'x', proxy < 1, proxy <= 1, proxy == setmetatable({}, getmetatable(proxy)), -proxy
    pcall(math.max, '1', 2) pcall(math.max, proxy, 1)
    pcall(function() here() error('x') end)
    xpcall(function() error('x') end, function(m) here() return m end)
    xpcall(string.rep, here)
    do local closing <close> = proxy end
    for _ in next, {}, nil, proxy do end
    local co = coroutine.wrap(function(...) here() coroutine.yield(...) table.sort({ 2, 1, 3 }, function(a, b) here() return a < b end) end)
    co(1, 2) co()
    local other = coroutine.create(function() local x <close> = proxy coroutine.yield(here) end)
    coroutine.resume(other) visit(other) coroutine.close(other)
    load(function() here() end)
    load(coroutine.wrap(function() here() coroutine.yield('return 1') end))
    os.time(setmetatable({ year = 2000, month = 1, day = 1 }, getmetatable(proxy)))
    os.time({ year = 2000, month = 1, day = 1, hour = '12' })
    package.preload.reach = function(...) here() return here end
    require('reach') package.loaded.reach = nil
    pcall(require, 'no such module')
    pcall(dofile, NAME)
    setmetatable({}, getmetatable(proxy)) collectgarbage()
    callback(here)
    for _, f in ipairs { tostring, rawlen, select, next } do pcall(f) end
  end
  work()
  -- Events are many: every so often.
  local events = 0
  debug.sethook(function()
    if busy then return end
    events = events + 1
    if events % 97 == 0 then here() end
  end, 'crl')
  work()
  debug.sethook()
  local i = 0
  return function()
    i = i + 1
    return found[i], i
  end, count`;

test.each([['interpreted', {}], ['eager', { jit: createJit(EAGER.jit) }]])('every function that the debug library shows can be called with anything (%s)', (_, jit) => {
  const files = new Map([['lines.lua', new TextEncoder().encode('-- one\n-- two\n')]]);
  const environment = {
    ...createDefaultEnvironment(),
    readFile: (path: string) => files.get(path) ?? new Uint8Array(),
    openFile: () => {
      let rest = files.get('lines.lua') as Uint8Array;
      return {
        isTerminal: false, write() {}, seek: () => 0, close: () => undefined, flush() {}, setMode() {},
        read(target: Uint8Array) {
          const count = Math.min(rest.length, target.length);
          target.set(rest.subarray(0, count));
          rest = rest.subarray(count);
          return count;
        },
      };
    },
  };
  const vm = createVm({ core: debugCore(), ...jit, environment: environment as never, memoryLimit: 64 << 20, stdout: () => {}, stderr: () => {} });
  watchSlots(vm);
  vm.setGlobal('object', new User()).setGlobal('NAME', 'lines.lua').setGlobal('callback', (f: LuaFunction) => f.call());
  const [next, count] = vm.doString(WALKER) as [LuaFunction, number];
  expect(count).toBeGreaterThan(200);
  const call = vm.doString(`
    local call, values = pcall, { false, 1, -1, 2^53, 'text', '[', {}, setmetatable({}, { __index = function() return 1 end, __len = function() return 2 end }), print,
      coroutine.create(print), io.stdout, object, math.mininteger, 0.5 }
    local unpack, random = table.unpack, math.random
    return function(f, n)
      local given = {}
      for i = 1, n do given[i] = values[random(#values + 1)] end
      return (call(f, unpack(given, 1, n)))
    end`)[0] as LuaFunction;
  const problems: string[] = [];
  vm.doString('debug.debug, os.exit = nil');
  for (let i = 1; i <= count && problems.length < 5; i++) {
    const [target] = next.call();
    for (let n = 0; n <= 5; n++) {
      vm.fuel = 100_000;
      try {
        call.call(target, n);
      } catch (error) {
        if (!(error instanceof LuaError) || error.cause instanceof Error) problems.push(`function ${i} with ${n} arguments: ${error} ${error instanceof Error ? error.cause : ''}`);
      }
    }
    if (i % 20 !== 0) continue;
    vm.fuel = Number.POSITIVE_INFINITY;
    vm.collect();
    if (machineOf(vm).core.verifyHeap() !== 0) problems.push(`after function ${i}: heap checker ${machineOf(vm).core.verifyHeap()}`);
  }
  expect(problems).toEqual([]);
}, 300_000);
