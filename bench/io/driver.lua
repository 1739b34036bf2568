-- lua5.4 bench/io/driver.lua program.lua folder: runs a program, and tells on standard error the milliseconds of processor time it took.
local run = dofile((...))
local start = os.clock()
run((select(2, ...)))
io.stdout:flush()
io.stderr:write(string.format('%.0f\n', (os.clock() - start) * 1000))
