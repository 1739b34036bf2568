-- What the programs of Luau's repository expect and other engines lack, the same on every side. Follows harness.lua in their files.

do
  package.preload["bench_support"] = function() return bench end
  package.preload["ffi"] = nil -- scimark would be another program with it

  unpack = unpack or table.unpack
  table.unpack = table.unpack or unpack
  math.pow = math.pow or function(x, y) return x ^ y end
  math.randomseed(42)

  function table.create(n, value)
    local t = {}
    if value ~= nil then
      for i = 1, n do t[i] = value end
    end
    return t
  end

  function table.clone(t)
    local copy = {}
    for k, v in pairs(t) do copy[k] = v end
    return copy
  end

  -- Gradient noise over a lattice whose directions come from a shuffled table.
  local shuffled, state = {}, 1
  for i = 0, 255 do shuffled[i] = i end
  for i = 255, 1, -1 do
    state = state * 48271 % 2147483647
    local j = state % (i + 1)
    shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
  end
  for i = 0, 256 do shuffled[256 + i] = shuffled[i] end

  local function slope(hash, x, y, z)
    local kind = hash % 12
    local u, v = x, y
    if kind >= 8 then u, v = y, z elseif kind >= 4 then v = z end
    return (hash % 2 == 0 and u or -u) + (hash % 4 < 2 and v or -v)
  end

  local function layer(aa, ab, ba, bb, u, v, x, y, z)
    local near, far = slope(shuffled[aa], x, y, z), slope(shuffled[ab], x, y - 1, z)
    near = near + u * (slope(shuffled[ba], x - 1, y, z) - near)
    far = far + u * (slope(shuffled[bb], x - 1, y - 1, z) - far)
    return near + v * (far - near)
  end

  local floor = math.floor
  function math.noise(x, y, z)
    local xi, yi, zi = floor(x), floor(y), floor(z)
    x, y, z = x - xi, y - yi, z - zi
    xi, yi, zi = xi % 256, yi % 256, zi % 256
    local u, v, w = x * x * (3 - 2 * x), y * y * (3 - 2 * y), z * z * (3 - 2 * z)
    local a, b = shuffled[xi] + yi, shuffled[xi + 1] + yi
    local aa, ab, ba, bb = shuffled[a] + zi, shuffled[a + 1] + zi, shuffled[b] + zi, shuffled[b + 1] + zi
    local front = layer(aa, ab, ba, bb, u, v, x, y, z)
    return front + w * (layer(aa + 1, ab + 1, ba + 1, bb + 1, u, v, x, y, z - 1) - front)
  end

  -- bit32 with the operators of 5.3 where there are any, else over LuaJIT's `bit`.
  bit32 = bit32 or (load(table.concat({
    "local M, bit32 = 0xffffffff, {}",
    "function bit32.band(a, b, ...) a = a & b & M if ... then return bit32.band(a, ...) end return a end",
    "function bit32.bor(a, b, ...) a = (a | b) & M if ... then return bit32.bor(a, ...) end return a end",
    "function bit32.bxor(a, b, ...) a = (a ~ b) & M if ... then return bit32.bxor(a, ...) end return a end",
    "function bit32.bnot(a) return ~a & M end",
    "function bit32.lshift(a, n) return (a & M) << n & M end",
    "function bit32.rshift(a, n) return (a & M) >> n & M end",
    "function bit32.rrotate(a, n) a = a & M n = n & 31 return (a >> n | a << (32 - n)) & M end",
    "function bit32.extract(a, at, width) return (a & M) >> at & (1 << (width or 1)) - 1 end",
    "function bit32.replace(a, b, at, width) local m = ((1 << (width or 1)) - 1) << at return (a & ~m | b << at & m) & M end",
    "function bit32.countrz(a) a = a & M if a == 0 then return 32 end local n = 0 while a & 1 == 0 do a = a >> 1 n = n + 1 end return n end",
    "return bit32",
  }, "\n"), "=bit32") or function()
    local bit = require("bit")
    local band, bor, bxor, bnot, lshift, rshift, ror = bit.band, bit.bor, bit.bxor, bit.bnot, bit.lshift, bit.rshift, bit.ror
    local bit32 = {}
    function bit32.band(...) return band(...) % 4294967296 end
    function bit32.bor(...) return bor(...) % 4294967296 end
    function bit32.bxor(...) return bxor(...) % 4294967296 end
    function bit32.bnot(a) return bnot(a) % 4294967296 end
    function bit32.lshift(a, n) return n > 31 and 0 or lshift(a, n) % 4294967296 end
    function bit32.rshift(a, n) return n > 31 and 0 or rshift(a, n) % 4294967296 end
    function bit32.rrotate(a, n) return ror(a, n) % 4294967296 end
    function bit32.extract(a, at, width) return band(rshift(a, at), 2 ^ (width or 1) - 1) % 4294967296 end
    function bit32.replace(a, b, at, width)
      local m = lshift(2 ^ (width or 1) - 1, at)
      return bor(band(a, bnot(m)), band(lshift(b, at), m)) % 4294967296
    end
    function bit32.countrz(a)
      if a == 0 then return 32 end
      local n = 0
      while band(a, 1) == 0 do a = rshift(a, 1) n = n + 1 end
      return n
    end
    return bit32
  end)()
end
