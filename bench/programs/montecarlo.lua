-- montecarlo: estimates pi and the mean of a random walk with a linear congruential generator kept in an upvalue.
-- Exercises: a closure with state called in the loop, % on integers, unpredictable branches.

local function generator(seed)
  local state = seed
  return function()
    state = (state * 16807) % 2147483647
    return state / 2147483647
  end
end

local function run(n)
  local random = generator(20011)
  local hits = 0
  for _ = 1, n do
    local x, y = random(), random()
    if x * x + y * y <= 1.0 then hits = hits + 1 end
  end
  local position, highest = 0, 0
  for _ = 1, n do
    if random() < 0.5 then position = position - 1 else position = position + 1 end
    if position > highest then highest = position end
  end
  return string.format("%.6f %d %d", 4.0 * hits / n, position, highest)
end

return { run = run, n = 2000000, small = 800, slow = 50000, luajit = true, fengari = false }
