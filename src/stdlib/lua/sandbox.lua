-- The environments of a sandbox's scripts (src/api/sandbox.ts): gets the globals, and returns what makes an environment, with what the host gives in it.
-- Scripts share what cannot be changed: functions, and library tables that are shown by proxies. All else each has for itself.
local globals = ...
local error, getmetatable, load, next, rawget, rawset, select, setmetatable, type = error, getmetatable, load, next, rawget, rawset, select, setmetatable, type
local collectgarbage = collectgarbage
local mathtype, builtinRandom, reseed, mininteger
if math then mathtype, builtinRandom, reseed, mininteger = math.type, math.random, math.randomseed, math.mininteger end

-- Proxies of this sandbox.
local frozen = setmetatable({}, { __mode = 'k' })

local function refuse() error('attempt to modify a read-only table', 2) end

local function freeze(content)
  local function iterate(_, key) return next(content, key) end
  local proxy = setmetatable({}, { __index = content, __newindex = refuse, __pairs = function(t) return iterate, t, nil end, __metatable = false })
  frozen[proxy] = true
  return proxy
end

local shared = {}
for name, value in next, globals do
  if type(value) ~= 'table' then shared[name] = value elseif name ~= '_G' and name ~= 'math' then shared[name] = freeze(value) end
end
-- Warnings are switched for all at once.
shared.warn = nil

function shared.rawset(t, key, value)
  if frozen[t] then error('attempt to modify a read-only table', 2) end
  return rawset(t, key, value)
end

-- A finaliser would run in another script's time.
function shared.setmetatable(t, metatable)
  if type(metatable) == 'table' and rawget(metatable, '__gc') ~= nil then error('a sandbox has no finalizers', 2) end
  return setmetatable(t, metatable)
end

-- The collector is everybody's: a script may look at it and have it work, not set it.
local HARMLESS = { collect = true, step = true, count = true, isrunning = true }
function shared.collectgarbage(option, ...)
  if option ~= nil and not HARMLESS[option] then error("bad argument #1 to 'collectgarbage' (not in a sandbox)", 2) end
  return collectgarbage(option, ...)
end

local strings = getmetatable('')
strings.__index, strings.__metatable = string, false

-- xoshiro256** as in the core (src/core/lib/math.ts), with a state of the script's own: no other sees or sets what comes next.
local function addRandom(math)
  local s0, s1, s2, s3

  local function draw()
    local r = s1 * 5
    local a, b, c = s0, s2 ~ s0, s3 ~ s1
    s0, s3 = a ~ c, (c << 45) | (c >> 19)
    s2, s1 = b ~ (s1 << 17), s1 ~ b
    return ((r << 7) | (r >> 57)) * 9
  end

  local function seed(first, second)
    s0, s1, s2, s3 = first, 0xff, second, 0
    for _ = 1, 16 do draw() end
    return first, second
  end

  function math.random(low, high, ...)
    if low == nil then return (draw() >> 11) * 0x1p-53 end
    if mathtype(low) ~= 'integer' or (high ~= nil and mathtype(high) ~= 'integer') or low > (high or low) or ... ~= nil then
      -- Raises what is wrong, if anything is.
      if high == nil then builtinRandom(low) else builtinRandom(low, high, ...) end
      low, high = low | 0, high and high | 0
    end
    if high == nil then
      if low == 0 then return draw() end
      if low < 0 then return builtinRandom(low) end
      low, high = 1, low
    end
    local limit, r = high - low, draw()
    if (limit & (limit + 1)) == 0 then return low + (r & limit) end
    local mask = limit
    mask = mask | (mask >> 1)
    mask = mask | (mask >> 2)
    mask = mask | (mask >> 4)
    mask = mask | (mask >> 8)
    mask = mask | (mask >> 16)
    mask = mask | (mask >> 32)
    r = r & mask
    -- As unsigned numbers.
    while (r ~ mininteger) > (limit ~ mininteger) do r = draw() & mask end
    return low + r
  end

  function math.randomseed(first, second)
    if first == nil then return seed(reseed()) end
    return seed(reseed(first, second))
  end

  math.randomseed()
end

return function(given)
  local environment = {}
  for name, value in next, shared do environment[name] = value end
  environment._G = environment
  if globals.math then
    local math = {}
    for name, value in next, globals.math do math[name] = value end
    addRandom(math)
    environment.math = freeze(math)
  end
  function environment.load(chunk, name, mode, ...)
    local target = environment
    if select('#', ...) > 0 then target = ... end
    return load(chunk, name, mode, target)
  end
  for name, value in next, given do environment[name] = value end
  return environment
end
