-- hash: 64-bit integer hashing: xorshift64* numbers fed to FNV-1a byte by byte, and a finaliser as in splitmix.
-- Exercises: wrapping 64-bit products, shifts, exclusive or. Needs the integers of Lua 5.3 and later.

local function run(n)
  local state = 0x9E3779B97F4A7C15
  local fnv = 0xcbf29ce484222325
  local mixed = 0
  for i = 1, n do
    state = state ~ (state >> 12)
    state = state ~ (state << 25)
    state = state ~ (state >> 27)
    local word = state * 0x2545F4914F6CDD1D
    for shift = 0, 56, 8 do
      fnv = (fnv ~ ((word >> shift) & 0xff)) * 0x100000001b3
    end
    local z = word + i
    z = (z ~ (z >> 30)) * 0xbf58476d1ce4e5b9
    z = (z ~ (z >> 27)) * 0x94d049bb133111eb
    mixed = mixed ~ (z ~ (z >> 31))
  end
  return string.format("%016x %016x", fnv, mixed)
end

return { run = run, n = 3000000, small = 500, slow = 20000, luajit = false, fengari = false }
