-- string.format with %d %s %g %f %x %X %q %c %i %u-like uses, %%, widths where common, and its errors.

print(string.format("%d %d %d", 1, -5, 3.0), string.format("%5d|%-5d|%05d|%+d", 42, 42, 42, 42))
print(string.format("%s %s %s %s", "a", 1, 1.5, true), string.format("%s", nil), string.format("%10s|%-10s|%.2s", "ab", "ab", "abc"))
print(string.format("%g %g %g %g %g", 1, 1.5, 1e20, 0.1, 100000), string.format("%g %g", 1e-5, 123456789))
print(string.format("%f %.0f %.1f %.3f %.10f", 1.5, 2.5, 0.05, 2/3, 1/3), string.format("%.2f", -0.001))
print(string.format("%x %X %#x %o", 255, 255, 255, 8), string.format("%x", -1), string.format("%e %.2E", 12345.678, 0.00012))
print(string.format("%.14g %.17g %.3g", 0.1, 0.1, 12345.678), string.format("%c%c", 72, 105), string.format("100%%"))
print(string.format("%g %g %g", math.huge, -math.huge, 2^63), string.format("%.1f %.1f", math.huge, -math.huge))
print(string.format("%q", 'he said "hi"\n\\ and \0 zero \r'), string.format("%q %q %q", 1, 1.5, math.mininteger))
print(string.format("%q %q %q %q", true, nil, 1e100, 0.1), string.format("%q", 1/0), string.format("%q", "\1\0012"))
print(string.format("%i", 42), string.format("%5.1f|%-8.2f|%+.1f", 3.14159, 2.5, 1), string.format("%a", 1.0))
print(string.format("%d", "10"), string.format("%s %s", 1, 2), string.format("%.20s", "short"), string.format("%5s", "long enough"))
print(string.format("%s", setmetatable({}, { __tostring = function() return "custom" end })), string.format("%-5s|", "é"))
for _, arguments in ipairs {
  { "%d", 1.5 }, { "%d", "x" }, { "%d" }, { "%y", 1 }, { "%", 1 }, { "%s" }, { "%d", {} }, { "%c", "x" }, { "%f", true }, { "%0100d", 1 }, { "%q", {} },
} do
  print(arguments[1], pcall(string.format, table.unpack(arguments)))
end
print(pcall(string.format, "%s", setmetatable({}, { __tostring = function() return 1 end })))

local parts = {}
for i = 1, 2000 do
  local line = string.format("%d:%s:%g:%.2f:%x", i, i % 2 == 0, i / 8, i / 3, i * 255)
  if i % 400 == 0 then parts[#parts + 1] = line end
end
print(table.concat(parts, " "))
