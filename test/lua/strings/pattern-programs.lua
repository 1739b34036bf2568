-- What a pattern does wrong is an error where a match gets there, and not before.
local function try(...)
  print(...)
  print(pcall(string.find, ...))
end
for _, bad in ipairs { '%', '[a', '[^', '[%', '%b', '%bx', '%f', '%fa', '%f[', ')', '%1', '(%1', '()%1', '%0', ('('):rep(33) } do
  try('xyz', bad)
  try('xyz', 'q' .. bad)
  try('xyz', 'y' .. bad)
  try('xyz', 'q?' .. bad)
  try('xyz', 'x*' .. bad)
end

-- Depth: what takes a byte and may take none takes of it, captures do, what is left out does not.
local long = ('a'):rep(220)
for _, piece in ipairs { 'a?', 'a-', 'a*', 'b*', 'b-', 'b?', 'a', '()', 'a?b?' } do
  for n = 196, 203 do print(piece, n, pcall(string.find, long, piece:rep(n))) end
end
for n = 29, 33 do print(n, pcall(string.find, 'aaa', ('('):rep(n) .. 'a' .. (')'):rep(n))) end

-- What follows a run decides where it may end.
for _, pattern in ipairs {
  '%a+=', '(%a+)=', '%a+%d', '%w+%d', '%w-%d', '%a*$', '(%a*)$', '.-$', '.*=', '[^=]*=', '[^=]+=', '[%a_]+()=', '%s*$', '(.-)%s*$', '^%s*(.-)%s*$', '%a+()%f[%A]', 'x*x', 'x+x', 'x-xy', '(x+)(x)%2',
} do
  for _, subject in ipairs { 'key=1', '  key_a = 12 ', 'xxx', 'xxxy', 'a1b22c', '', '=', 'ab ' } do print(pattern, subject, subject:match(pattern)) end
end

-- Sets: ranges, classes and their complements, the first bracket, many of them.
for _, set in ipairs { '[]]', '[^]]', '[]-a]', '[a-]', '[-a]', '[%a-z]', '[a-%z]', '[z-a]', '[%W]', '[^%W]', '[%z]', '[^%z]', '%z', '%Z', '[%g]', '[%s%d]', '[^%s%d]', '[%]]', '[^%]%[]', '[\0-\31]', '[\128-\255]' } do
  local members = {}
  for byte = 0, 255 do if string.char(byte):find('^' .. set .. '$') then members[#members + 1] = byte end end
  print(set, #members, members[1], members[#members])
end
local many, subject = {}, {}
for i = 1, 40 do
  many[i] = ('[%c%c]'):format(64 + i % 26, 97 + i % 26)
  subject[i] = string.char((i % 2 == 0 and 64 or 97) + i % 26)
end
many = table.concat(many)
print(#many, table.concat(subject):find(many), table.concat(subject, ' '):find(many))

-- One pattern with its ^ as an anchor and without; strings that die and come back.
for i = 1, 3 do
  print(('^a^a'):find('^a'), ('b^a'):find('^a'), ('b^a^a'):gsub('^a', '-'))
  for word in ('^a^a'):gmatch('^a') do print(word) end
  for j = 1, 300 do assert((('k' .. j .. '=v'):match('^(k' .. j .. ')=')) == 'k' .. j) end
  collectgarbage()
end

-- A search that begins behind the subject.
for _, pattern in ipairs { 'a', '%a', '[^]1-]', '(%a)', '' } do
  for init = 0, 5 do
    local found = {}
    for match in ('ab'):gmatch(pattern, init) do found[#found + 1] = match end
    print(pattern, init, #found, ('ab'):find(pattern, init))
  end
end
