-- fannkuch: over all permutations of 1..n, the largest number of prefix reversals until 1 comes first.
-- Exercises: integer arrays with short loops of unpredictable length.

local function run(n)
  local permutation, work, counts = {}, {}, {}
  for i = 1, n do
    permutation[i] = i
    work[i] = i
    counts[i] = i
  end
  local checksum, longest, index = 0, 0, 0
  while true do
    -- Reverse the prefix of the length that the first element names.
    if permutation[1] ~= 1 then
      for i = 1, n do
        work[i] = permutation[i]
      end
      local flips = 0
      local first = work[1]
      while first ~= 1 do
        local low, high = 1, first
        while low < high do
          work[low], work[high] = work[high], work[low]
          low = low + 1
          high = high - 1
        end
        flips = flips + 1
        first = work[1]
      end
      if flips > longest then longest = flips end
      if index % 2 == 0 then checksum = checksum + flips else checksum = checksum - flips end
    end
    index = index + 1
    -- Next permutation: rotate ever longer prefixes until one has not been turned fully round.
    local length = 2
    while true do
      if length > n then
        return string.format("%d %d", checksum, longest)
      end
      local first = permutation[1]
      for i = 1, length - 1 do
        permutation[i] = permutation[i + 1]
      end
      permutation[length] = first
      counts[length] = counts[length] - 1
      if counts[length] > 0 then break end
      counts[length] = length
      length = length + 1
    end
  end
end

return { run = run, n = 9, small = 6, slow = 7, luajit = true }
