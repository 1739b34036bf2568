-- Small points of library functions.
print(math.atan2 == math.atan, math.atan2(1, -1) == math.atan(1, -1), select(2, pcall(function() math.atan2('x') end)))

-- What __tostring gives must be a string: the error has the position of whoever called print, tostring or format.
local bad = setmetatable({}, { __tostring = function() return {} end })
print(pcall(function() print(bad) end))
print(pcall(function() local s = tostring(bad) return s end))
print(pcall(function() local s = ('%d %s'):format(1, bad) return s end))
print(pcall(tostring, bad))
print(pcall(print, bad))
print(select(2, xpcall(function() return (string.format('%s', bad)) end, function(m) return m end)))

-- Strings may have __tostring, too; what it gives is not converted again.
local calls = 0
getmetatable('').__tostring = function(s) calls = calls + 1 return '<' .. #s .. '>' end
print('abc', 'de', 1, nil)
print(string.format('%s %5s|%-5s|%.2s %q %d', 'abc', 'de', 'f', 'ghi', 'j', 7))
print(tostring 'abcd', string.format('%s', setmetatable({}, { __tostring = function() return 'object' end })))
print(string.format('%s %s', 1, 'x'), 'x' .. 'y')
getmetatable('').__tostring = nil
print(calls)
print(pcall(string.format, '%s %s', setmetatable({}, { __tostring = function() return 'ok' end })))
print(pcall(string.format, '%s %d', setmetatable({}, { __tostring = function() return 'ok' end }), {}))

-- A float is no key of a table, even where an integer would be.
print(pcall(next, { 10, 20, 30 }, 1.0))
print(pcall(next, { 10, 20, 30, x = 1 }, 3.0))
print(pcall(next, { [1000] = 1 }, 1000.0))
print(next({ [1.5] = 'half' }, nil), next({ [1.5] = 'half' }, 1.5))

-- A coroutine that died in a library function shows it.
local function trace(f, ...)
  local co = coroutine.create(f)
  print(coroutine.resume(co, ...))
  print((debug.traceback(co):gsub('\n\t', ' | ')))
end
trace(function() next({}, 'k') end)
trace(function() local s = string.match('abc', '()(a') return s end)
trace(function() local s = string.find('abc', '(a)(b') return s end)
trace(function() for k in next, {}, 'k' do print(k) end end)
trace(function() local x = 1 + {} return x end)
trace(function() table.concat({ {} }) end)
trace(next, {}, 'k')

-- Borders at the end of the integers.
local function long(n) return setmetatable({ 1, 2, 3 }, { __len = function() return n end }) end
print(pcall(table.insert, long(math.maxinteger), 2, true))
print(pcall(table.insert, long(math.maxinteger), 0, true))
print(pcall(table.insert, long(math.maxinteger), 'x'))
print(pcall(table.insert, long(3), 5, true))
print(pcall(table.insert, long(-1), 1, true))
print(pcall(table.remove, long(3), 5) == false)
print(pcall(table.remove, long(3), 4))
print(pcall(table.remove, long(0), 0), pcall(table.remove, long(-5), 7))

-- Numbers in arguments of functions that the host has: as everywhere else.
print(pcall(os.date, '!%Y', '\xa05'))
print(os.date('!%Y', ' 0x10 '), os.date('!%H', '3600.0'), pcall(os.date, '!%Y', '1.5'))
print(os.difftime('0x1p4', ' 6 '), pcall(os.difftime, '1e', 1))
