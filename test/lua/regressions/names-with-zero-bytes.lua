-- Names in messages end at a zero byte.
print(pcall(function() return 1 << 'x\0y' end))
print(pcall(function() local t = {} return t['a\0b'].c end))
print(pcall(function() local t = {} t['a\0b']() end))
