/**
 * Every instruction with operands as large as they get, in a loop, and in straight-line code without one. A program names the opcode it is
 * about; attack.test.ts demands one for each opcode that the compiler emits, and that it is really in the code.
 */
import type { OpName } from '../../../src/bytecode/opcode-table.ts';
import { type Endless, endless, type Kind } from '../program.ts';

/** Operands that the bodies below share. */
const OPERANDS = `
  local digits, text = ('7'):rep(100000), ('x'):rep(1 << 20)
  local left, right = text .. 'a', text .. 'b'
  local long = {} for i = 1, 20 do long[i] = ('y'):rep(50000) .. i end
  local list = {} for i = 1, 100000 do list[i] = i end
  local map = {} for i = 1, 20 do map[long[i]] = i end
  local self = setmetatable({ name = left, [1] = left, [2] = right }, { __index = function(t, k) return left end, __newindex = function(t, k, v) if left < right then rawset(t, k, nil) end end,
    __eq = function(a, b) return left < right end, __lt = function(a, b) return left < right end, __le = function(a, b) return left < right end,
    __len = function() return left < right end, __unm = function() return left < right end, __concat = function() return left < right end,
    __call = function(t, ...) return left < right, ... end, __close = function() return left < right end })
  local other = setmetatable({}, getmetatable(self))
  local x, y, z, i
`;

/** The body of the loop, by opcode. */
export const BODIES: Partial<Record<OpName, string>> = {
  MOVE: 'x = text y = x x = y', LOADI: 'x = 7', LOADF: 'x = 7.0', LOADK: 'x = 1e300', LOADNIL: 'local a, b, c, d, e', LOADFALSE: 'x = false', LOADTRUE: 'x = true', LFALSESKIP: 'x = left < right',
  GETUPVAL: 'i = (function() return left < right end)()', SETUPVAL: '(function() x = left < right end)()', GETTABUP: 'x = counter', SETTABUP: 'counter = left < right',
  GETTABLE: 'for k = 1, 20 do x = map[("y"):rep(50000) .. k] end', GETI: 'x = other[1] < right', GETFIELD: 'x = other.field < right',
  SETTABLE: 'for k = 1, 20 do map[("y"):rep(50000) .. k] = k end', SETI: 'other[1] = 5', SETFIELD: 'other.field = 5',
  NEWTABLE: 'x = {nil, nil, nil, nil, nil, a = nil, b = nil}', SELF: 'pcall(function() return other:method() end)',
  ADD: 'x = digits + digits', SUB: 'x = digits - digits', MUL: 'x = digits * digits', MOD: 'x = digits % digits', POW: 'x = digits ^ digits', DIV: 'x = digits / digits', IDIV: 'x = digits // digits',
  BAND: 'pcall(function() return digits & digits end)', BOR: 'pcall(function() return digits | digits end)', BXOR: 'pcall(function() return digits ~ digits end)',
  SHL: 'pcall(function() return digits << digits end)', SHR: 'pcall(function() return digits >> digits end)',
  ADDK: 'x = digits + 1', SUBK: 'x = digits - 1', MULK: 'x = digits * 2', MODK: 'x = digits % 7', POWK: 'x = digits ^ 2', DIVK: 'x = digits / 3', IDIVK: 'x = digits // 3',
  BANDK: 'pcall(function() return digits & 1 end)', BORK: 'pcall(function() return digits | 1 end)', BXORK: 'pcall(function() return digits ~ 1 end)',
  SHLK: 'pcall(function() return digits << 1 end)', SHRK: 'pcall(function() return digits >> 1 end)',
  UNM: 'x = -digits', BNOT: 'pcall(function() return ~digits end)', NOT: 'x = not x', LEN: 'x = #self', CONCAT: 'x = left .. right .. left .. right',
  CLOSE: 'do local c x = function() return c end end', TBC: 'do local c <close> = self end', JMP: 'if x then y = 1 else y = 2 end',
  LOOP: 'repeat x = not x until x', EQ: 'x = left .. "c" == right .. "c"', LT: 'x = left < right', LE: 'x = left <= right',
  EQK: 'x = left .. 1 == "x"', LTK: 'x = #left < 5', LEK: 'x = #left <= 5', GTK: 'x = #left > 5', GEK: 'x = #left >= 5',
  TEST: 'if x then y = 1 end', TESTSET: 'y = x or left', CALL: 'x = select("#", self(table.unpack(list)))', TAILCALL: 'x = (function() return self(left) end)()',
  RETURN: 'x = (function(...) return ... end)(table.unpack(list))', RETURN0: '(function() end)()', RETURN1: 'x = (function() return left end)()',
  FORPREP: 'for k = 1, 0 do end', FORLOOP: 'for k = 1, 100 do x = k end', TFORPREP: 'for k in next, {} do end', TFORCALL: 'for k in next, list do x = k end', TFORLOOP: 'for k, v in pairs(list) do x = v end',
  SETLIST: 'x = {table.unpack(list)}', CLOSURE: 'x = function() return y end', VARARG: 'x = (function(...) return select("#", ...) end)(table.unpack(list))',
  VARARGPREP: 'x = (function(...) return 1 end)(table.unpack(list))',
};

/** Opcodes that only a running VM puts into code. */
export const RUNTIME_FORMS = /_(PLAIN|JIT)$/;

/** The program whose loop has the body. */
export const inLoop = (body: string): string => `${OPERANDS} while true do ${body} end`;

/** The body again and again without a jump back, 3,000 times; the loop around it is in another function. */
const inStraightLine = (body: string): string =>
  `local f = assert(load(${luaString(OPERANDS)} .. 'return function() ' .. (${luaString(`do ${body} end `)}):rep(3000) .. ' end'))() while true do f() end`;

const luaString = (text: string): string => `[==[\n${text}]==]`;

const entries = Object.entries(BODIES) as [OpName, string][];
const programs = (what: string, make: (body: string) => string): Endless[] => endless(Object.fromEntries(entries.map(([name, body]) => [`${name} ${what}`, make(body)])));

/** Bodies that would make the straight line too long to compile, or jump back in it anyway. */
const NOT_STRAIGHT = new Set<OpName>(['GETTABLE', 'SETTABLE', 'LOOP', 'FORPREP', 'FORLOOP', 'TFORPREP', 'TFORCALL', 'TFORLOOP']);

export const operators: Kind = { name: 'operators', programs: programs('in a loop', inLoop) };
export const straightLines: Kind = {
  name: 'straight lines',
  programs: programs('in a straight line', inStraightLine).filter((_, i) => !NOT_STRAIGHT.has(entries[i]![0])),
};
