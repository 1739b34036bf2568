/**
 * Work is paid for: for each builtin, opcode and helper of compiled code a program whose operand grows, run on a core that counts its steps
 * (test/support/metered-core.ts). What is not paid for is bounded, so that a bounded number of steps lies between two looks at the budget.
 */
import { describe, expect, it, vi } from 'vitest';
import { createJit } from '../../../jit/index.ts';
import { HELPERS } from '../../../jit/ir/helper-table.ts';
import { BUILTINS } from '../../../src/bytecode/builtin-table.ts';
import { OPCODES } from '../../../src/bytecode/opcode-table.ts';
import { machineOf } from '../../../src/api/engine-port.ts';
import { createVm, LuaError, type Vm } from '../../../src/api/index-node.ts';
import { meteredCore, stepsOf } from '../../support/metered-core.ts';

/** Steps that a unit may stand for, and steps that a call may make without paying. */
const STEPS_PER_UNIT = 64;
const FREE_STEPS = 10_000;
/** Units between two looks at the clock at most (src/engine/state/limits.ts). */
const MAX_SLICE = 20_000;
const SIZES = [1000, 30_000] as const;
const FUEL = 1e12;

interface Cost {
  readonly steps: number;
  readonly units: number;
}

/** The VM of all programs; nothing is collected while they are measured. */
let shared: Vm | undefined;

/** Digits, in lines of a megabyte. */
function readDigits(target: Uint8Array): number {
  target.fill(55);
  if (++pieces % 16 === 0) target.fill(10, -1);
  return target.length;
}
let pieces = 0;

/** What the function returned by the chunk costs, which gets `n`; errors it raises are part of it. */
function measure(source: string, n: number): Cost {
  shared ??= createVm({ core: meteredCore(), fuel: FUEL, memoryLimit: 1 << 28, stdout: () => undefined, stdin: readDigits });
  const vm = shared;
  const prepared = vm.doString(`collectgarbage('restart') collectgarbage() collectgarbage('stop') local n = ${n} local short = ('k'):rep(8) ${source}`, '=work')[0] as { call(): unknown };
  const steps = stepsOf(machineOf(vm).core);
  const fuel = vm.fuel;
  try {
    prepared.call();
  } catch (error) {
    if (!(error instanceof LuaError) || !['runtime', 'memory'].includes(error.code)) throw error;
  }
  return { steps: stepsOf(machineOf(vm).core) - steps, units: fuel - vm.fuel };
}

/** Steps that were not paid for. */
const unpaid = ({ steps, units }: Cost): number => steps - units * STEPS_PER_UNIT;

/** For what takes the square of the length. */
const square = "local s = ('x'):rep(n // 30)";
const string = "local s = ('x'):rep(n)";
const numeral = "local s = ('0'):rep(n) .. '1'";
const table = 'local t = {} for i = 1, n do t[i] = i end';
const holes = 'local t = {} for i = 1, n do t[i + 0.5] = i end for i = 1, n do t[i + 0.5] = nil end';
const values = `${table} local function with(f) return f(table.unpack(t)) end`;
const twins = "local a, b = ('x'):rep(n), ('x'):rep(n - 1) .. 'x'";
const call = (setup: string, expression: string): string => `${setup} return function() ${expression} end`;

