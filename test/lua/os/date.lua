-- os.date, os.time and their errors.
local function try(f, ...) print(pcall(f, ...)) end

-- Every conversion at some times.
for _, time in ipairs { 0, 1, 951782400, 1000000000, 1709164799, 4102444799, -1, -2208988800, 253402300800 } do
  print(time, os.date('!%a %A %b %B %c %C %d %D %e %F %g %G %h %H %I %j %m %M %p %r %R %S %T %u %U %V %w %W %x %X %y %Y %z %Z %%', time))
end
print(os.date('!%Ec|%EC|%Ex|%EX|%Ey|%EY|%Od|%Oe|%OH|%OI|%Om|%OM|%OS|%Ou|%OU|%OV|%Ow|%OW|%Oy', 86400 * 400))
print(#os.date('!%n%t'), os.date('!'), os.date(''), (os.date('!\0%%\0', 0):gsub('%z', '0')))
-- Weeks around new year.
for year = 2004, 2012 do
  local out = {}
  for _, day in ipairs { -2, -1, 0, 1, 2, 3, 4 } do
    local time = os.time { year = year, month = 1, day = day, hour = 12 }
    out[#out + 1] = os.date('%j/%U/%W/%G-%V-%u', time)
  end
  print(year, table.concat(out, ' '))
end
for _, format in ipairs { '%', '%Q', '%9 rest', '%E', '%O', '%Ea', '%Od%Ob', '%s', '%5d', '!%k' } do try(os.date, format, 0) end
try(os.date, '%Y', 1.5)
try(os.date, '%Y', 'x')
try(os.date, '%Y', 2^60)
try(os.date, '%Y', 67767976233532800)
print(os.date('!%Y', 67767976233532799), os.date('!%Y-%m-%d', -67768040609740800), pcall(os.date, '!%Y', -67768040609740801))
try(os.date, {})
print(os.date('!%Y', '86400'), os.date('!%d', 3.0))

-- Tables.
local function fields(t)
  return t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday, t.isdst
end
print(fields(os.date('!*t', 1e9 // 1 | 0)))
print(fields(os.date('!*t', -1)))
print(os.date('!*tx', 0), type(os.date('*t')))
local t = os.date('*t', 1234567890)
print(os.time(t) == 1234567890)

-- Normalisation.
local function normalise(t)
  local ok, time = pcall(os.time, t)
  print(ok, time, fields(t))
end
normalise { year = 2005, month = 1, day = 1, hour = 1, min = 0, sec = -3602 }
normalise { year = 2000, month = 14, day = 31 }
normalise { year = 2000, month = -13, day = 0 }
normalise { year = 1999, month = 2, day = 29, hour = 0 }
normalise { year = 2020, month = 1, day = 1, hour = 25, min = 61, sec = 61 }
normalise { year = '2020', month = ' 2 ', day = '0x1d', hour = 3.0 }
normalise { year = 1970, month = 1, day = 1, hour = 0, sec = -(1 << 31) }
normalise { year = 1970, month = 1, day = 1, hour = 0, sec = (1 << 31) - 1 }
normalise { year = (1 << 31) + 1899, month = 12, day = 31, hour = 23, min = 59, sec = 59 }
normalise { year = 1, month = 1, day = 1 }
normalise { year = -5, month = 1, day = 1 }

-- Errors of fields.
try(os.time, {})
try(os.time, { year = 2000 })
try(os.time, { year = 2000, month = 1 })
try(os.time, { year = 2000, month = 1, day = 'x' })
try(os.time, { year = 2000, month = 1, day = 1.5 })
try(os.time, { year = 2000, month = 1, day = {} })
try(os.time, { year = 2000, month = 1, day = 1, hour = false })
try(os.time, { year = 1e100, month = 1, day = 1 })
try(os.time, { year = math.maxinteger, month = 1, day = 1 })
try(os.time, { year = -math.maxinteger, month = 1, day = 1 })
try(os.time, { year = (1 << 31) + 1900, month = 1, day = 1 })
try(os.time, { year = -(1 << 31) + 1899, month = 1, day = 1 })
try(os.time, { year = 0, month = (1 << 31) + 1, day = 1 })
try(os.time, { year = 0, month = (1 << 31) + 2, day = 1 })
try(os.time, { year = 0, month = 1, day = 1 << 31 })
try(os.time, { year = (1 << 31) + 1899, month = 12, day = 31, hour = 23, min = 59, sec = 60 })
try(os.time, { year = 1969, month = 12, day = 31, hour = 23, min = 59, sec = 59 })
try(os.time, 5)
try(os.time, 'x')
print(math.type(os.time()), math.type(os.time(nil)), os.time() - os.time(os.date('*t')) <= 1)

-- Metamethods of the table.
local log = {}
local proxy = setmetatable({}, {
  __index = function(_, key) log[#log + 1] = key return ({ year = 2000, month = 1, day = 1 })[key] end,
  __newindex = function(self, key, value) rawset(self, key, value) end,
})
print(os.time(proxy), table.concat(log, ' '), fields(proxy))

-- The rest of os that can be told.
print(os.difftime(5, 3), os.difftime(1, 4.0), pcall(os.difftime, 1, 3.5))
print( pcall(os.difftime), pcall(os.difftime, 1))
print(math.type(os.clock()), os.clock() >= 0, os.getenv('NO_SUCH_VARIABLE'), type(os.getenv('PATH')), pcall(os.getenv))
print(os.setlocale(), os.setlocale('C'), os.setlocale(nil, 'time'), os.setlocale('POSIX', 'numeric'), os.setlocale('xx_YY'), os.setlocale('C', 'all'))
try(os.setlocale, 'C', 'everything')
print(pcall(os.exit, 'x'), pcall(os.exit, {}), pcall(os.exit, 1.5))
print(pcall(os.remove), pcall(os.rename, 'x'), pcall(os.tmpname, 'x') == true)
