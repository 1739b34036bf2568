-- Concatenations around the length up to which strings are interned (40 bytes): equal strings are equal keys.
for length = 36, 44 do
  local known = ('k'):rep(length)
  local t = {[known] = 'found'}
  local left, middle = ('k'):rep(length // 3), ('k'):rep(length // 3)
  local joined = left .. middle .. ('k'):rep(length - 2 * (length // 3))
  print(length, #joined, joined == known, t[joined], rawequal(joined, known), t[left .. middle])
end
print('' .. '', ('' .. 'a' .. ''), 1 .. 2, 1.5 .. '|' .. -0.0, 'a\0b' .. 'c\0', #('a\0b' .. 'c\0'))
local name = 'x'
for i = 1, 3 do name = name .. i .. name end
print(name)