/** Calls of builtins by `library.name`. The internal ones are reached through those who use them. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  '.assert': [call(string, 'assert(false, s)'), call(values, 'with(assert)')],
  '.error': [call(string, 'error(s)')],
  '.getmetatable': [call(table, 'getmetatable(t)')],
  '.ipairs': [call(table, 'ipairs(t)')],
  '.next': [call(holes, 'next(t)'), call('local t = {} for i = 1, n do t[i] = short end for i = 1, n - 1 do t[i] = nil end', 'next(t)')],
  '.pairs': [call(table, 'pairs(t)')],
  '.rawequal': [call(twins, 'rawequal(a, b)')],
  '.rawget': [call(`${twins} local t = {[a] = 1}`, 'rawget(t, b)')],
  '.rawlen': [call(table, 'rawlen(t)'), call(string, 'rawlen(s)')],
  '.rawset': [call('local t = {} for i = 1, 1 << math.floor(math.log(n, 2)) do t[i + 0.5] = i end', 'rawset(t, 0.25, 1)'), call(`${string} local t = {}`, 'rawset(t, s, 1)')],
  '.select': [call(values, "with(function(...) return select('#', ...) end)"), call(values, 'with(function(...) return select(2, ...) end)')],
  '.setmetatable': [call(table, 'setmetatable(t, {})')],
  '.tonumber': [call(numeral, 'tonumber(s)'), call(numeral, 'tonumber(s, 7)'), call("local s = ('7'):rep(n) .. 'e1'", 'tonumber(s)'), call("local s = (' '):rep(n) .. 'x'", 'tonumber(s)')],
  '.tostring': [call(`${string} local t = setmetatable({}, { __name = s })`, 'tostring(t)'), call(string, 'tostring(s)')],
  '.type': [call(string, 'type(s)')],
  '.collectgarbage': [call("local t = {} for i = 1, n do t[i] = {} end collectgarbage() local w = setmetatable({}, { __mode = 'k' })", "collectgarbage('count')")],
  '.print': [call(string, 'print(s)'), call(values, 'with(print)')],
  'internal.lines': [call('', 'io.lines()')],
  'none.linesStep': [call('local f = io.stdin:lines(n)', 'f()')],
  'internal.printText': [call(`${string} local t = setmetatable({}, { __tostring = function() return s end })`, 'print(t)')],
  'internal.formatConverted': [call(`${string} local t = setmetatable({}, { __tostring = function() return s end })`, "('%s'):format(t)")],
  'io.write': [call(string, 'io.write(s)'), call(values, 'with(io.write)')],
  'io.read': [call('', 'io.read(n)'), call('', "io.read('l')"), call('', "io.read('a')")],
  'file.write': [call(string, 'io.stdout:write(s)'), call(values, 'with(function(...) return io.stdout:write(...) end)')],
  'file.read': [call('', 'io.stdin:read(n)'), call('', "io.stdin:read('n')")],
  '.pcall': [call(values, 'pcall(with, function(...) return ... end)')],
  '.xpcall': [call(values, 'xpcall(with, print, function(...) return ... end)')],
  'coroutine.close': [call('local co = coroutine.create(function() local t = {} coroutine.yield() end) coroutine.resume(co)', 'coroutine.close(co)')],
  'coroutine.create': [call(string, 'coroutine.create(function() return s end)')],
  'coroutine.isyieldable': [call('', 'coroutine.isyieldable()')],
  'coroutine.resume': [call(values, 'local co = coroutine.create(function() end) with(function(...) return coroutine.resume(co, ...) end)')],
  'coroutine.running': [call('', 'coroutine.running()')],
  'coroutine.status': [call('local co = coroutine.create(print)', 'coroutine.status(co)')],
  'coroutine.wrap': [call('', 'coroutine.wrap(function() end)')],
  'coroutine.yield': [call(values, 'local co = coroutine.wrap(function() with(coroutine.yield) end) co() co()')],
  'internal.ipairsStep': [call(`${table} local f = ipairs(t)`, 'f(t, n // 2)')],
  'internal.argumentError': [call(string, "table.move({}, 1, 2, 3, s)")],
  'internal.integerArgument': [call(`${numeral} local t = setmetatable({}, { __index = function() return 1 end })`, 'table.unpack(t, s, 1)')],
  'none.runFinalizers': [call(table, 'collectgarbage("count")')],
  'none.gmatchStep': [call(`${square} local f = s:gmatch('x-y')`, 'f()'), call(`${string} local f = s:gmatch('y')`, 'f()')],
  'internal.matchFrom': [call(square, "s:gsub('x-y', function() end)")],
  'internal.codesStep': [call("local s = 'x' .. ('\\x80'):rep(n) local f = utf8.codes('x')", 'f(s, 1)')],
  'internal.codesStepLax': [call("local s = 'x' .. ('\\x80'):rep(n) local f = utf8.codes('x', true)", 'f(s, 1)')],
  'none.wrapStep': [call(values, 'local f = coroutine.wrap(function(...) return ... end) with(f)')],
  'internal.lessThan': [call(`${twins} local t = { a, b, 1 }`, 'table.sort(t)'), call(`${twins} local t = setmetatable({ a, b }, { __index = {} })`, 'table.sort(t)')],
  'string.byte': [call(string, 's:byte(1, -1)')],
  'string.char': [call(values, 'with(function(...) return select("#", string.char(table.unpack(t, 1, 250))) end)'), call('local t = {} for i = 1, n do t[i] = 65 end', 'string.char(table.unpack(t))')],
  'string.len': [call(string, 's:len()')],
  'string.lower': [call(string, 's:lower()')],
  'string.upper': [call(string, 's:upper()')],
  'string.rep': [call('', "('x'):rep(n)"), call('', "('x'):rep(n, 'yy')")],
  'string.reverse': [call(string, 's:reverse()')],
  'string.sub': [call(string, 's:sub(2)')],
  'string.dump': [call("local f = load(('x = 1 '):rep(n / 10))", 'string.dump(f)')],
  'string.format': [
    call(string, "('%s'):format(s)"), call(string, "('%.3s'):format(s)"), call(string, "('%q'):format(s)"), call(string, 's:format()'), call("local s = ('x'):rep(n) .. '%d'", 's:format()'),
    call("local s = ('%d'):rep(n) local t = {} for i = 1, n do t[i] = i end", 's:format(table.unpack(t))'), call("local s = '%' .. ('0'):rep(n)", 's:format(1)'),
    call(`${string} local t = setmetatable({}, { __name = s })`, "('%s'):format(t)"), call("local s = ('%99.99f'):rep(n // 100) local t = {} for i = 1, n do t[i] = 1e300 end", 's:format(table.unpack(t))'),
  ],
  'string.pack': [call(string, "string.pack('z', s)"), call(string, "string.pack('s', s)"), call(`${string} local f = 'c' .. n`, 'string.pack(f, s)'), call("local f = (' '):rep(n)", 'string.pack(f)'), call(numeral, "string.pack('b', s)")],
  'string.packsize': [call("local f = ('b'):rep(n)", 'string.packsize(f)'), call("local f = 'i' .. ('0'):rep(n) .. '1'", 'string.packsize(f)')],
  'string.unpack': [call("local s = ('x'):rep(n) .. '\\0'", "string.unpack('z', s)"), call("local f, s = ('b'):rep(n), ('x'):rep(n)", 'string.unpack(f, s)'), call(string, "string.unpack('z', s)"), call(`${string} local f = 'c' .. n`, 'string.unpack(f, s)')],
  'string.find': [
    call(string, "s:find('y', 1, true)"), call(string, "s:find('y')"), call(string, "s:find('[y]')"), call(square, "s:find('x*y')"), call("local s, p = ('x'):rep(n), ('x'):rep(n // 2) .. 'y'", 's:find(p, 1, true)'),
    call("local s, p = ('a'):rep(200), '[' .. ('b'):rep(n) .. 'a]*'", 's:find(p)'), call("local s, p = ('a'):rep(200), '[' .. ('b'):rep(n) .. ']'", 's:find(p)'), call("local s, p = ('a'):rep(200), '%f[' .. ('b'):rep(n) .. ']'", 's:find(p)'),
    call("local s = ('('):rep(n // 30)", "s:find('%b()')"), call("local s = ('x'):rep(n // 30)", "s:find('(x*)%1y')"), call("local p = ('x'):rep(n)", "('y'):find(p)"), call("local p = ('.'):rep(n)", "('y'):find(p)"),
  ],
  'string.match': [call(square, "s:match('.-y')"), call(string, "s:match('(.*)')"), call("local s = ('x'):rep(n // 30)", "s:match('x+y')")],
  'string.gmatch': [call(string, "s:gmatch('x')")],
  'string.gsub': [
    call(string, "s:gsub('x', 'yy')"), call(string, "s:gsub('y', 'x')"), call(`${string} local r = ('%1'):rep(100)`, "s:gsub('(x)', r, 10)"), call("local r = ('y'):rep(n)", "('x'):gsub('x', r)"),
    call(`${string} local t = { x = 'y' }`, "s:gsub('x', t)"), call(string, "s:gsub('()', '%1')"),
  ],
  'table.concat': [call(table, 'table.concat(t)'), call(`${string} local t = { s, s, s }`, 'table.concat(t)'), call(`${string} local t = { 1, 2, 3 }`, 'table.concat(t, s)')],
  'table.insert': [call(table, 'table.insert(t, 1, 1)'), call(holes, 'table.insert(t, 1)')],
  'table.remove': [call(table, 'table.remove(t, 1)')],
  'table.pack': [call(values, 'with(table.pack)')],
  'table.unpack': [call(table, 'table.unpack(t)'), call('', 'table.unpack({}, 1, n)')],
  'table.move': [call(table, 'table.move(t, 1, n, 2)'), call(table, 'table.move(t, 1, n, 1, {})')],
  'table.sort': [
    call(table, 'table.sort(t)'), call('local t = {} for i = 1, n do t[i] = (i * 7919) % 10007 + 0.5 end', 'table.sort(t)'), call("local t = {} for i = 1, 12 do t[i] = ('x'):rep(n) .. (i * 7 % 13) end", 'table.sort(t)'),
    call("local t = {} for i = 1, 40 do t[i] = ('x'):rep(n) .. (i * 7 % 41) end", 'table.sort(t)'), call(`${table} t[n] = 'x' table.insert(t, 'y')`, 'table.sort(t)'),
  ],
  'utf8.char': [call('local t = {} for i = 1, n do t[i] = 0x10ffff end', 'utf8.char(table.unpack(t))')],
  'utf8.codepoint': [call(string, 'utf8.codepoint(s, 1, -1)')],
  'utf8.codes': [call(string, 'utf8.codes(s)')],
  'utf8.len': [call(string, 'utf8.len(s)')],
  'utf8.offset': [call("local s = 'x' .. ('\\x80'):rep(n)", 'utf8.offset(s, 2)'), call("local s = ('\\x80'):rep(n)", 'utf8.offset(s, 0, n)'), call(string, 'utf8.offset(s, n)'), call(string, 'utf8.offset(s, -n)')],
};

/** Numerals in place of numbers. */
const numeralCalls = (library: string, name: string): readonly string[] => [call(numeral, `${library}.${name}(s, s)`)];
const arithmeticCalls = (name: string): readonly string[] => [call(`${numeral} local f = getmetatable('')['${name}']`, 'f(s, s)')];

