/** What the recorder makes of Lua: the operations it chooses, and that the program goes on as it would without a JIT. */
import { describe, expect, it } from 'vitest';
import { interpret, operationsOf, runJit } from './harness.ts';

/** The trace of a loop that runs `body` 40 times. */
function loopTrace(setup: string, body: string): { operations: string[]; text: string } {
  const source = `${setup}\nfor i = 1, 40 do ${body} end`;
  const { recorded, aborted } = runJit(source);
  expect(aborted).toEqual([]);
  const text = recorded.at(-1)!;
  return { operations: operationsOf(text), text };
}

describe('numbers', () => {
  it('adds integers as i64 and mixed operands as f64', () => {
    expect(loopTrace('local s = 0', 's = s + i').operations).not.toContain('I2F');
    const { operations, text } = loopTrace('local s = 0.5', 's = s + i');
    expect(operations).toContain('I2F');
    expect(text).toMatch(/ADD\.f64/);
  });

  it('guards that an integer divisor is not zero', () => {
    const { text } = loopTrace('local d, s = 3, 0', 's = s + i // d');
    expect(text).toMatch(/IDIV\.i64/);
    expect(text).toMatch(/EQ\.i32 %\d+, 0/);
  });

  it('does not look at the step of a for loop if the program has a number there', () => {
    const { recorded } = runJit('local s = 0 for i = 40, 1, -1 do s = s + i end');
    expect(recorded[0]).not.toMatch(/SLOAD.*slot=3/);
  });

  it.each([
    ['integer against float', 'local x, c = 9007199254740993, 0 for i = 1, 40 do if x > 9007199254740992.0 + i % 2 then c = c + 1 end end print(c)'],
    ['comparison with infinity', 'local c = 0 for i = 1, 40 do if i < math.huge and i > -math.huge then c = c + 1 end end print(c)'],
    ['NaN', 'local n, c = 0/0, 0 for i = 1, 40 do if n == n or i < n or i >= n then c = c + 1 end end print(c)'],
    ['float loops', 'local s = 0 for x = 0.5, 12, 0.25 do s = s + x end for x = 3, 1, -0.125 do s = s * x end print(s)'],
    ['loops to the end of the integers', 'local c = 0 for i = math.maxinteger - 30, math.maxinteger do c = c + 1 end print(c)'],
    ['steps that vary', 'local s = 0 for step = 1, 40 do for i = 1, 100, step do s = s + i end end print(s)'],
    ['float limits of integer loops', 'local s = 0 for k = 1, 20 do for i = 1, k + 0.5 do s = s + i end for i = k, 0.5, -1 do s = s - i end end print(s)'],
  ])('%s', (_, source) => expect(runJit(source).output).toBe(interpret(source)));
});

