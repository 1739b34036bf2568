-- goto: continue, nested exits, backward jumps, jumps that leave the scope of captured locals; break everywhere.

for i = 1, 5 do
  if i % 2 == 0 then goto continue end
  io.write(i, " ")
  ::continue::
end
print()
for i = 1, 3 do
  for j = 1, 3 do
    for k = 1, 3 do
      if i * j * k == 12 then
        print("found", i, j, k)
        goto done
      end
    end
  end
end
::done::
do
  local n = 0
  ::again::
  n = n + 1
  if n < 2500 then goto again end
  print(n)
end
-- a backward jump makes a fresh local each time
do
  local closures, k = {}, 0
  ::top::
  local fresh = k * 10
  closures[#closures + 1] = function() fresh = fresh + 1 return fresh end
  k = k + 1
  if k < 4 then goto top end
  print(closures[1](), closures[1](), closures[2](), closures[4]())
end
-- continue in while and repeat; until sees the locals of the body
local i, odd = 0, 0
while i < 3000 do
  i = i + 1
  if i % 2 == 0 then goto next end
  odd = odd + i
  ::next::
end
print(odd)
local r = 0
repeat
  local last = r * r
  r = r + 1
until last > 5000000
print(r)
-- break in the middle, from inside if, from nested loops
local outer = 0
for a = 1, 100 do
  for b = 1, 100 do
    if b > a then break end
    outer = outer + b
    if outer > 20000 then break end
  end
  if outer > 20000 then break end
end
print(outer)
while true do
  do break end
end
-- a state machine of labels
local state, steps, trace = 0, 0, 0
::a:: steps = steps + 1 state = (state * 5 + 3) % 64 if steps > 4000 then goto finish end if state % 3 == 0 then goto b elseif state % 3 == 1 then goto c end goto a
::b:: trace = trace + 1 goto a
::c:: trace = trace + 1000 goto a
::finish::
print(state, steps, trace)
print(load("goto nowhere"))
print(load("do ::x:: end goto x"))
print(load("::x:: ::x::"))
print(load("goto f local a ::f:: print(a)"))
print(load("break"))
