-- io.write(number, newline), a million times.
return function()
  for i = 1, 1000000 do io.write(i, '\n') end
end
