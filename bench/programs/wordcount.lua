-- wordcount: counts the substrings of length 1 to 6 of a random text over four letters, sorts the commonest.
-- Exercises: string.sub, tables with many string keys, pairs, table.sort with a comparison function.

local function buildText(n)
  local letters = { "a", "c", "g", "t" }
  local parts = {}
  local state = 42
  for i = 1, n do
    state = (state * 1366 + 150889) % 714025
    parts[i] = letters[math.floor(state * 4 / 714025) + 1]
  end
  return table.concat(parts)
end

local function frequencies(text, length)
  local counts = {}
  for at = 1, #text - length + 1 do
    local piece = string.sub(text, at, at + length - 1)
    counts[piece] = (counts[piece] or 0) + 1
  end
  return counts
end

local function run(n)
  local text = buildText(n)
  local report = {}
  for length = 1, 6 do
    local counts = frequencies(text, length)
    local pieces = {}
    for piece in pairs(counts) do
      pieces[#pieces + 1] = piece
    end
    table.sort(pieces, function(a, b)
      if counts[a] ~= counts[b] then return counts[a] > counts[b] end
      return a < b
    end)
    local top = pieces[1]
    report[#report + 1] = top .. string.format("=%d/%d", counts[top], #pieces)
  end
  return table.concat(report, " ")
end

return { run = run, n = 600000, small = 300, slow = 5000, luajit = true }
