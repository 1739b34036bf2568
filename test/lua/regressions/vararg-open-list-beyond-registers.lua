-- An inlined vararg function passes more variable arguments on than it has registers; every exit between VARARG and the call must restore them all.

local function first(...) return (select(1, ...)) end
local function identity(v) return v end
local function join(...)
  local parts = {}
  for i = 1, select("#", ...) do parts[i] = identity((select(i, ...))) end
  return table.concat(parts, " ")
end
local function pack(...) return { first(...), ... } end

local wrong, sum = 0, 0
for i = 1, 3000 do
  if join("a", i, -i) ~= "a " .. i .. " " .. -i then wrong = wrong + 1 end
  local t = pack(i, i + 1, i + 2, i + 3, i + 4, i + 5)
  sum = sum + #t + t[1] + t[7]
end
print(wrong, sum)
