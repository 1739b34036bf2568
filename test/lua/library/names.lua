-- Everything the libraries hold, by name and type. Depending on how it is built, lua5.4 has some functions of 5.3 as well.
local optional = { cosh = true, sinh = true, tanh = true, pow = true, frexp = true, ldexp = true, log10 = true, atan2 = true, setcstacklimit = true }
local function list(name, t)
  local keys = {}
  for key, value in pairs(t) do
    if not optional[key] then keys[#keys + 1] = tostring(key) .. ' ' .. (math.type(value) or io.type(value) or type(value)) end
  end
  table.sort(keys)
  print(name, #keys)
  for _, key in ipairs(keys) do print(name, key) end
end
arg = nil
list('_G', _G)
for _, name in ipairs { 'coroutine', 'debug', 'io', 'math', 'os', 'package', 'string', 'table', 'utf8' } do list(name, _G[name]) end
list('searchers', package.searchers)
list('loaded', package.loaded)
list('preload', package.preload)
list('file', getmetatable(io.stdout))
list('methods', getmetatable(io.stdout).__index)
list('strings', getmetatable(''))
for name, library in pairs(package.loaded) do
  if rawget(_G, name) ~= library then print('not the global', name) end
end
for _, value in ipairs { nil, true, 1, print, coroutine.create(print) } do print(type(value), getmetatable(value)) end
print(math.pi, math.huge, math.maxinteger, math.mininteger, _VERSION, package.config, ('%q'):format(utf8.charpattern))
