-- Functions of the library that library functions call by themselves: errors name them by where they are found, and have no position.
for _, code in ipairs {
  'table.sort({1, 2, 3}, table.sort)', 'table.sort({1, 2, 3}, string.rep)', 'table.sort({1, 2, 3}, function(a, b) return a < nil end)',
  "string.gsub('s', 's', setmetatable)", "string.gsub('s', 's', string.rep)", "string.gsub('s', 's', error)", "string.gsub('s', '(', error)",
  "string.gsub('s', 's', setmetatable({}, { __index = string.rep }))", "string.format('%s', setmetatable({}, { __tostring = setmetatable }))",
  'load(setmetatable)', 'assert(load(string.rep))', 'for k in pairs(setmetatable({}, { __pairs = string.rep })) do end',
  'table.concat(setmetatable({}, { __index = string.rep, __len = function() return 1 end }))',
} do
  print(code, pcall(load(code)))
end

-- What is joined with nothing, or has nothing replaced, stays the same object.
local s = ('a'):rep(100)
local function same(other) return ('%p'):format(s) == ('%p'):format(other) end
print(same(s .. ''), same('' .. s), same('' .. s .. ''), same(s .. 'b'), same((s:gsub('.', function() end))), same((s:gsub('.', { b = 'x' }))), same((s:gsub('b', 'c'))))
