-- Copies of more than a megabyte come in pieces, and the pieces have to fit.
local long = ('x'):rep(1 << 20) .. 'y'
print(long:rep(2):sub(-1), long:rep(2) == long .. long, #long:rep(2, ','), long:rep(2, ','):sub((1 << 20) + 1, (1 << 20) + 3))
local abc = ('abc'):rep(1000000)
print(abc:sub(-3), abc:sub(4) == abc:sub(1, -4), (('ab'):rep(1000000, ',')):sub(-5))
