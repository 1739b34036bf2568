/** Error objects, messages, tracebacks, warnings and output: what the host makes of what a program hands it. */
import { ending, endless, holding, type Kind, MEGABYTE } from '../program.ts';

export const errors: Kind = {
  name: 'errors and messages',
  programs: [
    ...endless({
      'an error object whose __tostring does not return': `error(setmetatable({}, { __tostring = function() while true do end end }))`,
      'an error object whose __tostring fails and loops': `error(setmetatable({}, { __tostring = function() while true do pcall(error, 'x') end end }))`,
      'an error object whose __name is a loop': `error(setmetatable({}, { __index = function() while true do end end, __tostring = function(t) return t.x end }))`,
      'an error in a coroutine, __tostring that does not return': `coroutine.wrap(function() error(setmetatable({}, { __tostring = function() while true do end end })) end)()`,
      'messages of a megabyte': `local s = ('x'):rep(1 << 20) while true do pcall(error, s) pcall(function() error(s, 1) end) end`,
      'assertions with long messages': `local s = ('x'):rep(1 << 20) while true do pcall(assert, false, s) pcall(assert, nil, s .. 1) end`,
      'operand errors on long names': `local n = ('n'):rep(1 << 18) local f = load('return ' .. n .. ' + 1') while true do pcall(f) end`,
      'calls of long names': `local n = ('n'):rep(1 << 18) local f = load(n .. '()') while true do pcall(f) end`,
      'argument errors under a long chunk name': `local f = load('string.rep()', '=' .. ('n'):rep(1 << 18)) while true do pcall(f) end`,
      'concatenation errors on long operands': `local s = ('x'):rep(1 << 20) while true do pcall(function() return s .. {} end) end`,
      'comparison errors': `while true do pcall(function() return {} < {} end) pcall(function() return 1 < 'x' end) end`,
      'numeral errors on long texts': `local s = ('7'):rep(1 << 20) .. 'x' while true do pcall(function() return s + 1 end) pcall(function() return s | 1 end) end`,
      'print of a megabyte': `local s = ('x'):rep(1 << 20) while true do print(s, s) end`,
      'print of objects that are slow': `local o = setmetatable({}, { __tostring = function() for i = 1, 1e5 do end return 'o' end }) while true do print(o, o, o) end`,
      'print of many values': `local t = {} for i = 1, 1e5 do t[i] = i end while true do print(table.unpack(t)) end`,
      'print for ever': `while true do print('x') end`,
      'warn of many pieces': `local t = {} for i = 1, 1e5 do t[i] = 'x' end warn('@on') while true do warn(table.unpack(t)) end`,
      'warn of a megabyte': `local s = ('x'):rep(1 << 20) warn('@on') while true do warn(s) end`,
      'warnings of finalisers': `warn('@on') while true do setmetatable({}, { __gc = function() error(('x'):rep(1 << 18)) end }) collectgarbage() end`,
      'tostring that returns no text': `local o = setmetatable({}, { __tostring = function() return 1 end }) while true do pcall(tostring, o) end`,
      'handlers with tracebacks of their own': `local function deep(n) if n == 0 then error('x') end return 1 + deep(n - 1) end while true do xpcall(deep, function(e) return e .. ('y'):rep(1000) end, 3000) end`,
      'rethrown errors that grow': `while true do pcall(function() local e = 'x' for i = 1, 18 do local ok, m = pcall(error, e .. e, 0) e = m end end) end`,
      'error levels far away': `while true do pcall(error, 'x', 1 << 40) pcall(error, 'x', -5) end`,
    }),
    ...ending('runtime', {
      'an error that is nil': 'error()',
      'an error that is a table': 'error({})',
      'a text like that of memory': `error('not enough memory', 0)`,
      'a text like that of fuel': `error('out of fuel', 0)`,
      'a text like that of time': `error('time limit exceeded', 0)`,
      'a text like that of an interrupt': `error('interrupted!', 0)`,
      'a text like that of the stack': `error('stack overflow', 0)`,
      'an error of a megabyte': `error(('x'):rep(1 << 20))`,
      'an error with __tostring that fails': `error(setmetatable({}, { __tostring = function() error('x') end }))`,
      'an error with __tostring that returns no text': `error(setmetatable({}, { __tostring = function() return {} end }))`,
      'an error with a proxy': `error(setmetatable({}, { __metatable = false, __tostring = function() return ('x'):rep(1000) end }))`,
      'an error that is a coroutine': 'error(coroutine.create(print))',
      'an error through a hundred coroutines': `local function f(n) if n == 0 then error({}) end return coroutine.wrap(f)(n - 1) end f(100)`,
      'an error in an error handler': `xpcall(error, function(e) error('x') end) error('y')`,
    }),
    ...ending('stack memory', {
      'endless recursion': 'local function f() return 1 + f() end f()',
      'endless recursion of a metamethod': 'local t = setmetatable({}, { __index = function(t, k) return t[k] end }) return t.x',
      'endless recursion in a coroutine': 'coroutine.wrap(function() local function f() return 1 + f() end f() end)()',
    }),
    ...ending('runtime stack', {
      'endless tostring': 'local t = setmetatable({}, { __tostring = tostring }) return tostring(t)',
      'endless coroutines': 'local function f() return coroutine.wrap(f)() end f()',
      'endless gsub': `local function f() return (('x'):gsub('x', f)) end f()`,
      'endless sort': 'local function f() table.sort({2, 1}, function() f() end) end f()',
      'endless pcall': 'local function f() local ok, e = pcall(f) if not ok then error(e, 0) end end f() error("deep enough")',
      'an endless chain of __index': 'local t = {} setmetatable(t, { __index = t }) local x = t.x error("found")',
    }),
    ...holding({
      'errors keep their identity': 'local e = {} local ok, got = pcall(error, e) return got == e',
      'a caught overflow, again and again': `local function f() return 1 + f() end for i = 1, 10 do pcall(f) end local function g(n) return n == 0 and 0 or 1 + g(n - 1) end return g(1000) == 1000`,
      'an overflow in a handler': `local function f() return f() .. f() end return (xpcall(f, function(e) return f() end)) == false`,
    }),
    ...holding({
      'a caught overflow is one of the stack': `local function f() return 1 + f() end local ok, e = pcall(f) return not ok and e:find('stack overflow') ~= nil`,
    }, { options: { memoryLimit: 256 * MEGABYTE } }),
  ],
};