const keyOf = ({ library, name }: { readonly library: string; readonly name: string }): string => `${library}.${name}`;

function callsOf(builtin: { readonly library: string; readonly name: string }): readonly string[] {
  const listed = CALLS[keyOf(builtin)];
  if (listed !== undefined) return listed;
  if (builtin.library === 'math') return numeralCalls('math', builtin.name);
  if (builtin.library === 'string metatable') return arithmeticCalls(builtin.name);
  return [];
}

describe('builtins', () => {
  it('are all there are', () => {
    expect(Object.keys(CALLS).filter((name) => !BUILTINS.some((builtin) => keyOf(builtin) === name))).toEqual([]);
  });

  it.each(BUILTINS.map((builtin) => [keyOf(builtin), builtin] as const))('%s', (_, builtin) => {
    const calls = callsOf(builtin);
    expect(calls.length).toBeGreaterThan(0);
    for (const source of calls) {
      const [few, many] = SIZES.map((n) => measure(source, n)) as [Cost, Cost];
      expect(unpaid(few), source).toBeLessThan(FREE_STEPS);
      expect(unpaid(many), `${source} ${JSON.stringify(many)}`).toBeLessThan(FREE_STEPS);
      if (builtin.work === 'constant' && CALLS[keyOf(builtin)] !== undefined) expect(many.steps - few.steps, source).toBeLessThan(FREE_STEPS);
    }
  });
});

