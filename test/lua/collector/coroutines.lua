-- Coroutines and the collector: what suspended, dead and forgotten ones keep alive, and what they leave behind.
local function count(t) local n = 0 for _ in pairs(t) do n = n + 1 end return n end

-- A suspended coroutine keeps its locals; a forgotten one is garbage, cycles included, and its closers are not called.
do
  local weak = setmetatable({}, { __mode = "v" })
  local co = coroutine.create(function()
    local value = { "kept" }
    weak.value = value
    coroutine.yield()
    return value[1]
  end)
  coroutine.resume(co)
  collectgarbage()
  print(weak.value ~= nil, coroutine.resume(co))
  co = nil
  collectgarbage()
  print(weak.value)
  for i = 1, 20 do
    local self
    self = coroutine.create(function(own)
      local guard <close> = setmetatable({}, { __close = function() print("never") end })
      local other = { own, self }
      coroutine.yield(other)
    end)
    weak[i] = self
    coroutine.resume(self, self)
  end
  collectgarbage()
  print(count(weak))
end

-- Closures take the variables of a coroutine that is collected along.
do
  local gets, sets = {}, {}
  for i = 1, 50 do
    local co = coroutine.wrap(function()
      local variable = { i }
      gets[i] = function() return variable end
      sets[i] = function(v) variable = v end
      coroutine.yield()
    end)
    co()
  end
  for i = 1, 50, 2 do sets[i]({ -i }) end
  collectgarbage()
  local sum = 0
  for i = 1, 50 do sum = sum + gets[i]()[1] end
  print(sum)
  for i = 1, 50 do sets[i]({ i * 2 }) end
  collectgarbage()
  sum = 0
  for i = 1, 50 do sum = sum + gets[i]()[1] end
  print(sum)
end

-- Variables of a suspended coroutine that change while the collector works are seen through its closures.
do
  local get
  local co = coroutine.wrap(function()
    local variable = { 0 }
    get = function() return variable[1] end
    for i = 1, 500 do
      variable = { i }
      coroutine.yield()
    end
  end)
  for i = 1, 500 do
    co()
    collectgarbage("step", 1)
    assert(get() == i)
  end
  co = nil
  collectgarbage()
  print(get())
end

-- Many coroutines at once, resumed in turn while the collector works.
do
  local all, sum = {}, 0
  for i = 1, 300 do
    all[i] = coroutine.wrap(function(a)
      local last = a
      while true do last = { last[1] + coroutine.yield(last)[1] } end
    end)
    all[i]({ i })
  end
  for j = 1, 20 do
    for i = 1, 300 do all[i]({ j }) end
    collectgarbage("step", 1)
  end
  for i = 1, 300 do sum = sum + all[i]({ 0 })[1] end
  print(sum)
end

-- Finalisers run on whatever thread allocates; they cannot yield, and coroutines inside them can.
do
  local log = {}
  local function finaliser(name)
    return function()
      log[#log + 1] = name .. " " .. tostring(coroutine.isyieldable()) .. " " .. tostring(pcall(coroutine.yield, 1))
      local inner = coroutine.wrap(function() coroutine.yield("inner") end)
      log[#log + 1] = inner()
    end
  end
  local co = coroutine.wrap(function()
    setmetatable({}, { __gc = finaliser("explicit") })
    collectgarbage()
    coroutine.yield()
    local done = false
    setmetatable({}, { __gc = function() done = true end })
    repeat local t = { {} } until done
    coroutine.yield("automatic")
    error("end")
  end)
  co()
  print(log[1], log[2], co())
  print(pcall(co))
end

-- Coroutines as keys and values of weak tables, and as objects a finaliser holds.
do
  local keys = setmetatable({}, { __mode = "k" })
  local kept = coroutine.create(function() end)
  keys[kept] = "kept"
  keys[coroutine.create(function() end)] = "gone"
  local o = setmetatable({ co = coroutine.wrap(function() coroutine.yield("from a finaliser") end) }, { __gc = function(o) print(o.co()) end })
  o = nil
  collectgarbage()
  print(count(keys), keys[kept])
end
