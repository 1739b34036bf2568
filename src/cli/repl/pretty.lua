-- Results on a terminal: values as print shows them, plain tables readable, within limits of depth, length and width.
-- The chunk gets the functions it needs, because the program may change its globals, and returns show(width, ...).
local tostring, type, next, rawget, rawlen, getmetatable, sort, concat, find, format, gsub, sub, byte, rep, select, mathtype, utf8len, write = ...

local MAX_DEPTH <const> = 4
-- Entries shown of one table, and of all together.
local MAX_ENTRIES <const>, MAX_ALL <const> = 60, 600
local MAX_STRING <const> = 200
local INDENT <const> = '  '

local KEYWORDS = {}
for word in ('and break do else elseif end false for function goto if in local nil not or repeat return then true until while'):gmatch '%a+' do
  KEYWORDS[word] = true
end
local NAMES <const> = { ['\a'] = '\\a', ['\b'] = '\\b', ['\f'] = '\\f', ['\n'] = '\\n', ['\r'] = '\\r', ['\t'] = '\\t', ['\v'] = '\\v', ['"'] = '\\"', ['\\'] = '\\\\' }

local function escape(char) return NAMES[char] or format('\\x%02X', byte(char)) end

local function quote(text)
  local cut = #text > MAX_STRING
  if cut then
    text = sub(text, 1, MAX_STRING)
    -- Not in the middle of a character.
    local _, bad = utf8len(text)
    if bad and bad > MAX_STRING - 4 then text = sub(text, 1, bad - 1) end
  end
  local quoted = gsub(text, utf8len(text) and '[%c"\\]' or '[%c"\\\x80-\xFF]', escape)
  return '"' .. quoted .. (cut and '"...' or '"')
end

-- A table that says itself how it looks.
local function describesItself(object)
  local metatable = getmetatable(object)
  if type(metatable) ~= 'table' then return false end
  return rawget(metatable, '__tostring') ~= nil or rawget(metatable, '__name') ~= nil
end

local ORDER <const> = { number = 1, string = 2, boolean = 3 }

local function isBefore(a, b)
  local first, second = ORDER[type(a)] or 4, ORDER[type(b)] or 4
  if first ~= second then return first < second end
  if first <= 2 then return a < b end
  if first == 3 then return a and not b end
  return tostring(a) < tostring(b)
end

local function keyText(key, inner)
  if type(key) == 'string' and find(key, '^[%a_][%w_]*$') and not KEYWORDS[key] then return key end
  return '[' .. inner(key) .. ']'
end

-- Text of a value that starts at `column` of a line; lines are broken where they get longer than `width`.
local function prettyOf(value, width)
  local open, shown = {}, 0

  local function simple(item)
    if type(item) == 'string' then return quote(item) end
    return tostring(item)
  end

  local function pretty(item, indent, column)
    if type(item) ~= 'table' or describesItself(item) then return simple(item) end
    if open[item] then return '<cycle>' end
    if next(item) == nil then return '{}' end
    if #open >= MAX_DEPTH or shown >= MAX_ALL then return '{...}' end
    open[#open + 1], open[item] = item, true

    local inner = indent .. INDENT
    local parts, left, size = {}, 0, rawlen(item)
    local function add(text)
      parts[#parts + 1] = text
      shown = shown + 1
    end
    local isFull = function() return #parts >= MAX_ENTRIES or shown >= MAX_ALL end
    for i = 1, size do
      if isFull() then
        left = size - i + 1
        break
      end
      add(pretty(rawget(item, i), inner, #inner))
    end
    local keys = {}
    for key in next, item do
      if not (mathtype(key) == 'integer' and key >= 1 and key <= size) then keys[#keys + 1] = key end
    end
    sort(keys, isBefore)
    for i = 1, #keys do
      if isFull() then
        left = left + #keys - i + 1
        break
      end
      local name = keyText(keys[i], simple) .. ' = '
      add(name .. pretty(rawget(item, keys[i]), inner, #inner + #name))
    end
    if left > 0 then parts[#parts + 1] = format('... %d more', left) end

    open[#open], open[item] = nil, nil
    local line = '{' .. concat(parts, ', ') .. '}'
    if column + #line <= width and not find(line, '\n', 1, true) then return line end
    -- Short items stand side by side, as many as fit.
    local lines, current = {}, ''
    for i = 1, #parts do
      local part = parts[i] .. (i < #parts and ',' or '')
      if current ~= '' and (#inner + #current + 1 + #part > width or find(part, '[\n=]') or find(current, '[\n=]')) then
        lines[#lines + 1] = inner .. current
        current = part
      else
        current = current == '' and part or current .. ' ' .. part
      end
    end
    lines[#lines + 1] = inner .. current
    return '{\n' .. concat(lines, '\n') .. '\n' .. indent .. '}'
  end

  return pretty(value, '', 0)
end

return function(width, ...)
  local texts, separator = {}, '\t'
  for i = 1, select('#', ...) do
    local value = select(i, ...)
    -- A string by itself is shown as print does.
    local text = type(value) == 'table' and prettyOf(value, width) or tostring(value)
    if find(text, '\n', 1, true) then separator = '\n' end
    texts[i] = text
  end
  write(concat(texts, separator), '\n')
end
