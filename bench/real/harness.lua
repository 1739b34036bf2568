-- The harness inside a program of bench/real.mjs. Stands at the head of each generated file, the same on every side.
--
--   file.lua [runs] [times]
--
-- Calls the program's function `times` times (TIMES without an argument) in each of `runs` runs (1), then prints a checksum of everything that the
-- program printed or gave to `check`, and the seconds of each run. Numbers are printed alike whether an engine has integers or not.

local bench = {}
do
  local times = tonumber(arg[2]) or TIMES
  local runs = tonumber(arg[1]) or 1
  arg = {} -- the programs look for sizes there
  local clock, format, byte = os.clock, string.format, string.byte
  local checksum = 0

  local function add(text)
    for i = 1, #text do
      checksum = (checksum * 31 + byte(text, i)) % 4294967296
    end
  end

  local function describe(value)
    if type(value) ~= "number" then return tostring(value) end
    if value ~= value then return "nan" end
    return format("%.10g", value)
  end

  function print(...)
    for i = 1, select("#", ...) do
      add(describe((select(i, ...))))
      add("\t")
    end
    add("\n")
  end

  -- Adds a number, a string, or an array of such (from 0 or 1, every `stride`th element) to the checksum.
  function bench.check(value, stride)
    if type(value) ~= "table" then return print(value) end
    local sum = 0
    for i = value[0] == nil and 1 or 0, #value, stride or 1 do
      local item = value[i]
      if type(item) == "number" then sum = sum * 0.5 + item else bench.check(item, stride) end
    end
    print(sum)
  end

  -- Each run is a call under pcall: an engine compiled to WebAssembly enters its interpreter loop anew there (see bench/driver.lua).
  function bench.runCode(f)
    local function run()
      for _ = 1, times do
        f()
      end
    end
    local seconds = {}
    for i = 1, runs do
      local start = clock()
      local ok, message = pcall(run)
      seconds[i] = clock() - start
      if not ok then error(message, 0) end
    end
    io.write(format("checksum %.0f\n", checksum))
    for i = 1, runs do
      io.write(format("seconds %.6f\n", seconds[i]))
    end
  end
end
