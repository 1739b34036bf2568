-- sieve: counts the primes up to n with the sieve of Eratosthenes, three times over the same table.
-- Exercises: an array of booleans, strided stores, append by index.

local function sieve(flags, n)
  for i = 1, n do
    flags[i] = true
  end
  flags[1] = false
  local i = 2
  while i * i <= n do
    if flags[i] then
      for multiple = i * i, n, i do
        flags[multiple] = false
      end
    end
    i = i + 1
  end
  local count, last = 0, 0
  for k = 1, n do
    if flags[k] then
      count = count + 1
      last = k
    end
  end
  return count, last
end

local function run(n)
  local flags = {}
  local count, last = 0, 0
  for _ = 1, 3 do
    count, last = sieve(flags, n)
  end
  return string.format("%d %d", count, last)
end

return { run = run, n = 2000000, small = 3000, slow = 60000, luajit = true }
