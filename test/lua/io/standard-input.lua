-- Standard input (the file standard-input.in): io.read, io.lines, debug.debug, dofile and loadfile take from it in turn what the others have left.
local function show(...)
  local parts = table.pack(...)
  for i = 1, parts.n do
    local v = parts[i]
    parts[i] = type(v) == 'string' and ('%q'):format(v):gsub('\\\n', '\\n') or tostring(v)
  end
  print(table.concat(parts, ' ', 1, parts.n))
end

print(io.type(io.stdin), io.input() == io.stdin)
show(io.read())
show(io.read('n', 'n', 'l'))
show(io.read(3, 0, 'L'))
show(io.stdin:read('*l', '*L', '*n', 1))
for line in io.lines() do
  if line == 'stop' then break end
  show(line)
end
for number, rest in io.lines(nil, 'n', 'l') do
  show(number, rest)
  if number == 3 then break end
end
for a, b in io.stdin:lines(1, 'L') do
  show(a, b)
  break
end

-- Commands for the debugger: chunks of their own, a line each. Errors are written to standard error.
global = 1
local hidden = 2
print(select('#', debug.debug('ignored')))
print(global, hidden)
show(io.read())
print(select('#', debug.debug()))
show(io.read('L'))

-- The debugger inside a coroutine, a hook and a message handler.
print(coroutine.wrap(function() debug.debug() return 'from the coroutine' end)())
print(xpcall(error, function(message)
  debug.debug()
  return message .. ', handled'
end, 'an error'))

-- What is left is a chunk.
print(dofile())
print(dofile() == nil, loadfile() ~= nil, select('#', loadfile()()))
show(io.read(), io.read('a'), io.read('n'), io.read(0))
print(select('#', debug.debug()))
print(io.stdin:close())
print(pcall(io.read), io.type(io.stdin))
