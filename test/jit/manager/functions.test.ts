/** Functions compiled as a whole: how they are found, call each other, leave, and go on in the interpreter as if nothing had been. */
import { describe, expect, it } from 'vitest';
import { type CreateJitOptions, createJit } from '../../../jit/index.ts';
import { createVm } from '../../../src/api/index-node.ts';
import { FUNCTIONS } from '../../support/engine.ts';
import { interpret, type JitRun, runJit } from '../record/harness.ts';

const ALL: CreateJitOptions = FUNCTIONS.jit!;

/** Runs it with every function compiled as a whole, twice over so that all is compiled in the second round; the same as without a JIT. */
function check(source: string, options: CreateJitOptions = ALL): JitRun {
  const program = `local function program() ${source} end for round = 1, 4 do print(pcall(program)) end`;
  const run = runJit(program, options);
  expect(run.error).toBeUndefined();
  expect(run.output).toBe(interpret(program));
  return run;
}

/** Links of the roots of functions that became code. */
const returns = ({ events }: JitRun): number =>
  events.filter((event) => event.kind === 'compiled' && event.trace.functionProto !== 0 && event.trace.link.kind === 'return').length;
const calls = ({ events }: JitRun): number =>
  events.filter((event) => event.kind === 'compiled' && event.trace.contents.instructions.some(({ op }) => op === 'CALLF')).length;

const FIB = 'local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end';

describe('what is compiled as a whole', () => {
  it('a function that calls itself, found at the end of slices, without any loop', () => {
    const source = `${FIB} print(fib(27))`;
    const run = runJit(source, { tunables: { share: 100 } });
    expect(run.output).toBe('196418\n');
    expect(returns(run)).toBeGreaterThan(0);
    expect(calls(run)).toBeGreaterThan(0);
  });

  it('nothing in a program that is not recursive', () => {
    const run = runJit('local function f(x) return x + 1 end local s = 0 for i = 1, 200000 do s = f(s) end print(s)', { tunables: { share: 100 } });
    expect(run.events.filter((event) => event.kind === 'compiled' && event.trace.functionProto !== 0)).toEqual([]);
  });

  it('a function with a loop that is called in a loop of such a function: it is called, not inlined', () => {
    const source = 'local function sum(n) local s = 0 for i = 1, n do s = s + i end return s end local function f(n) local t = 0 for i = 1, 30 do t = t + sum(40) end if n > 0 then return t + f(n - 1) end return t end for i = 1, 20 do print(f(9)) end';
    const run = runJit(source, ALL);
    expect(run.output).toBe(interpret(source));
    expect(calls(run)).toBeGreaterThan(0);
  });

  it('a recursive call is no reason to give the recording of a loop up', () => {
    const run = check(`${FIB} local s = 0 for i = 1, 50 do s = s + fib(i % 12) end return s`);
    expect(calls(run)).toBeGreaterThan(0);
  });

  it.each([
    ['with variable arguments', 'local function f(n, ...) if n == 0 then return select("#", ...) end return f(n - 1, n, ...) end local s = 0 for i = 1, 60 do s = s + f(i % 9) end return s'],
    ['with several results', 'local function f(n) if n == 0 then return 1, 2 end local a, b = f(n - 1) return a + b, b end local s = 0 for i = 1, 60 do s = s + f(i % 9) end return s'],
  ])('not functions %s, which give the same all the same', (_, source) => {
    expect(returns(check(source))).toBe(0);
  });
});

