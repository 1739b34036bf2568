-- require and package (manual, section 6.3), for modules written in Lua.
local package, internal = ...
local loaded, preload = package.loaded, package.preload
local isReadable, loadfile = internal.isReadable, internal.loadfile
local type = type
local checkString, raise = internal.checkString, internal.raise
local gsub, gmatch, format = string.gsub, string.gmatch, string.format

function package.searchpath(name, path, separator, replacement)
  separator, replacement = separator or '.', replacement or '/'
  if separator ~= '' then name = gsub(name, gsub(separator, '%W', '%%%0'), (gsub(replacement, '%%', '%%%%'))) end
  local tried = {}
  for template in gmatch(path, '[^;]+') do
    local file = gsub(template, '%?', (gsub(name, '%%', '%%%%')))
    if isReadable(file) then return file end
    tried[#tried + 1] = "no file '" .. file .. "'"
  end
  local message = ''
  for i = 1, #tried do message = message .. (i > 1 and '\n\t' or '') .. tried[i] end
  return nil, message
end
local searchpath = package.searchpath

local function searchPreload(name)
  local loader = preload[name]
  if loader == nil then return "no field package.preload['" .. name .. "']" end
  return loader, ':preload:'
end

local function searchLua(name)
  local path = package.path
  if type(path) ~= 'string' then raise("'package.path' must be a string") end
  local file, message = searchpath(name, path)
  if not file then return message end
  local loader, failure = loadfile(file)
  if not loader then raise(format("error loading module '%s' from file '%s':\n\t%s", name, file, failure)) end
  return loader, file
end

package.searchers = { searchPreload, searchLua }

local function findLoader(name)
  local searchers = package.searchers
  if type(searchers) ~= 'table' then raise("'package.searchers' must be a table") end
  local message = ''
  local i = 1
  while true do
    local searcher = searchers[i]
    if searcher == nil then raise(format("module '%s' not found:%s", name, message)) end
    local loader, data = searcher(name)
    if type(loader) == 'function' then return loader, data end
    if type(loader) == 'string' then message = message .. '\n\t' .. loader end
    i = i + 1
  end
end

function internal.globals.require(...)
  local name = checkString(...)
  local value = loaded[name]
  if value then return value end
  local loader, data = findLoader(name)
  value = loader(name, data)
  if value ~= nil then loaded[name] = value end
  if loaded[name] == nil then loaded[name] = true end
  return loaded[name], data
end
