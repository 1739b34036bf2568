-- Where find, match and gmatch start, and replacements of each type.
for _, start in ipairs { 1, 2, 4, 7, 8, 100, 0, -1, -3, -6, -100 } do
  print(start, ('abcabc'):find('b', start), ('abcabc'):find('b', start, true), ('abcabc'):match('[bc]+', start), ('abcabc'):match('^bc', start), ('abcabc'):match('()', start))
  local parts = {}
  for place, text in ('abcabc'):gmatch('()(%a)', start) do parts[#parts + 1] = place .. text end
  print(start, table.concat(parts, ' '))
end
print(('a.b'):find('.', 1, true), ('a.b'):find('.', 3, true), ('a.b'):find('', 10, true), ('a.b'):find('', 4), ('a.b'):find('%.', 1, false), ('a.b'):find('.', 1, nil))
print(('x'):find('x', '1'), ('x'):match('x', '1'), pcall(string.match, 'x', 'x', 1.5), pcall(string.find, 'x', 'x', {}), pcall(string.gmatch, 'x', 'x', 'y'))
print(('abc'):gsub('b', 5), ('abc'):gsub('b', 2.5), ('abc'):gsub('b', '[%0%0]'), ('abc'):gsub('(b)', '%1%%'), ('abc'):gsub('b', ''), ('a b'):gsub('%w', '%0%0', 1))
print(('abc'):gsub('%w', { a = 1, b = 2.5, c = false }), ('abc'):gsub('%w', function(c) return c ~= 'b' and c:upper() or nil end), ('abc'):gsub('', '-'), ('abc'):gsub('%w', '%0', 0))
print(('abc'):gsub('%w', 'x', -1), ('abc'):gsub('%w', 'x', '2'), pcall(string.gsub, 'abc', '%w', true), pcall(string.gsub, 'abc', '%w'), pcall(string.gsub, 'abc', '%w', 'x', {}))
print(pcall(string.gsub, 'abc', '%w', '%2'), pcall(string.gsub, 'abc', '%w', '%'), pcall(string.gsub, 'abc', '%w', '%x'), pcall(string.gsub, 'abc', '%w', { a = true }), pcall(string.gsub, 'abc', 'b', print))