/** What programs write to the standard streams, with a limit and without. */
export const output: Kind = {
  name: 'output',
  programs: [
    ...ending('none', {
      'a million lines': `for i = 1, 1e6 do print(i) end`,
      'a line of thirty megabytes in pieces': `local s = ('x'):rep(1 << 20) for i = 1, 30 do print(s) end`,
    }),
    ...endless({
      'lines without end': `local i = 0 while true do i = i + 1 print(i, i, i) end`,
      'empty lines without end': 'while true do print() end',
    }, { options: { memoryLimit: 16 * MEGABYTE } }),
    ...ending('output', {
      'more lines than the limit': 'while true do print(1) end',
      'a text longer than the limit': `print(('x'):rep(2 << 20))`,
      'print in pcall': 'while true do pcall(print, 1) end',
      'print in a closer': 'while true do pcall(function() local x <close> = setmetatable({}, { __close = function() print(1) end }) error(1) end) end',
      'print in coroutines': 'while true do coroutine.resume(coroutine.create(print), 1) end',
      'print of objects': `local o = setmetatable({}, { __tostring = function() return 'o' end }) while true do print(o) end`,
      'warnings': `warn('@on') while true do warn('x') end`,
      'print in a hot loop with values of all types': `for i = 1, 1e9 do print(i, i / 2, 'x', nil, true, {}) end`,
    }, { options: { outputLimit: MEGABYTE } }),
    ...ending('output', {
      'write': `while true do io.write('x', 1, 1.5, 'y') end`,
      'write in pieces that are held back': `io.stdout:setvbuf('full', 60000) while true do io.stdout:write('x') end`,
      'write without a buffer': `io.stdout:setvbuf('no') while true do io.stdout:write('x') end`,
      'standard error': `while true do io.stderr:write('x') end`,
    }, { options: { outputLimit: MEGABYTE, libraries: ['base', 'coroutine', 'table', 'string', 'io'] } }),
    ...holding({
      'what is caught if the host says so': `local ok, e = pcall(function() while true do print(1) end end) return not ok and e:find('too much output') ~= nil`,
    }, { options: { outputLimit: MEGABYTE, catchable: ['output'] } }),
  ],
};
