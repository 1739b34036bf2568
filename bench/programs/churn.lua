-- churn: strings that are made, used once and forgotten: keys of a cache that forgets its oldest entries, formatted and cut lines.
-- Exercises: creation and collection of short and long strings, string keys that come and go, a table used as a queue.

local function run(n)
  local cache, order, first = {}, {}, 1
  local sum = 0
  for i = 1, n do
    local key = "entry:" .. i % 5000 .. ":" .. i // 3
    if not cache[key] then
      cache[key] = key .. "=" .. string.rep("v", i % 60)
      order[#order + 1] = key
      if #order - first >= 1000 then
        cache[order[first]] = nil
        order[first] = false
        first = first + 1
      end
    end
    local line = string.format("%08d %s", i, cache[key])
    sum = sum + #line + #string.sub(line, 5, 20) + #(line .. ";")
  end
  return string.format("%d %d", sum, #order)
end

return { run = run, n = 300000, small = 9000, slow = 40000, luajit = false }
