-- Things are coroutines. `wait(seconds)` ends their turn, as does `frame()`.
local things, now = {}, 0

local frame = coroutine.yield

local function wait(seconds)
  local till = now + seconds
  while now < till do frame() end
end

local function add(sign, x, live)
  local thing = { sign = sign, x = x }
  thing.routine = coroutine.create(live)
  things[#things + 1] = thing
end

function tick(seconds)
  now = now + seconds
  for i = #things, 1, -1 do
    local thing = things[i]
    local ok, problem = coroutine.resume(thing.routine, thing)
    if not ok then say(thing.sign .. ': ' .. problem) end
    if coroutine.status(thing.routine) == 'dead' then table.remove(things, i) end
  end
  for _, thing in ipairs(things) do draw(thing.x, thing.sign) end
end

-- A guard goes back and forth.
add('G', 5, function(self)
  while true do
    for _ = 1, 30 do self.x = self.x + 0.5 frame() end
    wait(0.25)
    for _ = 1, 30 do self.x = self.x - 0.5 frame() end
  end
end)

-- An arrow flies, and is gone.
add('>', 0, function(self)
  wait(0.5)
  while self.x < width do self.x = self.x + 1 frame() end
  say('the arrow is gone')
end)

-- A bug: only its own coroutine ends.
add('B', 20, function(self)
  wait(1)
  self.x = self.x + nil
end)
