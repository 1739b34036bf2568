/** What a compilation takes is counted, limited, and given back, however it ends. */
import { machineOf } from '../../../src/api/engine-port.ts';
import { describe, expect, it, vi } from 'vitest';
import { createVm } from '../../../src/api/index-node.ts';
import { LuaError } from '../../../src/engine/errors/errors.ts';
import type { Vm } from '../../../src/api/vm.ts';

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof LuaError) return error.code;
    throw error;
  }
  return 'none';
};

/** Bytes in use once all garbage is gone. */
function memoryOf(vm: Vm): number {
  vm.doString('collectgarbage() collectgarbage()');
  return vm.stats().memoryUsed;
}

/** Sources that are much work, each in a way of its own. */
const LONG: Readonly<Record<string, string>> = {
  statements: 'x = x + 1\n'.repeat(3_000_000),
  comment: `--[[${' '.repeat(30_000_000)}]]`,
  string: `return "${'\\n'.repeat(15_000_000)}"`,
  numeral: `return ${'1'.repeat(30_000_000)}`,
  line: `--${'-'.repeat(30_000_000)}`,
  // Each global is looked for in 99 functions with 150 variables each.
  names: `${`local ${Array.from({ length: 150 }, (_, i) => `a${i}`).join(', ')} local function f() `.repeat(90)}${'x = y '.repeat(100_000)}${'end '.repeat(90)}`,
  labels: `${Array.from({ length: 60_000 }, (_, i) => `goto l${i}`).join('; ')} ${Array.from({ length: 60_000 }, (_, i) => `::l${i}:: do end`).join(' ')}`,
};

describe('limits', () => {
  it.each(Object.keys(LONG))('the clock and fuel stop %s', async (name) => {
    const source = new TextEncoder().encode(LONG[name]);
    // A fast machine compiles these in a tenth of a second.
    const timed = createVm({ timeout: 20 });
    const start = performance.now();
    expect(codeOf(() => timed.load(source, '=c'))).toBe('timeout');
    // Far from 20 ms, for machines that do other things meanwhile.
    expect(performance.now() - start).toBeLessThan(3000);
    // On a busy machine 20 ms are not always enough for that, either.
    await vi.waitFor(() => expect(timed.doString('return load("return 1 + 1")()')).toEqual([2]));
    const fuelled = createVm({ fuel: 100_000 });
    expect(codeOf(() => fuelled.load(source, '=c'))).toBe('fuel');
  }, 60_000);

  it('stop load, which cannot catch them', () => {
    const vm = createVm({ fuel: 1_000_000 });
    expect(codeOf(() => vm.doString('local s = ("x = x + 1 "):rep(1e6) load(s) error("not reached")'))).toBe('fuel');
    const timed = createVm({ timeout: 100 });
    expect(codeOf(() => timed.doString('local s = ("x = x + 1 "):rep(1e6) while true do load(s) end'))).toBe('timeout');
  });

  it.each([
    ['constants', 'local t = {} for i = 1, 1e5 do t[i] = "x" .. i .. " = " .. i .. ".5" end return table.concat(t, "\\n")'],
    ['code', 'return ("x = x + 1\\n"):rep(5e5)'],
    ['functions', 'return ("function f(a) return a end "):rep(2e5)'],
    ['locals', 'return ("do local a, b, c end "):rep(4e5)'],
    ['long strings', 'return "return {" .. ("[[" .. ("x"):rep(100) .. "]],"):rep(1e4) .. "}"'],
  ])('a memory limit holds: %s', (_, make) => {
    const [source] = createVm().doString(make) as [string];
    const vm = createVm().setGlobal('source', source);
    const used = memoryOf(vm);
    machineOf(vm).core.setMemoryLimit(used + 200_000);
    expect(vm.doString('local f, message = load(source) return f, message')).toEqual([undefined, 'not enough memory']);
    expect(codeOf(() => vm.load(source))).toBe('memory');
    expect(memoryOf(vm)).toBeLessThan(used + 10_000);
    expect(vm.doString('return load("return 1 + 1")()')).toEqual([2]);
  });

  it('nothing is left behind by errors', () => {
    const vm = createVm();
    vm.doString(`
      function fail(n)
        for i = 1, n do
          load("local a, b = 1, 'text' local function f(x, ...) local c <const> = 5.5 return function() return a, x, c, y, [=[]=] end, ... end ::l:: goto m x = } ")
          load("local function f() local function g() return f, '\\\\q'")
          load(function() error("reader") end)
          load(function() return load(function() return "x = = " end) and "" or "local t = {" end)
          load(("do "):rep(300))
        end
      end
      fail(3)`);
    const before = memoryOf(vm);
    vm.doString('fail(300)');
    expect(Math.abs(memoryOf(vm) - before)).toBeLessThan(2000);
  });
});

describe('readers', () => {
  it('see a collector that keeps what the compiler refers to', () => {
    const vm = createVm();
    const source = `local first, second <const>, third <close> = "a string of more than forty bytes, to be no short one", 5.5, nil
      local function f(parameter, ...) ::label:: local captured = function() return first, second, parameter, global end
      if captured then goto onward end do local t = { name = 1, [2.25] = "x" .. first } end ::onward:: return captured(), ... end
      return f(1, 2, 3)`;
    vm.setGlobal('source', source);
    const results = vm.doString(`
      local expected = table.pack(load(source)())
      for size = 1, 40 do
        local at = 1
        local f = assert(load(function()
          collectgarbage()
          local junk = {} for i = 1, 50 do junk[i] = ("junk" .. i):rep(3) end
          at = at + size
          return source:sub(at - size, at - 1)
        end))
        local got = table.pack(f())
        for i = 1, expected.n do assert(got[i] == expected[i]) end
      end
      return "same"`);
    expect(results).toEqual(['same']);
  }, 60_000);

  it('can load themselves', () => {
    const vm = createVm();
    expect(vm.doString(`
      local function nested(n)
        local parts = { "local a", n, " = ", n, " return a", n, " + ", n > 0 and "(...)(" .. n - 1 .. ")" or "0" }
        local i = 0
        return load(function() i = i + 1 if i == 4 and n > 0 then assert(nested(n - 1)) end return parts[i] end, "=nested")
      end
      local function run(n) return nested(n)(run) end
      return run(30)`)).toEqual([465]);
  });
});
