-- collectgarbage: every option, what it returns, and wrong arguments.
collectgarbage("incremental")
print(collectgarbage(), collectgarbage("collect"), collectgarbage(nil))
print(math.type(collectgarbage("count")), collectgarbage("count") > 1)
print(collectgarbage("stop"), collectgarbage("isrunning"), collectgarbage("restart"), collectgarbage("isrunning"))
print(collectgarbage("incremental"), collectgarbage("generational"), collectgarbage("generational", 20, 100), collectgarbage("incremental", 0, 0, 0))
local pause, multiplier = collectgarbage("setpause", 150), collectgarbage("setstepmul", 300)
print(pause, multiplier, collectgarbage("setpause", 1000), collectgarbage("setpause", 30000), collectgarbage("setpause", 7))
print(collectgarbage("setstepmul", -4), collectgarbage("setstepmul", 1023), collectgarbage("setstepmul", 0))
print(collectgarbage("incremental", 120, 240), collectgarbage("setpause", pause), collectgarbage("setstepmul", multiplier))
for _, option in ipairs { "nonsense", "", "COLLECT", "step ", 1 } do print(pcall(collectgarbage, option)) end
print(pcall(collectgarbage, {}))
print(pcall(collectgarbage, "step", "x"))
print(pcall(collectgarbage, "setpause", 1.5))
print(collectgarbage("step", 1000000), collectgarbage("count") > 0)

-- A stopped collector frees nothing until it is told to.
do
  collectgarbage()
  collectgarbage("stop")
  local before = collectgarbage("count")
  for i = 1, 100000 do local t = { i } end
  print(collectgarbage("count") - before > 2000)
  collectgarbage("restart")
  for i = 1, 100000 do local t = { i } end
  collectgarbage()
  print(collectgarbage("count") - before < 200)
end

-- Steps come to the end of a cycle.
do
  collectgarbage("stop")
  local garbage = {}
  for i = 1, 1000 do garbage[i] = { {} } end
  garbage = nil
  local before = collectgarbage("count")
  local steps = 0
  repeat steps = steps + 1 until collectgarbage("step", 1) or steps > 100000
  print(steps < 100000, collectgarbage("count") < before)
  collectgarbage("restart")
end

-- All parameters are survived.
for _, p in ipairs { 0, 1, 99, 100, 400, 1020 } do
  for _, m in ipairs { 0, 1, 25, 100, 1020 } do
    collectgarbage("setpause", p)
    collectgarbage("setstepmul", m)
    collectgarbage("step", 0)
    local t = {}
    for i = 1, 500 do t[i % 10] = { tostring(i), i .. "x" } end
  end
end
collectgarbage("setpause", pause)
collectgarbage("setstepmul", multiplier)
print(collectgarbage("isrunning"))
