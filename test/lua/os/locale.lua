-- os.setlocale: the locale "C" in every category; others may be missing. Dates without arguments.
for _, category in ipairs { 'all', 'collate', 'ctype', 'monetary', 'numeric', 'time' } do
  print(category, os.setlocale(nil, category), os.setlocale('C', category), os.setlocale('POSIX', category) ~= nil, os.setlocale('no such locale', category), os.setlocale(nil, category))
end
print(os.setlocale(), os.setlocale('C'), os.setlocale(nil))
print(pcall(os.setlocale, 'C', 'none'))
print(pcall(os.setlocale, {}))
print(pcall(os.setlocale, 'C', {}))
print(pcall(os.setlocale, nil, ''))
print(os.date():match('^%a%a%a %a%a%a [ %d]%d %d%d:%d%d:%d%d %d%d%d%d$') ~= nil, os.date(nil, 0) == os.date('%c', 0), os.date('!%c', 0), #os.date() == #os.date('%c'))
print(os.date('') == '', os.date('!') == '', os.date('no conversions', 0))