const pair = (operator: string): readonly string[] => [call(numeral, `local x = s ${operator} s`)];
const many = (statement: string): string => `local f = load(('${statement} '):rep(n // 20)) return f`;

/** Instructions by the opcode's base name; those that are not listed are covered by the programs for straight code. */
const INSTRUCTIONS: Readonly<Record<string, readonly string[]>> = {
  GETTABUP: [call('local _ENV = setmetatable({}, { __index = setmetatable({}, { __index = {} }) })', 'local y = x')],
  GETTABLE: [call(`${twins} local t = {[a] = 1}`, 'local x = t[b]'), call('local t = {} for i = 1, 1900 do t = setmetatable({}, { __index = t }) end', 'local x = t[n]')],
  GETFIELD: [call('local t = {} for i = 1, 1900 do t = setmetatable({}, { __index = t }) end', 'local x = t.x')],
  SETTABLE: [call('local t = {} for i = 1, 1 << math.floor(math.log(n, 2)) do t[i + 0.5] = i end', 't[0.25] = 1'), call(`${twins} local t = {[a] = 1}`, 't[b] = 2'), call('local t = {} for i = 1, n do t[i] = i end', 't[1] = {}')],
  SETI: [call('local t = {} for i = 1, n do t[i] = i end', 't[1] = {}')],
  NEWTABLE: [call('', `local t = {${'nil, '.repeat(5000)}}`)],
  SELF: [call('local t = {} for i = 1, 1900 do t = setmetatable({}, { __index = t }) end', 'pcall(function() t:x() end)')],
  ADD: pair('+'), SUB: pair('-'), MUL: pair('*'), MOD: pair('%'), POW: pair('^'), DIV: pair('/'), IDIV: pair('//'), BAND: pair('&'), BOR: pair('|'), BXOR: pair('~'), SHL: pair('<<'), SHR: pair('>>'),
  UNM: [call(numeral, 'local x = -s')],
  BNOT: [call(numeral, 'local x = ~s')],
  LEN: [call(table, 'local x = #t'), call(holes, 'local x = #t')],
  CONCAT: [call(string, "local x = s .. s .. 'y'"), call(string, 'local x = s .. 1')],
  EQ: [call(twins, 'local x = a == b')],
  LT: [call(twins, 'local x = a < b')],
  LE: [call(twins, 'local x = a <= b')],
  EQK: [call(`${twins} local f = load('local x = ... return x == "' .. a .. '"')`, 'f(b)')],
  CALL: [call('local z = setmetatable({}, {}) for i = 1, 180 do z = setmetatable({}, { __call = z }) end', 'pcall(z)'), call(values, 'with(function(...) return (...) end)')],
  TAILCALL: [call(values, 'with(function(...) local f = select return f(1, ...) end)')],
  RETURN: [call(values, 'with(function(...) return ... end)')],
  FORPREP: [call(numeral, 'for i = 1, s do end')],
  TFORCALL: [call(holes, 'for k in pairs(t) do end'), call(holes, 'for k in next, t do end')],
  SETLIST: [call(values, 'with(function(...) return { ... } end)')],
  VARARG: [call(values, 'with(function(...) local a = ... local t = select("#", ...) return t end)')],
  // Straight code: as many instructions as there are.
  MOVE: [many('x = y')],
  LOADNIL: [many('do local a, b, c, d, e end')],
  CLOSURE: [many('x = function() return x end')],
  JMP: [many('if x then y = 1 else y = 2 end')],
};