describe('a program behaves as without', () => {
  it.each([
    ['results of changing types', 'local function f(n) if n < 1 then return n end if n % 3 == 0 then return f(n - 1) .. "" end if n % 5 == 0 then return nil end return f(n - 1) end local t = {} for i = 1, 40 do t[i] = tostring(f(i / (i % 4 == 0 and 1 or 2) // 1)) end return table.concat(t, " ")'],
    ['no results', 'local n = 0 local function f(d) if d == 0 then return end n = n + 1 f(d - 1) f(d - 1) end for i = 1, 20 do f(7) end return n, f(0)'],
    ['all results wanted', 'local function f(n) if n == 0 then return end if n == 1 then return 5 end return (f(n - 1) or 0) + 1 end local t = {} for i = 1, 40 do t[i] = select("#", f(i % 3)) + math.max(0, f(2 + i % 3)) end return table.concat(t, " ")'],
    ['fewer and more arguments', 'local function f(n, a, b) if n == 0 then return tostring(a) .. tostring(b) end if n % 2 == 0 then return f(n - 1, a) end return f(n - 1, a, b, n, n) end local t = {} for i = 1, 30 do t[i] = f(i % 5, i, -i) end return table.concat(t, " ")'],
    ['mutual recursion', 'local odd local function even(n) if n == 0 then return true end local r = odd(n - 1) return r end function odd(n) if n == 0 then return false end local r = even(n - 1) return r end local s = 0 for i = 1, 60 do if even(i) then s = s + i end if odd(i * 3) then s = s - 1 end end return s'],
    ['variables of callers, read and written through closures', 'local function f(n) local x = n local function up(k) x = x + k return x end if n == 0 then return up(1) end local r = f(n - 1) up(r) for i = 1, 2 do x = x + up(i) end return x end local s = 0 for i = 1, 30 do s = s ~ f(i % 8) end return s'],
    ['variables of the loop that calls', 'local function run(g) return g() end local s, t = 0, 0 for i = 1, 60 do local k = i local function f(n) if n == 0 then return k end k = k + n local r = f(n - 1) return r + 1 end s = s + f(5) t = t + k end return s, t'],
    ['objects made on the way', 'local function tree(d) if d == 0 then return {} end local l = tree(d - 1) local r = tree(d - 1) return { l, r } end local function count(t) if t[1] == nil then return 1 end local n = count(t[1]) return 1 + n + count(t[2]) end local s = 0 for i = 1, 12 do s = s + count(tree(7)) end collectgarbage() return s'],
    ['loops inside, that call', 'local function walk(n, k) local s = 0 for i = 1, 3 do if n > 0 then s = s + walk(n - 1, k + i) else s = s + k end end return s end local s = 0 for i = 1, 12 do s = s + walk(4, i) end return s'],
    ['errors', 'local function f(n) if n == 0 then error("bottom", 0) end local r = f(n - 1) return r + 1 end local t = {} for i = 1, 40 do local ok, e = pcall(f, i % 9) t[i] = tostring(ok) .. e end return table.concat(t, " ")'],
    ['errors of operations, with their positions', 'local function f(n) if n == 0 then return nothing.field end local r = f(n - 1) return r + 1 end local t = {} for i = 1, 40 do local ok, e = pcall(f, i % 9) t[i] = e end return table.concat(t, " ")'],
    ['tracebacks', 'local function f(n) if n == 0 then return debug.traceback("here") end local r = f(n - 1) return r end local t for i = 1, 60 do t = f(6) end return t'],
    ['tail calls', 'local function f(n, a) if n == 0 then return a end return f(n - 1, a + n) end local s = 0 for i = 1, 60 do s = s + f(i, 0) end return s, f(300000, 0)'],
    ['yields from the middle', 'local function f(n) if n == 0 then coroutine.yield(1) return 1 end local a = f(n - 1) local b = f(n - 1) return a + b end local s = 0 for i = 1, 6 do for v in coroutine.wrap(function() s = s + f(5) end) do s = s + v end end return s'],
    ['methods', 'local C = {} C.__index = C function C:sum(n) if n == 0 then return self.v end self.v = self.v + 1 local r = self:sum(n - 1) return r + n end local o = setmetatable({ v = 0 }, C) local s = 0 for i = 1, 60 do s = s + o:sum(i % 7) end return s, o.v'],
    ['metamethods', 'local M = {} M.__add = function(a, b) return setmetatable({ v = a.v + b.v }, M) end local function f(n) local o = setmetatable({ v = n }, M) if n == 0 then return o end return f(n - 1) + o end local s = 0 for i = 1, 40 do s = s + f(i % 9).v end return s'],
  ])('%s', (_, source) => {
    check(source);
    check(source, { ...ALL, forceExits: true });
    check(source, { ...ALL, dropTrees: true, tunables: { ...ALL.tunables, loopbudget: 3 } });
  });

  it('to any depth, and beyond', () => {
    const source = `local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
      for i = 1, 30 do deep(2000) end print(deep(150000))
      local function without(n) return 1 + without(n + 1) end
      local ok, message = pcall(without, 1) print(ok, (message:gsub("%(.*", "")))`;
    expect(runJit(source, ALL).output).toBe(interpret(source));
    expect(runJit(source, { tunables: { share: 100 } }).output).toBe(interpret(source));
  });
});

describe('limits hold in it', () => {
  const endless = 'local function f(n) if n == 0 then return 0 end return f(n - 1) + f(n - 1) end return f(200)';

  it('time', () => {
    const vm = createVm({ libraries: 'all', jit: createJit(ALL), timeout: 100 });
    expect(() => vm.doString(endless)).toThrow(expect.objectContaining({ code: 'timeout' }));
    expect(vm.doString('return 1')).toEqual([1]);
    vm.close();
  });

  it('fuel, the same each time', () => {
    const spend = (): number => {
      const vm = createVm({ libraries: 'all', jit: createJit(ALL), fuel: 1_000_000 });
      vm.doString(`${FIB} fib(15)`);
      const left = vm.fuel!;
      vm.close();
      return left;
    };
    expect(spend()).toBe(spend());
  });

  it('memory', () => {
    const vm = createVm({ libraries: 'all', jit: createJit(ALL), memoryLimit: 8e6 });
    const hoard = 'local function f(n, t) if n == 0 then return {} end return { f(n - 1), f(n - 1), t } end local kept = f(40)';
    expect(() => vm.doString(hoard)).toThrow(/not enough memory/);
    expect(vm.doString('return 1')).toEqual([1]);
    vm.close();
  });
});

describe('code that goes away', () => {
  it('with its prototype', () => {
    const jit = createJit(ALL);
    const vm = createVm({ libraries: 'all', jit });
    for (let i = 0; i < 60; i++) expect(vm.doString(`${FIB} local s = 0 for i = 1, 9 do s = s + fib(i) end return s`)).toEqual([88]);
    vm.doString('collectgarbage() collectgarbage()');
    vm.doString('for i = 1, 10 do end');
    expect(jit.stats().traces.length).toBeLessThan(400);
    vm.close();
  });

  it('while a loop still calls it', () => {
    const source = `${FIB} local s = 0 for i = 1, 400 do s = s + fib(i % 10) end print(s)`;
    expect(runJit(source, { ...ALL, dropTrees: true }).output).toBe(interpret(source));
  });
});

describe('IR', () => {
  it('a call of the function itself has a snapshot with its frame', () => {
    const run = runJit(`${FIB} for i = 1, 20 do fib(6) end`, ALL);
    const trace = run.events.flatMap((event) => (event.kind === 'recorded' ? [event.trace.contents] : [])).find(({ functionProto, instructions }) => functionProto !== 0 && instructions.some(({ op }) => op === 'CALLF'))!;
    const call = trace.instructions.find(({ op }) => op === 'CALLF')!;
    expect(trace.snapshots[call.snapshot]!.frames.at(-1)).toMatchObject({ results: 1 });
  });
});
