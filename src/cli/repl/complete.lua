-- Completion of names on the line being typed: keywords and globals, fields of the tables before a dot, methods behind a colon,
-- also those that __index tables give. Nothing of the program is called.
-- The chunk gets the functions it needs and the table of globals, and returns complete(line): the beginning of the name, and what it may become.
local globals, type, rawget, next, getmetatable, sort, find, sub, match, gmatch = ...

local KEYWORDS = {}
for word in gmatch('and break do else elseif end false for function goto if in local nil not or repeat return then true until while', '%a+') do
  KEYWORDS[#KEYWORDS + 1] = word
end
-- How many tables a chain of __index may have.
local MAX_CHAIN <const> = 100

-- Tables in which an index into `value` looks, in order.
local function tablesOf(value)
  local found = {}
  while #found < MAX_CHAIN do
    if type(value) == 'table' then found[#found + 1] = value end
    local metatable = getmetatable(value)
    value = type(metatable) == 'table' and rawget(metatable, '__index') or nil
    if type(value) ~= 'table' then break end
  end
  return found
end

local function field(value, name)
  for _, object in next, tablesOf(value) do
    local found = rawget(object, name)
    if found ~= nil then return found end
  end
  return nil
end

-- The value of what stands before the last dot or colon: names with dots, and indices that are literals.
local function valueOf(path)
  local name, rest = match(path, '^([%a_][%w_]*)(.*)$')
  if not name then return nil end
  local value = field(globals, name)
  while rest ~= '' and value ~= nil do
    local key, more = match(rest, '^%s*[.:]%s*([%a_][%w_]*)(.*)$')
    if not key then
      key, more = match(rest, '^%[(%d+)%](.*)$')
      key = key and key + 0
    end
    if not key then
      local _
      _, key, more = match(rest, [=[^%[(["'])([%w_ ]*)%1%](.*)$]=])
    end
    if not key then return nil end
    value, rest = field(value, key), more
  end
  return value
end

local PATH <const> = [=[[%w_.:%[%]"']*$]=]

return function(line)
  local expression = sub(line, find(line, PATH) or #line + 1)
  local path, separator, begun = match(expression, '^(.*)([.:])([%w_]*)$')
  local names, seen = {}, {}
  local function add(name)
    if not seen[name] and sub(name, 1, #begun) == begun then
      seen[name] = true
      names[#names + 1] = name
    end
  end
  if not path then
    path, separator, begun = nil, nil, match(expression, '[%a_][%w_]*$') or ''
    if begun ~= '' then
      for _, word in next, KEYWORDS do add(word) end
    end
  end
  local value = globals
  if path then value = valueOf(path) end
  if value ~= nil then
    for _, object in next, tablesOf(value) do
      for key, item in next, object do
        if type(key) == 'string' and find(key, '^[%a_][%w_]*$') and (separator ~= ':' or type(item) == 'function') then add(key) end
      end
    end
  end
  sort(names)
  return begun, names
end
