-- A table that replaces is indexed with the first capture; the others are not looked at.
local shout = setmetatable({}, { __index = function(_, k) return '<' .. k .. '>' end })
print(pcall(string.gsub, 'abc', '()(b', shout))
print(pcall(string.gsub, 'abc', '()(b', {}))
print(pcall(string.gsub, 'abc', '(b', shout))
print(pcall(string.gsub, 'abc', '()(b', function() end))
print(pcall(string.gsub, 'abc', '(b)(c)', shout))
