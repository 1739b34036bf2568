/** Ways out: forged chunks, what the libraries leave lying about, what objects share. */
import { holding, type Kind } from '../program.ts';

/** In front of programs that forge chunks: puts the checksum of a damaged chunk right. */
const FORGE = `
  local function seal(d) local image, sum = d:sub(44), 0x811c9dc5 for i = 1, #image do sum = ((sum ~ image:byte(i)) * 0x01000193) & 0xffffffff end return d:sub(1, 35) .. string.pack('<I4I4', #image, sum) .. image end
  local function try(d) local f = load(seal(d), '=forged', 'b') if f then for i = 1, 3 do pcall(f, i, {}, 'x') end end end
  local seed = 12345 local function random(n) seed = (seed * 1103515245 + 12345) & 0x7fffffff return seed // 7 % n + 1 end
`;
const VICTIMS: Readonly<Record<string, string>> = {
  'loops': 'local s = 0 for i = 1, 100 do s = s + i end for k, v in next, { 1, 2 } do s = s + v end while s < 6000 do s = s * 2 end return s',
  'tables': 'local t = { 1, 2, 3, x = 1, y = { 2 } } t.z = t.x + t[1] t[4] = t.y[1] for i = 1, 50 do t[i] = i end return t.z, #t',
  'calls': 'local function f(a, ...) local b = select("#", ...) return a, b, ... end local function g(n) if n == 0 then return 0 end return g(n - 1) end return f(1, g(10), 3)',
  'closures and closers': 'local n = 0 local function inc() n = n + 1 return n end do local c <close> = setmetatable({}, { __close = inc }) end local fs = {} for i = 1, 5 do fs[i] = function() n = n + i return i end end return fs[3](), inc()',
  'texts': 'local s = "" for i = 1, 20 do s = s .. i .. "," end return s, #s, s < "x", s == "y", -1 // 3, 7 & 2.0',
};
const binary = { options: { libraries: 'all' as const, timeout: 20_000 } };
/** What is damaged may loop for ever. */
const damaged = { options: { libraries: 'all' as const, fuel: 20_000_000 }, codes: ['none', 'fuel'] as const };

export const chunks: Kind = {
  name: 'forged chunks',
  programs: [
    ...holding(Object.fromEntries(Object.entries(VICTIMS).flatMap(([name, source]) => {
      const dumped = `local d = string.dump(load(${JSON.stringify(source)}), true)`;
      return [
        [`each byte of ${name} damaged`, `${FORGE} ${dumped} for i = 44, #d do for _, bit in ipairs({ 1, 16, 128 }) do try(d:sub(1, i - 1) .. string.char(d:byte(i) ~ bit) .. d:sub(i + 1)) end end return true`],
        [`bytes of ${name} at random`, `${FORGE} ${dumped} for n = 1, 600 do local e = d for k = 1, random(4) do local i = 43 + random(#d - 43) e = e:sub(1, i - 1) .. string.char(random(256) - 1) .. e:sub(i + 1) end try(e) end return true`],
        [`${name} cut and prolonged`, `${FORGE} ${dumped} for i = 43, #d do try(d:sub(1, i)) try(d:sub(1, i) .. ('\\0'):rep(8) .. d:sub(i + 1)) try(d:sub(1, i - 1) .. d:sub(i + 8)) end return true`],
        [`instructions of ${name} exchanged`, `${FORGE} ${dumped} for n = 1, 600 do local a, b = 43 + random(#d - 60), 43 + random(#d - 60) if a > b then a, b = b, a end if b - a >= 8 then try(d:sub(1, a - 1) .. d:sub(b, b + 7) .. d:sub(a + 8, b - 1) .. d:sub(a, a + 7) .. d:sub(b + 8)) end end return true`],
      ];
    })), damaged),
    ...holding({
      'a chunk without its checksum': `local d = string.dump(load('return 1')) local n = 0 for i = 1, #d do local f = load(d:sub(1, i - 1) .. string.char(d:byte(i) ~ 1) .. d:sub(i + 1), 'x', 'b') if f then n = n + 1 end end return n == 0`,
      'a chunk as text, a text as chunk': `return not load(string.dump(load('return 1')), 'x', 't') and not load('return 1', 'x', 'b')`,
    }, binary),
    ...holding({
      'no dump in the sandbox': 'return string.dump == nil',
      'no binary chunks in the sandbox': `local f, e = load('\\27Lua' .. ('\\0'):rep(100), 'x', 'b') local g = load('\\27Lua' .. ('\\0'):rep(100)) return f == nil and g == nil and type(e) == 'string'`,
      'no binary chunks by a reader': `local pieces = { '\\27', 'Lua', ('x'):rep(100) } local f = load(function() return table.remove(pieces, 1) end, 'x', 'bt') return f == nil`,
    }),
  ],
};

