-- A hook that is set in the middle of a recording is in force from the next instruction on: recordings step the program, and single steps know no hooks.
local lines
local function hook(_, line) lines = lines + 1 end
for round = 1, 40 do
  lines = 0
  debug.sethook(hook, 'l')
  local a = round
  a = a + 1
  debug.sethook()
  if round % 10 == 0 then print(round, lines) end
end

-- In a call that is executed as a whole, by a function that calls itself.
local function sum(n, at)
  if n == at then debug.sethook(hook, 'l') end
  if n == 0 then
    debug.sethook()
    return 0
  end
  return n + sum(n - 1, at)
end
for round = 1, 60 do
  lines = 0
  local total = sum(9, round % 7 + 1)
  if round % 6 == 0 then print(round, total, lines) end
end
