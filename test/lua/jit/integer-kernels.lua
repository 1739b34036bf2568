-- Integer kernels in small: sieve, gcd, bit counting, hashes, digits, modular power, permutations, dynamic programming.

local flags, primes = {}, 0
for i = 2, 3000 do flags[i] = true end
for i = 2, 3000 do
  if flags[i] then
    primes = primes + 1
    for k = i * i, 3000, i do flags[k] = false end
  end
end
print(primes)
local bits = 0
for i = 1, 2000 do
  local v = i * 0x9E3779B97F4A7C15
  while v ~= 0 do v = v & (v - 1) bits = bits + 1 end
end
print(bits)
local h = 5381
for i = 1, 3000 do h = (h << 5) + h ~ (i & 255) end
print(h, string.format("%x", h))
local digits = 0
for i = 1, 3000 do
  local n = i * i * i
  while n > 0 do digits = digits + n % 10 n = n // 10 end
end
print(digits)
local function powmod(b, e, m)
  local r = 1
  while e > 0 do
    if e & 1 == 1 then r = r * b % m end
    b, e = b * b % m, e >> 1
  end
  return r
end
local pm = 0
for i = 1, 500 do pm = pm + powmod(i, 1000 + i, 1000003) end
print(pm)
local state, xs = 88172645463325252, 0
for _ = 1, 3000 do
  state = state ~ (state << 13)
  state = state ~ (state >> 7)
  state = state ~ (state << 17)
  xs = xs + (state & 0xffff)
end
print(state, xs)
-- knapsack and longest common subsequence over tables
local best = {}
for w = 0, 200 do best[w] = 0 end
for item = 1, 25 do
  local weight, value = item * 7 % 23 + 1, item * 13 % 31
  for w = 200, weight, -1 do
    local with = best[w - weight] + value
    if with > best[w] then best[w] = with end
  end
end
print(best[200], best[50])
local s1, s2 = ("abcbdab"):rep(8), ("bdcaba"):rep(8)
local prev = {}
for j = 0, #s2 do prev[j] = 0 end
for i = 1, #s1 do
  local row = { [0] = 0 }
  for j = 1, #s2 do
    if s1:byte(i) == s2:byte(j) then row[j] = prev[j - 1] + 1 else row[j] = math.max(prev[j], row[j - 1]) end
  end
  prev = row
end
print(prev[#s2])
-- division and modulo by a divisor that passes through zero and changes its sign
local quotients, zeros = 0, 0
for i = -1000, 1000 do
  if i ~= 0 then quotients = quotients + 1000000 // i + 1000000 % i - -1000001 // i else zeros = zeros + 1 end
end
print(quotients, zeros)
-- comparisons at the border, unsigned comparison, wrap-around sums
local wraps, unsigned, big = 0, 0, math.maxinteger - 1000
for i = 1, 2000 do
  local following = big + i
  if following < big then wraps = wraps + 1 end
  if math.ult(big, following) then unsigned = unsigned + 1 end
end
print(wraps, unsigned)
-- permutations by Heap's method, an array permuted in place
local perm, checksum, made = { 1, 2, 3, 4, 5, 6 }, 0, 0
local function permute(k)
  if k == 1 then
    made = made + 1
    checksum = (checksum * 7 + perm[1] * perm[6] + perm[3]) % 1000003
    return
  end
  for i = 1, k do
    permute(k - 1)
    if k % 2 == 0 then perm[i], perm[k] = perm[k], perm[i] else perm[1], perm[k] = perm[k], perm[1] end
  end
end
permute(6)
print(made, checksum)
