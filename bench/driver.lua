-- Runs one benchmark program inside one process.
--
--   driver.lua <program.lua> [n] [warm-ups] [repetitions]
--
-- A program file returns { run = function(n) -> checksum, n =, small =, slow =, luajit =, fengari = }:
--   n       size for a measurement (0.3 to 1 s under lua5.4)
--   small   size for tests
--   slow    size for engines that are far slower
--   luajit  false when the program needs integers or operators that LuaJIT does not have
--   fengari false when it needs integers wider than 32 bits or is otherwise out of fengari's reach
--
-- `n` is a number or the name of one of these fields. Prints the checksum, then the seconds of each repetition.
--
-- Each repetition runs under pcall: an engine compiled to WebAssembly enters its interpreter loop anew there, and so gets to the code that its host
-- has optimised meanwhile. Called directly, it would stay in the unoptimised code that it started in, which no real use of it does.
--
-- Uses only what every engine under test has: dofile, pcall, error, os.clock, io.write, string.format, arg.

local program = dofile(arg[1])
local n = tonumber(arg[2]) or program[arg[2] or "n"]
local warmups = tonumber(arg[3]) or 0
local repetitions = tonumber(arg[4]) or 1

local function repetition()
  local ok, result = pcall(program.run, n)
  if not ok then error(result, 0) end
  return result
end

local checksum
for _ = 1, warmups do
  checksum = repetition()
end
local seconds = {}
for i = 1, repetitions do
  local start = os.clock()
  checksum = repetition()
  seconds[i] = os.clock() - start
end

io.write("checksum ", checksum, "\n")
for i = 1, repetitions do
  io.write(string.format("seconds %.6f\n", seconds[i]))
end
