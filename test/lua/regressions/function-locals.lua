-- A function that looks at the variables of its caller, by levels: in compiled code of whole functions there are no frames to look at.
local function levels()
  local names = {}
  for k = 1, 20 do
    local name, value = debug.getlocal(2, k)
    if not name then break end
    if name:sub(1, 1) ~= "(" then names[#names + 1] = name .. "=" .. (type(value) == "function" and "function" or tostring(value)) end
  end
  return table.concat(names, " ")
end
local function f(p, ...)
  local count = #{ ... }
  if count then return levels() end
end
local function g(p, q)
  local sum = p + q
  local text = levels()
  return text .. sum
end
for i = 1, 40 do
  local first, second = f(1.5, nil, i), g(i, 2)
  if i > 38 then print(first, second) end
end