describe('tables', () => {
  it('reads packed arrays without tags', () => {
    const { operations } = loopTrace('local t, s = {}, 0 for i = 1, 40 do t[i] = i end', 's = s + t[i]');
    expect(operations).toContain('ALOAD');
    expect(operations).not.toContain('ATAG');
  });

  it('guards the tags of mixed arrays', () => {
    expect(loopTrace('local t, s = { true }, 0 for i = 1, 40 do t[i] = i end t[50] = "x" t[1] = true', 'if t[i] == true then s = s + 1 end').operations).toContain('ATAG');
  });

  it('appends in place', () => {
    const { operations } = loopTrace('local t = { 0 }', 't[#t + 1] = i');
    expect(operations).toEqual(expect.arrayContaining(['APPEND_ROOM', 'ASTORE', 'FSTORE']));
  });

  it('reads fields behind one guard of the shape', () => {
    const { text } = loopTrace('local p, s = { x = 1, y = 2 }, 0', 's = s + p.x * p.y');
    expect(text.match(/FLOAD.* field=table.shape/g)).toHaveLength(1);
  });

  it('adds fields by a store and a new shape', () => {
    const { operations } = loopTrace('local last', 'local p = {} p.x = i p.y = i last = p');
    expect(operations).toEqual(expect.arrayContaining(['SLOT_ROOM', 'HSTORE', 'FSTORE']));
  });

  it.each([
    ['methods through __index tables', 'local C = {} C.__index = C function C:get() return self.v end local o, s = setmetatable({ v = 2 }, C), 0 for i = 1, 40 do s = s + o:get() end print(s)'],
    ['__index functions', 'local o, s = setmetatable({}, { __index = function(_, k) return k * 2 end }), 0 for i = 1, 40 do s = s + o[i] end print(s)'],
    ['__newindex functions', 'local n, o = 0, nil o = setmetatable({}, { __newindex = function(_, k, v) n = n + k * v end }) for i = 1, 40 do o[i] = 3 end print(n, #o)'],
    ['metamethods that appear later', 'local mt = {} local o, s = setmetatable({}, mt), 0 for i = 1, 40 do s = s + (o.x or 1) if i == 30 then mt.__index = function() return 100 end end end print(s)'],
    ['arithmetic metamethods', 'local V = {} V.__index = V V.__add = function(a, b) return setmetatable({ x = a.x + b.x }, V) end V.__eq = function(a, b) return a.x == b.x end local v, n = setmetatable({ x = 0 }, V), 0 for i = 1, 40 do v = v + setmetatable({ x = i }, V) if v == setmetatable({ x = 6 }, V) then n = n + 1 end end print(v.x, n)'],
    ['__lt and __le', 'local mt = {} mt.__lt = function(a, b) return a.k < b.k end mt.__le = function(a, b) return a.k <= b.k end local a, b, n = setmetatable({ k = 1 }, mt), setmetatable({ k = 20 }, mt), 0 for i = 1, 40 do a.k = i if a < b then n = n + 1 end if a <= b then n = n + 100 end end print(n)'],
    ['__len, __call, __concat, __unm', 'local mt = { __len = function() return 7 end, __call = function(_, x) return x + 1 end, __concat = function(a, b) return "c" end, __unm = function() return 5 end } local o, s = setmetatable({}, mt), 0 for i = 1, 40 do s = s + #o + o(i) + -o + #(o .. "x") end print(s)'],
    ['tables in dictionary mode', 'local t, s = {}, 0 for i = 1, 200 do t["k" .. i] = i end for i = 1, 40 do s = s + t.k7 + (t.none or 0) t.k7 = i end print(s)'],
    ['removed fields', 'local t, s = { a = 1, b = 2 }, 0 for i = 1, 40 do if i % 2 == 0 then t.a = nil else t.a = i end s = s + (t.a or 100) end print(s)'],
    ['lists that shrink', 'local t, s = {}, 0 for i = 1, 40 do t[i] = i end for i = 40, 1, -1 do s = s + #t t[i] = nil end print(s, #t)'],
    ['constructors', 'local s = 0 for i = 1, 40 do local t = { i, i * 2, "x", n = i } s = s + t[1] + t[2] + #t + t.n end print(s)'],
    ['float keys', 'local t, s = { 1, 2, 3 }, 0 for i = 1, 40 do s = s + (t[i % 3 + 1.0] or 0) + (t[0.5] or 1) end print(s)'],
  ])('%s', (_, source) => expect(runJit(source).output).toBe(interpret(source)));
});

describe('calls', () => {
  it('inlines Lua functions: nothing is called', () => {
    const { operations } = loopTrace('local function f(a, b) return a * b + 1 end local s = 0', 's = s + f(i, 2)');
    expect(operations).not.toContain('CALL');
    expect(operations).not.toContain('CALLB');
  });

  it('turns math functions into operations', () => {
    const { operations } = loopTrace('local s = 0.0', 's = s + math.sqrt(i) + math.floor(i / 2)');
    expect(operations).toEqual(expect.arrayContaining(['SQRT', 'FLOOR', 'ISINT', 'F2I']));
  });

  it('runs all iterators of one kind in one trace', () => {
    const source = 'local n, text = 0, string.rep("ab c ", 9) for i = 1, 20 do for w in text:gmatch("%a+") do n = n + #w end end print(n)';
    const { events, output, aborted } = runJit(source, { tunables: { share: 100, hotloop: 30, hotexit: 5 } });
    expect([output, aborted]).toEqual([interpret(source), []]);
    expect(events.filter(({ kind }) => kind === 'compiled').length).toBeLessThan(3);
  });

  it('calls other builtins in the stack', () => {
    expect(loopTrace('local s', 's = string.upper("x")').operations).toEqual(expect.arrayContaining(['CALLB', 'STAG', 'LOADS']));
  });

  it.each([
    ['several results', 'local function f(i) return i, i * 2, i * 3 end local s = 0 for i = 1, 40 do local a, b, c, d = f(i) s = s + a + b + c + (d or 1) end print(s)'],
    ['open lists', 'local function f(i) return i, i * 2 end local function g(...) return select("#", ...) end local s = 0 for i = 1, 40 do s = s + g(f(i)) + g((f(i))) end print(s)'],
    ['variable arguments', 'local function sum(...) local t = 0 for i = 1, select("#", ...) do t = t + (select(i, ...)) end return t, ... end local s = 0 for i = 1, 40 do local a, b, c = sum(i, 2, 3) s = s + a + b + c end print(s)'],
    ['exits inside a vararg function', 'local function f(a, ...) local x, y = ... if a % 7 == 0 then x = x + 1000 end return x + y + select("#", ...) end local s = 0 for i = 1, 60 do s = s + f(i, i, 1, 2) end print(s)'],
    ['tail calls', 'local function g(a) return a + 1 end local function f(a) return g(a) end local s = 0 for i = 1, 40 do s = s + f(i) end print(s)'],
    ['recursion', 'local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end local s = 0 for i = 1, 30 do s = s + fib(i % 8) end print(s)'],
    ['errors inside an inlined call', 'local function f(i) if i == 35 then error("at " .. i) end return i end local ok, message = pcall(function() local s = 0 for i = 1, 40 do s = s + f(i) end end) print(ok, message)'],
    ['pcall in a loop', 'local s = 0 for i = 1, 40 do local ok, v = pcall(function(x) if x % 5 == 0 then error("e") end return x end, i) s = s + (ok and v or 100) end print(s)'],
    ['builtins with all their results', 'local s = 0 for i = 1, 40 do s = s + math.max(math.modf(i / 4)) end print(s)'],
    ['builtin iterators', 'local n = 0 for w in string.gmatch(string.rep("ab c ", 40), "%a+") do n = n + #w end print(n)'],
    ['closures made in the loop', 'local fs, s = {}, 0 for i = 1, 40 do local k = i fs[i] = function(x) k = k + x return k end s = s + fs[i](1) + fs[(i + 1) // 2](2) end print(s)'],
    ['upvalues shared with the loop', 'local n = 0 local function inc() n = n + 1 return n end local s = 0 for i = 1, 40 do s = s + inc() n = n + i % 3 end print(s, n)'],
  ])('%s', (_, source) => expect(runJit(source).output).toBe(interpret(source)));
});

