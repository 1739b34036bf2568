-- Patterns: classes, sets, captures, anchors, frontiers, balances, every message.
local function p(...)
  local out = {}
  for i = 1, select('#', ...) do
    local v = (select(i, ...))
    out[i] = type(v) == 'string' and string.format('%q', v) or tostring(v)
  end
  print(table.concat(out, ' '))
end
local function fails(f, ...) p(select(2, pcall(f, ...))) end

-- every class and its complement over all bytes
for class in ('acdglpsuwxzACDGLPSUWXZ.'):gmatch('.') do
  local item, n, sum = class == '.' and '.' or '%' .. class, 0, 0
  for byte = 0, 255 do
    if string.char(byte):find(item) then n, sum = n + 1, sum + byte end
  end
  p(item, n, sum)
end
for _, set in ipairs { '[a-z]', '[^a-z]', '[%d_]', '[]]', '[^]]', '[%]]', '[-a]', '[a-]', '[%-a]', '[a-%]', '[%a-z]', '[\0-\31]', '[^\0]', '[z-a]', '[.*+?]', '[^^]', '[%^x]' } do
  local n = 0
  local ok = pcall(string.find, '', set)
  if ok then for byte = 0, 255 do if string.char(byte):find(set) then n = n + 1 end end end
  p(set, ok, n)
end

-- find, match, init, plain
p(('hello world'):find('o w'), ('hello'):find('l+'), ('hello'):find('', 3), ('hello'):find('', 6), ('hello'):find('', 7), ('hello'):find('h', -100))
p(('a.b'):find('.', 1, true), ('a.b'):find('%.'), ('aXb'):find('%u'), (''):find(''), (''):find('', 2), ('abc'):find('b', -1), ('abc'):find('b', -2))
p(('key = value'):match('^(%w+)%s*=%s*(%w+)$'), ('  trim  '):match('^%s*(.-)%s*$'), ('x'):match('()'), ('abc'):match('()b()'), ('abc'):match('((a)(b))'))
p(('2024-02-29'):match('(%d+)-(%d+)-(%d+)'), ('foo(bar(baz))x'):match('%b()'), ('THE (quick) fox'):find('%((%a+)%)'), ('[[x]]'):match('%b[]'))
p(('aaa'):match('a-'), ('aaa'):match('a-$'), ('aaab'):match('^a*b$'), ('aaab'):match('a?b'), ('abab'):match('(ab)%1'), ('abba'):match('(a)(b)%2%1'))
p(('THE (quick) fox'):gsub('%f[%a]%a+', string.lower), ('x\0y\0'):gsub('%z', '0'), ('hello'):gsub('', '-'), ('abc'):gsub('%w', '%0%0'), ('abc'):gsub('b', '%%'))
p(('hello world'):gsub('o', '0', 1), ('hello'):gsub('l', { l = 'L' }), ('hello'):gsub('.', { h = 1, e = 2.5, l = false }), ('a b'):gsub('%w', function(c) return c .. c end))
p(('abc'):gsub('(a)(b)', '%2%1'), ('abc'):gsub('^a', 'x'), ('aaa'):gsub('^a', 'x'), ('aaa'):gsub('a$', 'x'), ('$a'):gsub('$', 'x'), ('a^b'):gsub('a^', 'x'), ('x'):gsub('x', '%1'))
p(('a,b,,c'):gsub(',', ';', 2), ('a,b'):gsub(',', ';', 0), ('a,b'):gsub(',', ';', -1), ('abc'):gsub('.', function() end), ('abc'):gsub('.', function() return false end))
local t = setmetatable({}, { __index = function(_, k) return '<' .. k .. '>' end })
p(('$name is $what'):gsub('%$(%w+)', t), ('a1'):gsub('()', function(at) return at end), ('position'):gsub('()i', '%1'))

-- gmatch: empty matches, captures, init, anchor as a plain byte
local function all(...)
  local out = {}
  for a, b in string.gmatch(...) do out[#out + 1] = tostring(a) .. (b and '/' .. tostring(b) or '') end
  p(table.concat(out, ' '))
end
all('one two  three', '%a+')
all('k1=v1, k2=v2', '(%w+)=(%w+)')
all('abc', '')
all('abc', '()')
all('aXbXc', '[^X]*')
all('abc', '%a', 2)
all('abc', '%a', -1)
all('abc', '%a', 10)
all('^a^b', '^a')
all('a\0b\0', '%Z+')

-- limits and errors
fails(string.find, 'a', '[a')
fails(string.find, 'a', '[]')
fails(string.find, 'a', '[^]')
fails(string.find, 'a', '[a%')
fails(string.find, 'a', '%')
fails(string.find, 'a', '(a')
fails(string.find, 'a', 'a)')
fails(string.find, 'a', '(a))')
fails(string.find, 'a', '%1')
fails(string.find, 'a', '(a%1)')
fails(string.find, 'a', '%b')
fails(string.find, 'a', '%ba')
fails(string.find, 'a', '%f')
fails(string.find, 'a', '%fa')
fails(string.match, 'a', ('(a)'):rep(33))
fails(string.match, ('a'):rep(40), ('(a)'):rep(33))
fails(string.rep, 'x', -1)
fails(string.gsub, 'a', 'a', '%2')
fails(string.gsub, 'a', 'a', '%')
fails(string.gsub, 'a', 'a', '%x')
fails(string.gsub, 'a', 'a', { a = {} })
fails(string.gsub, 'a', 'a', { a = true })
fails(string.gsub, 'a', 'a', function() return print end)
fails(string.gsub, 'a', 'a', nil)
fails(string.gsub, 'a', 'a')
fails(string.gsub, 'a', 'a', true)
fails(string.gsub, 'a', 'a', function() error('from inside', 0) end)
fails(string.gmatch, 'a')
fails(string.gmatch('a', '(('))
fails(string.find, ('a'):rep(300000), ('.-'):rep(300) .. 'b')
fails(string.match, ('x'):rep(1000), ('x?'):rep(1000) .. 'y')
local same = ('a'):rep(100)
p(rawequal(same:gsub('b', 'c'), same), (same:gsub('a', { x = 1 })) == same, select(2, same:gsub('a', function() end)))
p(pcall(string.rep, 'x', 1 << 40), pcall(string.rep, 'abc', 3, ', '), (''):rep(100), ('x'):rep(0, 'y'))
