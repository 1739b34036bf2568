-- Run before a conformance script, this wraps every function of the libraries and takes notes: which were called and returned, with which
-- options, and with which kinds of results. Only what returned counts: an option that raises an error is not one that works.
-- Given the name of a field it does something else: it breaks that field, so that all scripts that need it print something else.
-- Returns a function that lists the notes, and a list of all fields of all libraries with their types.
-- A wrapper is a level of its own, so scripts that look at levels may print something else or fail here; then less is noted, never more.
local mutant = ...
local sub, gmatch = string.sub, string.gmatch
local type, select, next, tostring, rawget, rawset, error, pcall, ipairs = type, select, next, tostring, rawget, rawset, error, pcall, ipairs
local pack, unpack, remove, concat, integer = table.pack, table.unpack, table.remove, table.concat, math.tointeger
local fileMetatable, stringMetatable = getmetatable(io.stdout), getmetatable('')
local status = coroutine.status

local notes = {}
local function note(name, ...)
  for i = 1, select('#', ...) do notes[name .. ': ' .. tostring((select(i, ...)))] = true end
end

-- Options by function: what they see are the arguments of a call that has returned.
local arguments = {}
local function argument(n, default)
  return function(...)
    local option = select(n, ...)
    if option == nil then option = default end
    return option
  end
end

