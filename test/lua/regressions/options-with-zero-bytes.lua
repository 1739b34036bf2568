-- Options, modes and formats end at a zero byte.
print(pcall(collectgarbage, 'a\0b'))
print(pcall(collectgarbage, 'isrunning\0b'))
print(pcall(io.stdout.seek, io.stdout, 'x\0y'))
print(pcall(io.stdout.setvbuf, io.stdout, 'no\0x'))
print(pcall(os.setlocale, 'C', 'all\0x'))
print(pcall(io.open, '/nonexistent', 'r\0x'))
print(select('#', debug.getinfo(1, 'l\0X')), debug.getinfo(1, 'l\0X').currentline)
print(pcall(os.date, '%\0'))
print(pcall(os.date, '%Q\0x'))
print(pcall(os.date, '%E\0'))

-- The fields of a binary chunk's header are read as wholes: what is left of one is not compared.
local chunk = string.dump(function() return 1 end)
for i = 1, 30 do
  local damaged = chunk:sub(1, i) .. string.char(chunk:byte(i + 1) ~ 1)
  print(i, select(2, load(chunk:sub(1, i), '=b')), select(2, load(damaged, '=b')), select(2, load(damaged .. ('x'):rep(8), '=b')))
end
