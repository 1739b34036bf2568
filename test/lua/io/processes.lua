-- popen in both directions, execute, and how processes end.
local name = os.tmpname()
print(pcall(io.popen, 'true', 'rw'))
print(pcall(io.popen, 'true', ''))
print(pcall(io.popen))

local p = io.popen('cat > ' .. name, 'w')
for i = 1, 3 do p:write('line ', i, '\n') end
p:flush()
print(p:read(1))
print(p:close())
print(pcall(p.close, p), io.type(p), tostring(p))
p = io.popen('cat ' .. name, 'r')
print(p:read('l', 5, 'a'))
print(p:write('x'))
print(p:seek())
print(p:close())

-- More than a pipe holds, and a writer that is left early.
print(#io.popen('head -c 300000 /dev/zero'):read('a'))
p = io.popen('yes')
print(p:read('l', 'L', 1))
print(p:close())
p = io.popen('sort | tail -n 2 > ' .. name, 'w')
for i = 10000, 19999 do p:write(i, '\n') end
print(p:close(), io.open(name):read('a'))

for line in io.popen('for i in 1 2 3; do echo $i; done'):lines() do io.write(line, ';') end
print()
for a, b in io.popen('seq 4'):lines('n', 'n') do io.write(a, '-', b, ';') end
print()

for _, command in ipairs { 'true', 'false', 'exit 3', 'exit 129', 'kill -s HUP $$', 'kill -s KILL $$', 'exit 256', 'not-a-command 2> /dev/null' } do
  print(command, io.popen(command):close())
  print(command, os.execute(command))
end
print(os.execute())
print(pcall(os.execute, {}))
do
  local closing <close> = io.popen('sleep 0; echo scope > ' .. name)
end
print(io.open(name):read('a'))
os.remove(name)
