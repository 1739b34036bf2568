-- gsub takes a string as it is, whatever __tostring strings or numbers have.
getmetatable('').__tostring = function(s) return 'S' .. #s end
debug.setmetatable(0, { __tostring = function() return 'number' end })
io.write((('a1'):gsub('%d', function(digit) return digit end)), ' ', (string.gsub(12, '%d', function(digit) return digit .. digit end)), '\n')