/** Walks everything that can be reached from a value by fields, metatables and upvalues that Lua shows. */
const REACH = `
  local seen, found = {}, {}
  local function walk(v, path)
    if type(v) ~= 'table' and type(v) ~= 'function' and type(v) ~= 'userdata' then return end
    if seen[v] then return end
    seen[v] = path
    if type(v) == 'table' then for k, x in next, v do walk(k, path .. '[key]') walk(x, path .. '.' .. tostring(k)) end end
    local mt = getmetatable(v) if type(mt) == 'table' then walk(mt, path .. '<meta>') end
  end
  walk(_G, '_G') walk(getmetatable(''), 'string')
`;

export const sandbox: Kind = {
  name: 'ways out of the sandbox',
  programs: holding({
    'nothing of files, processes and debugging is reachable': `${REACH} for v, path in next, seen do local name = path:match('([%w_]+)$') for _, bad in ipairs({ 'io', 'os', 'debug', 'package', 'require', 'dofile', 'loadfile', 'popen', 'execute', 'getenv', 'exit', 'internal', 'argumentError', 'companion', 'formatConverted', 'stringMetatable' }) do if name == bad then error(path) end end end return true`,
    'no values from fresh registers': `local f = load('local ' .. ('a,'):rep(190) .. 'z return {' .. ('a,'):rep(190) .. 'z}') return next(f()) == nil`,
    'no values from coroutines that ended': `local co = coroutine.create(function(...) return ... end) coroutine.resume(co, {}) local a, b = coroutine.resume(co) return a == false and b == 'cannot resume dead coroutine'`,
    'no values from varargs that are missing': `local function f(...) local a, b, c = ... return a == nil and b == nil and c == nil end string.format('%s', {}) return f()`,
    'no values from table.unpack of holes': `local t = {} for i = 1, 100 do t[i] = {} end for i = 1, 100 do t[i] = nil end local a, b = table.unpack(t, 1, 2) return a == nil and b == nil`,
    'no names of files in messages': `local _, e = pcall(error, 'x', 2) local _, f = pcall(string.rep) local _, g = pcall(load, {}) return not (tostring(e) .. f .. g):find('[/\\\\]')`,
    'the string metatable belongs to one VM': `getmetatable('').__index = nil getmetatable('').__index = string return ('x'):upper() == 'X'`,
    '_ENV that is replaced': `local f = load('x = 1 return _ENV', 'c', 't', {}) local env = f() return env.x == 1 and env.print == nil and x == nil`,
    'environments through load': `local f = load('return print, io, os, debug, require', 'c', 't', {}) return select('#', f()) == 5 and f() == nil`,
    'getmetatable that is protected': `local t = setmetatable({}, { __metatable = false }) return getmetatable(t) == false and not pcall(setmetatable, t, {})`,
    'rawset past a protected metatable': `local t = setmetatable({}, { __newindex = error, __metatable = 1 }) rawset(t, 'x', 1) return t.x == 1`,
    'tostring shows no host addresses': `return tostring({}):match('^table: 0x%x+$') ~= nil and tostring(print):match('^function: builtin') == nil or tostring(print):match('^function: ') ~= nil`,
    'coroutine.close of what runs': `return not pcall(coroutine.close, coroutine.running())`,
    'yield across a comparison of sort': `local co = coroutine.create(function() table.sort({ 3, 2, 1 }, function(a, b) coroutine.yield() return a < b end) end) local ok = coroutine.resume(co) return type(ok) == 'boolean'`,
    'collectgarbage within a finaliser': `local ok setmetatable({}, { __gc = function() ok = pcall(collectgarbage) end }) collectgarbage() collectgarbage() return ok ~= nil`,
    'a finaliser that runs at close': `setmetatable({}, { __gc = function() while true do end end }) return true`,
    'a finaliser at close that fails': `setmetatable({}, { __gc = function() error(setmetatable({}, { __tostring = function() error('x') end })) end }) return true`,
  }, { options: { timeout: 2000 } }),
};
