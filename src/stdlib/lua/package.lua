-- require and its searchers (manual, section 6.3). Libraries in C cannot be loaded, but are looked for, as messages tell.
local package, internal = ...
local loaded, preload, searchpath, loadlib = package.loaded, package.preload, package.searchpath, package.loadlib
local checkString, raise = internal.checkString, internal.raise
local loadfile, type, error, rawget, tostring = loadfile, type, error, rawget, tostring
local format, match = string.format, string.match

-- Errors of searchers have no position: they are called by require, not by the program.
local function findFile(name, field)
  local path = package[field]
  local kind = type(path)
  if kind ~= 'string' and kind ~= 'number' then error(format("'package.%s' must be a string", field), 0) end
  return searchpath(name, tostring(path))
end

local function loadingError(name, file, message)
  error(format("error loading module '%s' from file '%s':\n\t%s", name, file, message), 0)
end

local function searchPreload(...)
  local name = checkString(...)
  local loader = preload[name]
  if loader == nil then return format("no field package.preload['%s']", name) end
  return loader, ':preload:'
end

local function searchLua(...)
  local name = checkString(...)
  local file, message = findFile(name, 'path')
  if not file then return message end
  local loader, failure = loadfile(file)
  if not loader then loadingError(name, file, failure) end
  return loader, file
end

local function searchLibrary(name, root)
  local file, message = findFile(root, 'cpath')
  if not file then return message end
  local _, failure = loadlib(file, 'luaopen_' .. name)
  loadingError(name, file, failure)
end

local function searchC(...)
  local name = checkString(...)
  return searchLibrary(name, name)
end

-- Submodules in the library of their root.
local function searchCroot(...)
  local name = checkString(...)
  local root = match(name, '^([^.]*)%.')
  if root then return searchLibrary(name, root) end
end

package.searchers = { searchPreload, searchLua, searchC, searchCroot }

local function findLoader(name)
  local searchers = package.searchers
  if type(searchers) ~= 'table' then raise("'package.searchers' must be a table") end
  local message = ''
  local i = 1
  while true do
    local searcher = rawget(searchers, i)
    if searcher == nil then raise(format("module '%s' not found:%s", name, message)) end
    local loader, data = searcher(name)
    local kind = type(loader)
    if kind == 'function' then return loader, data end
    if kind == 'string' or kind == 'number' then message = message .. '\n\t' .. loader end
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
