-- A trace that begins at the end of a generic for must not pass over a closing value that was marked before.
local name = os.tmpname()
local function print(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]):gsub('x', 'y') end
end
local function show(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]) end
  return table.concat(parts, ' ', 1, parts.n)
end
for _, format in ipairs { 'n', 'l', 'L', 'a', '*n', '*l', '*L', '*a', '*number', 'line', 0, 1, 5, 100, 2.0 } do
  local parts = {}
  for _, read in ipairs { function(...) end } do end
  print(format, table.concat(parts, ' / '))
  for _, lines in ipairs { function(...) return io.lines(name, ...) end, function(...) return io.open(name):lines(...) end } do
    local out, count = {}, 0
    for a, b in lines(format, format) do break end
    print(format, count, table.concat(out, ','))
  end
end
os.remove(name)
io.write('done\n')