describe('opcodes', () => {
  const base = (name: string): string => name.replace(/_(PLAIN|JIT)$/, '').replace(/(?<=^(ADD|SUB|MUL|MOD|POW|DIV|IDIV|BAND|BOR|BXOR|SHL|SHR))K$/, '');

  it('are all there are', () => {
    const names = new Set(OPCODES.map(({ name }) => base(name)));
    expect(Object.keys(INSTRUCTIONS).filter((name) => !names.has(name))).toEqual([]);
    const long = OPCODES.filter(({ work }) => work === 'length').map(({ name }) => base(name));
    expect(long.filter((name) => INSTRUCTIONS[name] === undefined)).toEqual([]);
  });

  it.each(Object.entries(INSTRUCTIONS))('%s', (_, sources) => {
    for (const source of sources) for (const n of SIZES) expect(unpaid(measure(source, n)), source).toBeLessThan(FREE_STEPS);
  });
});

/** What compiling costs is the bytes of the source; a name is for nothing, however long, an error pays for what was read until then. */
const LOADS: readonly string[] = [
  call(string, 'load(s)'), call(string, "load(']' .. s)"), call(string, "load('x = 1', s)"), call(string, "load('x = ', s)"), call(string, "load('x = ', '@' .. s)"),
  call("local s = 'x = a' .. (' + a'):rep(n // 4) .. ' +'", 'load(s)'), call("local s = 'x = ' .. ('('):rep(n // 200)", 'load(s)'), call("local s = '\"' .. ('x'):rep(n)", 'load(s)'),
  call("local s = ('::a'):rep(n // 10)", 'load(s)'), call(string, 'local r = s load(function() local piece = r r = nil return piece end, s)'),
];

