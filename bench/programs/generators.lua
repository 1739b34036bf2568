-- generators: the pipeline of iterators again, each stage a coroutine; permutations by a recursive generator; a queue of tasks that take turns.
-- Exercises: resume and yield through coroutine.wrap and coroutine.resume, creation and collection of coroutines.

local wrap, yield, create, resume, status = coroutine.wrap, coroutine.yield, coroutine.create, coroutine.resume, coroutine.status

local function range(from, to)
  return wrap(function()
    for i = from, to do yield(i) end
  end)
end

local function filter(test, source)
  return wrap(function()
    for value in source do
      if test(value) then yield(value) end
    end
  end)
end

local function map(transform, source)
  return wrap(function()
    for value in source do yield(transform(value)) end
  end)
end

local function pipeline(n)
  local sum = 0
  local source = map(function(x) return x * x % 1000 end, filter(function(x) return x % 3 ~= 0 end, range(1, n)))
  for value in source do sum = sum + value end
  return sum
end

local function permute(list, n)
  if n == 0 then
    yield(list)
    return
  end
  for i = 1, n do
    list[i], list[n] = list[n], list[i]
    permute(list, n - 1)
    list[i], list[n] = list[n], list[i]
  end
end

local function permutations(size)
  local list = {}
  for i = 1, size do list[i] = i end
  local count, weight = 0, 0
  for each in wrap(function() permute(list, size) end) do
    count = count + 1
    weight = (weight * 31 + each[1] * 7 + each[size]) % 1000003
  end
  return count * 1000 + weight % 1000
end

local function tasks(count)
  local queue, finished = {}, 0
  for i = 1, count do
    queue[i] = create(function(name)
      local turns = 0
      for _ = 1, name % 7 + 1 do turns = turns + yield(name) end
      finished = finished + turns
    end)
  end
  for i = 1, count do resume(queue[i], i) end
  local waiting = count
  while waiting > 0 do
    waiting = 0
    for i = 1, count do
      local task = queue[i]
      if status(task) ~= "dead" then
        resume(task, i % 5)
        waiting = waiting + 1
      end
    end
  end
  return finished
end

local function run(n)
  return string.format("%d %d %d", pipeline(n * 3), permutations(n >= 50000 and 8 or 6), tasks(math.floor(n / 4)))
end

return { run = run, n = 160000, small = 400, slow = 40000, luajit = true, fengari = false }
