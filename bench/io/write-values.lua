-- io.write of five values, a million times.
return function()
  for i = 1, 1000000 do io.write(i, ' ', i * 0.5, ' value\t', '\n') end
end
