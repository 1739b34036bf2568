-- require, package and the messages of modules that are missing or broken. Modules are written into a folder of their own.
local function try(f, ...) print(pcall(f, ...)) end
local folder = os.tmpname()
os.remove(folder)
assert(os.execute('mkdir ' .. folder))
local function write(name, text)
  local f = assert(io.open(folder .. '/' .. name, 'w'))
  f:write(text)
  f:close()
end
local function clean(text) return (tostring(text):gsub(folder:gsub('%p', '%%%0'), 'FOLDER')) end
local function show(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = clean(parts[i]) end
  print(table.concat(parts, ' | '))
end

for _, name in ipairs { 'string', 'table', 'math', 'io', 'os', 'package', 'debug', 'utf8' } do
  print(name, require(name) == package.loaded[name], select('#', require(name)))
end
print(package.loaded._G == _G, (package.config:gsub('\n', ' ')), #package.searchers)
print(type(package.path), type(package.cpath), type(package.preload), type(package.searchpath), type(package.loadlib))

package.path = folder .. '/?.lua;' .. folder .. '/?/init.lua'
package.cpath = folder .. '/?.so'
write('values.lua', 'local name, file = ... return { name = name, file = file }')
write('nothing.lua', 'loads = (loads or 0) + 1')
write('sets.lua', 'package.loaded[...] = "set by itself"')
write('wrong.lua', 'return false')
write('syntax.lua', 'x = = 1')
write('fails.lua', 'error("at run time")')
write('object.lua', 'error({ code = 7 })')
write('binary.so', 'no library')
os.execute('mkdir ' .. folder .. '/deep')
write('deep/init.lua', 'return "init of " .. ...')
write('deep/inner.lua', 'return ...')

local values, data = require 'values'
show(values.name, values.file, data)
show(require 'values' == values, select('#', require 'values'))
show(require 'nothing')
show(require 'nothing')
print(loads)
show(require 'sets')
show(require 'wrong')
show(require 'wrong')
show(require 'deep')
show(require 'deep.inner')
show(pcall(require, 'syntax'))
show(pcall(require, 'fails'))
show(select(2, pcall(require, 'object')).code)
show(pcall(require, 'missing'))
show(pcall(require, 'missing.inner'))
show(select(2, pcall(function() require 'missing' end)))
show((select(2, pcall(require, 'binary'))):match('^[^\n]*'))
try(require)
try(require, {})
show(pcall(require, 42))

-- preload and searchers.
package.preload.early = function(...) return { ... } end
local early, from = require 'early'
print(early[1], early[2], from)
table.insert(package.searchers, 2, function(name)
  if name == 'found' then return function(...) return select('#', ...) end, 'data' end
  if name == 'number' then return 5 end
  return nil
end)
print(require 'found')
show(pcall(require, 'number'))
local searchers = package.searchers
package.searchers = {}
show(pcall(require, 'anything'))
package.searchers = 3
show(pcall(require, 'anything'))
show(pcall(function() require 'anything' end))
package.searchers = searchers
package.path = {}
show(pcall(require, 'anything'))
package.path = 5
show(pcall(require, 'anything'))
package.path = ''
package.cpath = nil
show(pcall(require, 'anything'))
package.cpath = '?'
show(pcall(require, 'any.thing'))
for i, searcher in ipairs(searchers) do
  if i ~= 2 then print(i, pcall(searcher)) end
end

-- searchpath.
show(package.searchpath('values', folder .. '/?.lua'))
show(package.searchpath('deep.inner', folder .. '/?.lua'))
show(package.searchpath('deep-inner', folder .. '/?.lua', '-'))
show(package.searchpath('deep.inner', folder .. '/?.lua', ''))
show(package.searchpath('a.b.c', '?;?.x;;?', '.', '+'))
show(package.searchpath('a.b', '', '.'))
show(package.searchpath('a%1.b', '?/%1'))
try(package.searchpath, 'a')
print((select('#', package.loadlib('no such library', '*'))), pcall(package.loadlib, 'x'))
assert(os.execute('rm -r ' .. folder))