describe('load', () => {
  it.each(LOADS)('%s', (source) => {
    for (const n of SIZES) expect(unpaid(measure(source, n)), source).toBeLessThan(FREE_STEPS);
  });

  it('pays for the way out of what is nested', () => {
    const [flat, deep] = ["(';')", "('(')"].map((piece) => measure(call(`local s = ${piece}:rep(190) .. 'x ='`, 'load(s)'), 0)) as [Cost, Cost];
    expect(deep.units - flat.units).toBeGreaterThan(10 * 190);
  });
});

it('a list that grows up to the memory limit does not collect for each element', () => {
  const vm = createVm({ core: meteredCore(), memoryLimit: 8 << 20 });
  vm.setGlobal('count', 0);
  const steps = stepsOf(machineOf(vm).core);
  expect(() => vm.doString('local t = {} while true do count = count + 1 t[count] = count end')).toThrow('not enough memory');
  const count = vm.getGlobal('count') as number;
  expect(count).toBeGreaterThan(0.9 * (1 << 20));
  expect((stepsOf(machineOf(vm).core) - steps) / count).toBeLessThan(32);
});

it('a whole collection has the limits looked at, however small the objects are', () => {
  const vm = createVm({ core: meteredCore(), timeout: 1e6 });
  vm.doString('t = {} for i = 1, 6e5 do t[i] = {} end');
  const { core, limits } = machineOf(vm);
  const counts = [stepsOf(core)];
  const refill = limits.refill.bind(limits);
  vi.spyOn(limits, 'refill').mockImplementation(() => {
    counts.push(stepsOf(core));
    refill();
  });
  vm.doString('collectgarbage()');
  const gaps = counts.slice(1).map((steps, i) => steps - counts[i]!);
  expect(counts.at(-1)! - counts[0]!).toBeGreaterThan(1.5e6);
  expect(Math.max(...gaps)).toBeLessThan(MAX_SLICE * 16);
});

/** Loops whose traces call the helpers that work. */
const LOOPS: Readonly<Record<string, string>> = {
  traceTableGet: "local a, b = ('x'):rep(5e4), ('x'):rep(5e4 - 1) .. 'x' local t = {[a] = 1} for i = 1, 1e9 do local x = t[b] end",
  traceTableSet: 'local t = {} for i = 1, 1e9 do t[i + 0.5] = 1 if i % 1000 == 0 then t = {} end end',
  traceCloseUpvalues: 'local f for i = 1, 1e9 do local j = i f = function() return j end end',
  traceAppendValues: 'local t for i = 1, 1e9 do t = { i, i, i, i, i, i, i, i } end',
  traceConcat: "local s = ('x'):rep(5e4) for i = 1, 1e9 do local x = s .. i end",
  traceNext: 'local t = {} for i = 1, 1e4 do t[i + 0.5] = 1 end for i = 1, 1e4 do t[i + 0.5] = nil end t.x = 1 for i = 1, 1e9 do for k in next, t do end end',
  traceSubstring: "local s = ('x'):rep(5e4) for i = 1, 1e9 do local x = s:sub(2) end",
  traceEqualStrings: "local a, b = ('x'):rep(5e4), ('x'):rep(5e4 - 1) .. 'x' local c = { a, b } for i = 1, 1e9 do if c[(i & 1) + 1] ~= b then break end end",
  traceCompareStrings: "local a, b = ('x'):rep(5e4), ('x'):rep(5e4 - 1) .. 'y' local c = { a, a } for i = 1, 1e9 do if c[(i & 1) + 1] > b then break end end",
};

describe('compiled code', () => {
  it('has helpers that work, and loops for each of them', () => {
    expect(HELPERS.filter((helper) => 'works' in helper).map(({ name }) => name).sort()).toEqual(Object.keys(LOOPS).sort());
  });

  it.each(Object.entries(LOOPS))('%s: the loop comes to its limit in time', (_, source) => {
    const fuel = 200_000;
    const vm = createVm({ core: meteredCore(), fuel, jit: createJit({ tunables: { share: 100, hotloop: 2, hotexit: 2 } }) });
    const steps = stepsOf(machineOf(vm).core);
    expect(() => vm.doString(source)).toThrow('out of fuel');
    expect(stepsOf(machineOf(vm).core) - steps).toBeLessThan(fuel * STEPS_PER_UNIT + 1e6);
    vm.close();
  });
});
