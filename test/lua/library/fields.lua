-- Every field of every library, with its type; and those of the metatables that programs can reach.
local function show(name, fields)
  local lines = {}
  for key, value in next, fields do
    if key ~= 'arg' then lines[#lines + 1] = key .. ':' .. (math.type(value) or type(value)) end
  end
  table.sort(lines)
  print(name, table.concat(lines, ' '))
end
show('_G', _G)
for _, name in ipairs { 'coroutine', 'debug', 'io', 'math', 'os', 'package', 'string', 'table', 'utf8' } do
  show(name, _G[name])
  assert(package.loaded[name] == _G[name])
end
show('string metatable', getmetatable '')
show('file metatable', getmetatable(io.stdout))
show('file methods', getmetatable(io.stdout).__index)
show('package.loaded', package.loaded)
print(#package.searchers, next(package.preload), (package.config:gsub('\n', ' ')))
print(getmetatable(nil), getmetatable(true), getmetatable(1), getmetatable(print), getmetatable(coroutine.create(print)))