arguments.collectgarbage = argument(1, 'collect')
arguments['file.seek'] = argument(2, 'cur')
arguments['file.setvbuf'] = argument(2)
arguments['io.open'] = argument(2, 'r')
arguments['io.popen'] = argument(2, 'r')
arguments['os.setlocale'] = argument(2, 'all')
arguments['debug.getinfo'] = function(...)
  local first = type((...)) == 'thread' and 2 or 1
  local options = {}
  if first == 2 then options[1] = 'thread' end
  options[#options + 1] = type((select(first, ...)))
  local what = select(first + 1, ...)
  if what then for option in gmatch(what, '.') do options[#options + 1] = option end else options[#options + 1] = 'default' end
  return unpack(options)
end
arguments['debug.sethook'] = function(...)
  local first = type((...)) == 'thread' and 2 or 1
  local hook, mask, count = select(first, ...)
  if not hook then return 'none' end
  local options = {}
  if first == 2 then options[1] = 'thread' end
  for option in gmatch(mask, '[crl]') do options[#options + 1] = option end
  if count and count > 0 then options[#options + 1] = 'count' end
  return unpack(options)
end
arguments.load = function(chunk, _, mode, ...)
  local binary = type(chunk) == 'string' and sub(chunk, 1, 1) == '\27' and 'binary' or type(chunk)
  return mode or 'default', binary, select('#', ...) > 0 and 'env' or 'globals'
end
arguments.loadfile = function(name, mode, ...) return mode or 'default', name and 'file' or 'stdin', select('#', ...) > 0 and 'env' or 'globals' end
arguments.dofile = function(name) return name and 'file' or 'stdin' end
arguments.error = function(_, level) return level or 'default' end
arguments.tonumber = function(_, base) return base and 'base' or 'plain' end
arguments.select = function(n) return n == '#' and '#' or integer(n) < 0 and 'negative' or 'positive' end
arguments.setmetatable = function(_, metatable) return type(metatable) end
arguments.xpcall = function(_, _, ...) return select('#', ...) > 0 and 'arguments' or 'plain' end
arguments.warn = function(first, ...) return sub(first, 1, 1) == '@' and first or select('#', ...) > 0 and 'pieces' or 'one' end
arguments['math.random'] = function(...) return (...) == 0 and '0' or select('#', ...) end
arguments['math.randomseed'] = function(...) return select('#', ...) end
arguments['math.log'] = function(_, base) return base and 'base' or 'plain' end
arguments['math.atan'] = function(_, x) return x and 'quadrant' or 'plain' end
arguments['string.find'] = function(_, _, init, plain) return plain and 'plain' or init and 'init' or 'pattern' end
arguments['string.match'] = function(_, _, init) return init and 'init' or 'pattern' end
arguments['string.gmatch'] = function(_, _, init) return init and 'init' or 'pattern' end
arguments['string.gsub'] = function(_, _, by, limit) return type(by), limit and 'limit' or 'all' end
arguments['string.rep'] = function(_, _, separator) return separator and 'separator' or 'plain' end
arguments['string.dump'] = function(_, strip) return strip and 'strip' or 'plain' end
arguments['table.insert'] = function(...) return select('#', ...) end
arguments['table.remove'] = function(...) return select('#', ...) end
arguments['table.concat'] = function(...) return select('#', ...) end
arguments['table.unpack'] = function(...) return select('#', ...) end
arguments['table.move'] = function(...) return select('#', ...) end
arguments['table.sort'] = function(_, less) return less and 'comparator' or 'plain' end
arguments['utf8.codes'] = function(_, lax) return lax and 'lax' or 'strict' end
arguments['utf8.len'] = function(_, _, _, lax) return lax and 'lax' or 'strict' end
arguments['utf8.codepoint'] = function(_, _, _, lax) return lax and 'lax' or 'strict' end
arguments['utf8.offset'] = function(_, n, i) return n < 0 and 'negative' or n == 0 and 'zero' or 'positive', i and 'from' or 'default' end
arguments['os.time'] = function(t) return t and 'table' or 'now' end
arguments['package.searchpath'] = function(...) return select('#', ...) end
arguments['debug.traceback'] = function(...)
  local first = type((...)) == 'thread' and 2 or 1
  local message, level = select(first, ...)
  return first == 2 and 'thread' or 'running', type(message), level and 'level' or 'default'
end
arguments['debug.getlocal'] = function(...)
  local first = type((...)) == 'thread' and 2 or 1
  local where, n = select(first, ...)
  return first == 2 and 'thread' or type(where), n < 0 and 'vararg' or 'local'
end
arguments['debug.setlocal'] = function(...)
  local first = type((...)) == 'thread' and 2 or 1
  local _, n = select(first, ...)
  return first == 2 and 'thread' or 'running', n < 0 and 'vararg' or 'local'
end
arguments['debug.setmetatable'] = function(value) return type(value) end
arguments['coroutine.close'] = status
arguments['coroutine.isyieldable'] = function(thread) return thread and 'thread' or 'running' end

local function formats(first)
  return function(...)
    local options = {}
    for i = first, select('#', ...) do
      local option = select(i, ...)
      options[#options + 1] = type(option) == 'number' and (option == 0 and '0' or 'count') or option
    end
    if #options == 0 then options[1] = 'default' end
    return unpack(options)
  end
end
arguments['file.read'], arguments['io.read'] = formats(2), formats(1)
arguments['file.lines'], arguments['io.lines'] = formats(2), formats(2)
arguments['io.input'] = function(file) return type(file) end
arguments['io.output'] = function(file) return type(file) end
arguments['io.close'] = function(file) return type(file) end

arguments['string.format'] = function(text)
  local options = {}
  for flags, width, precision, conversion in gmatch(text, '%%([-+ #0]*)(%d*)(%.?%d*)([%a%%])') do
    for flag in gmatch(flags, '.') do options[#options + 1] = flag .. conversion end
    if width ~= '' then options[#options + 1] = 'width ' .. conversion end
    if precision ~= '' then options[#options + 1] = 'precision ' .. conversion end
    options[#options + 1] = conversion
  end
  return unpack(options)
end

local function packOptions(text)
  local options = {}
  for option, size in gmatch(text, '([%a<>=! ])(%d*)') do
    options[#options + 1] = size == '' and option or option .. 'n'
  end
  return unpack(options)
end
arguments['string.pack'], arguments['string.packsize'], arguments['string.unpack'] = packOptions, packOptions, packOptions

arguments['os.date'] = function(text)
  if not text then return 'default' end
  local options = {}
  if sub(text, 1, 1) == '!' then options[1], text = '!', sub(text, 2) end
  if sub(text, 1, 2) == '*t' then options[#options + 1], text = '*t', '' end
  for option in gmatch(text, '%%([EO]?.)') do options[#options + 1] = option end
  return unpack(options)
end

-- Kinds of results.
local results = {
  type = argument(1), ['math.type'] = argument(1, 'nil'), ['io.type'] = argument(1, 'nil'), ['coroutine.status'] = argument(1),
  ['coroutine.resume'] = argument(1), ['coroutine.close'] = argument(1), ['coroutine.isyieldable'] = argument(1), pcall = argument(1), xpcall = argument(1),
  ['os.execute'] = function(_, how) return how or 'available' end,
  ['file.close'] = function(_, how) return how or 'closed' end,
  ['debug.getinfo'] = function(info)
    if not info then return 'no such level' end
    return 'what ' .. (info.what or ''), 'namewhat ' .. (info.namewhat or ''), info.istailcall and 'tail call' or 'plain call',
      info.isvararg and 'vararg' or 'fixed'
  end,
  ['debug.gethook'] = function(hook, mask) return hook and mask or 'none' end,
}

-- Functions that count levels from their caller: the wrapper is one more.
local function deeper(place)
  return function(...)
    local values = pack(...)
    local i = type(values[1]) == 'thread' and 0 or place
    if type(values[i]) == 'number' then values[i] = values[i] + 1 end
    return unpack(values, 1, values.n)
  end
end
local levels = {
  ['debug.getinfo'] = deeper(1), ['debug.getlocal'] = deeper(1), ['debug.setlocal'] = deeper(1),
  ['debug.traceback'] = deeper(2),
}

local hooks = {}
local special = {
  -- Its hook notes the events it is called with.
  ['debug.sethook'] = function(sethook, ...)
    local first = type((...)) == 'thread' and 2 or 1
    local values = pack(...)
    local hook = values[first]
    if type(hook) == 'function' then
      values[first] = function(event, line)
        note('hook', event)
        return hook(event, line)
      end
      hooks[values[first]] = hook
    end
    return sethook(unpack(values, 1, values.n))
  end,
  ['debug.gethook'] = function(gethook, ...)
    local hook, mask, count = gethook(...)
    return hooks[hook] or hook, mask, count
  end,
}

local function wrap(name, f)
  local argumentsOf, resultsOf, adjust, instead = arguments[name], results[name], levels[name], special[name]
  local function returned(options, ...)
    notes[name] = true
    if options then note(name, unpack(options, 1, options.n)) end
    if resultsOf then note(name .. ' ->', resultsOf(...)) end
    return ...
  end
  if name == 'error' then
    -- It never returns, and its level says whose position it adds.
    return function(...)
      notes[name] = true
      note(name, argumentsOf(...))
      return f(...)
    end
  end
  return function(...)
    local options = argumentsOf and pack(pcall(argumentsOf, ...))
    if options and not remove(options, 1) then options = nil end
    if options then options.n = options.n - 1 end
    if instead then return returned(options, instead(f, ...)) end
    if adjust then return returned(options, f(adjust(...))) end
    return returned(options, f(...))
  end
end

-- All fields of the libraries, by the names programs have for them.
local libraries = {
  { '', _G }, { 'coroutine.', coroutine }, { 'debug.', debug }, { 'io.', io }, { 'math.', math }, { 'os.', os }, { 'package.', package },
  { 'string.', string }, { 'table.', table }, { 'utf8.', utf8 }, { 'searchers.', package.searchers }, { 'file.', fileMetatable.__index },
  { 'file.', fileMetatable }, { 'string.', stringMetatable },
}

local fields = {}
for _, library in ipairs(libraries) do
  local prefix, owner = library[1], library[2]
  local keys = {}
  for key in next, owner do keys[#keys + 1] = key end
  for _, key in ipairs(keys) do
    local name, value = prefix .. key, rawget(owner, key)
    fields[#fields + 1] = name .. ' ' .. type(value)
    if mutant == nil then
      if type(value) == 'function' then rawset(owner, key, wrap(name, value)) end
    elseif mutant == name then
      rawset(owner, key, type(value) == 'function' and function() error 'mutant' end or nil)
    end
  end
end

local function list(t)
  local lines = {}
  for line in next, t do lines[#lines + 1] = line end
  return concat(lines, '\n')
end

return function() return list(notes) end, concat(fields, '\n')
