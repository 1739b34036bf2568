-- print of a number and a string, a million times.
return function()
  for i = 1, 1000000 do print(i, 'value') end
end