describe('exits', () => {
  it.each([
    ['in front of a call with an open list', 'local function f(...) local t = {} for i = 1, select("#", ...) do t[i] = (select(i, ...)) end return t end local bad = 0 for k = 1, 90 do local t = f("a", k, nil, k + 0.5) if t[2] ~= k or t[4] ~= k + 0.5 then bad = bad + 1 end end print(bad)'],
    ['inside nested calls', 'local function g(a, b) return a * b, a - b end local function f(a) local x, y = g(a, 3) return x + y end local s = 0 for i = 1, 90 do s = s + f(i) - select("#", f(i), g(i, i)) end print(s)'],
    ['around stores', 'local t = { n = 0 } for i = 1, 90 do t[i] = i t.n = t.n + 1 t["k" .. i % 5] = i t.last = t[i // 2] end print(#t, t.n, t.k3, t.last)'],
    ['around closures', 'local s = 0 for i = 1, 90 do local k = i local function f() k = k + 1 return k end s = s + f() + f() + k end print(s)'],
  ])('forced %s', (_, source) => {
    expect(runJit(source, { tunables: { share: 100, hotloop: 2, hotexit: 3, loopbudget: 5 }, forceExits: true }).output).toBe(interpret(source));
  });
});

describe('loops', () => {
  it.each([
    ['ipairs', 'local t, s = {}, 0 for i = 1, 40 do t[i] = i * i end for i, v in ipairs(t) do s = s + i * v end print(s)'],
    ['pairs', 'local t, s = {}, 0 for i = 1, 40 do t["k" .. i] = i end for k, v in pairs(t) do s = s + #k * v end print(s)'],
    ['Lua iterators', 'local function range(n) return function(_, i) if i < n then return i + 1 end end, nil, 0 end local s = 0 for i in range(50) do s = s + i end print(s)'],
    ['while with break', 'local i, s = 0, 0 while true do i = i + 1 if i > 50 then break end if i % 3 == 0 then goto next end s = s + i ::next:: end print(s)'],
    ['repeat', 'local i, s = 0, 0 repeat local j = i i = i + 1 s = s + j until j >= 50 print(s)'],
    ['short inner loops', 'local s = 0 for i = 1, 40 do for j = 1, 3 do s = s + i * j end end print(s)'],
    ['inner loops', 'local s = 0 for i = 1, 40 do for j = 1, i do s = s + i * j end end print(s)'],
    ['loops in called functions', 'local function f(n) local s = 0 for j = 1, n do s = s + j end return s end local s = 0 for i = 1, 60 do s = s + f(i) end print(s)'],
    ['types that alternate', 'local x, s = 1, 0 for i = 1, 60 do if i % 2 == 0 then x = 1.5 else x = 2 end s = s + x end print(s)'],
  ])('%s', (_, source) => {
    const { output, compiled } = runJit(source);
    expect(output).toBe(interpret(source));
    expect(compiled).toBeGreaterThan(0);
  });

  it('leaves dead temporaries out of snapshots', () => {
    const { text } = loopTrace('local s = 0', 'local a = i * 2 local b = a + 1 s = s + b');
    expect(text.trim().split('\n').findLast((line) => line.startsWith('snapshot'))).toMatch(/\{ 0: int %\d+; 1: int %\d+; 2: int %\d+ \}/);
  });

  it.each([
    ['leaves-root-frame', 'local n = 0 local function f() while true do n = n + 1 if n % 2 == 0 then return end end end for i = 1, 20 do f() end'],
    ['unsupported-call', 'for i = 1, 40 do pcall(type, i) end'],
    ['error', 'for i = 1, 40 do local x if i == 4 then x = x.y end end'],
  ])('gives up with %s', (reason, source) => {
    expect(runJit(source).aborted).toContain(reason);
  });
});
