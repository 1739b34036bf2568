-- Words and how often they occur, in a text of a million lines.
return function(folder)
  local counts, total = {}, 0
  for line in io.lines(folder .. '/text.txt') do
    for word in line:gmatch '%a+' do
      counts[word] = (counts[word] or 0) + 1
      total = total + 1
    end
  end
  local words = {}
  for word in pairs(counts) do words[#words + 1] = word end
  table.sort(words, function(a, b) return counts[a] > counts[b] or counts[a] == counts[b] and a < b end)
  for i = 1, 20 do io.write(words[i], ' ', counts[words[i]], '\n') end
  print(#words, total)
end
