-- recursion: fib(n) by double recursion, the Takeuchi function and Ackermann's function.
-- Exercises: calls and returns, nothing else.

local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end

local function tak(x, y, z)
  if y >= x then return z end
  return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))
end

local function ackermann(m, n)
  if m == 0 then return n + 1 end
  if n == 0 then return ackermann(m - 1, 1) end
  return ackermann(m - 1, ackermann(m, n - 1))
end

local function run(n)
  local half = math.floor(n / 2)
  return string.format("%d %d %d", fib(n), tak(half + 1, math.floor(half * 2 / 3), math.floor(half / 3)), ackermann(2, n * 2))
end

return { run = run, n = 34, small = 14, slow = 25, luajit = true }
