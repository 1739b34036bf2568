-- argparse: a parser with commands, options of all kinds, what it makes of many lines, its help and its errors.
local argparse = require 'argparse'

local parser = argparse('tool', 'A tool that does things.', 'See the manual.')
parser:argument('input', 'Input file.')
parser:argument('rest', 'More files.'):args '*'
parser:option('-o --output', 'Output file.', 'a.out')
parser:option('-I --include', 'Include locations.'):count '*'
parser:option('--pair', 'Two numbers.'):args(2):convert(tonumber):argname { '<from>', '<to>' }
parser:option('--level', 'Level.'):choices { 'low', 'high' }
parser:option('--range', 'One to three.'):args '1-3'
parser:flag('-v --verbose', 'Verbosity.'):count '0-3':target 'verbosity'
parser:flag('-q --quiet', 'Nothing.')
parser:mutex(parser:flag '--fast', parser:flag '--small')
parser:option('--define'):count '*':args(2):action(function(args, _, values) args.define = args.define or {} args.define[values[1]] = values[2] end)

local function show(value)
  if type(value) ~= 'table' then return tostring(value) end
  local keys, parts = {}, {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for i, key in ipairs(keys) do parts[i] = tostring(key) .. '=' .. show(value[key]) end
  return '{' .. table.concat(parts, ' ') .. '}'
end

local lines = {
  { 'in.txt' },
  { 'in.txt', 'a', 'b', '-o', 'out', '-vv' },
  { '-oout', '--include=x', '-I', 'y', '-Iz', 'in' },
  { 'in', '--pair', '1', '2.5', '--level', 'high', '--range', 'a', 'b', '--', '-c' },
  { 'in', '--define', 'A', '1', '--define', 'B', '2', '-vq' },
  { 'in', '--pair', 'x', '2' },
  { 'in', '--pair', '1' },
  { 'in', '--level', 'middle' },
  { 'in', '--fast', '--small' },
  { 'in', '-vvvv' },
  { 'in', '--unknown' },
  { 'in', '--outptu', 'x' },
  { 'in', '-o' },
  {},
}
for _, line in ipairs(lines) do
  local ok, result = parser:pparse(line)
  print(table.concat(line, ' '), ok, show(result))
end
print(parser:get_usage())
print(parser:get_help())

local git = argparse 'git':command_target 'command'
git:require_command(true)
local add = git:command('add a', 'Add files.')
add:argument 'files':args '+'
add:flag '-f --force'
local remote = git:command('remote', 'Remotes.')
remote:command 'list'
remote:command('set-url', 'Set one.'):argument 'name'
git:add_help_command()
git:group('Work', add)
for _, line in ipairs { { 'add', 'x', '-f' }, { 'a', 'y' }, { 'remote', 'list' }, { 'remote', 'set-url', 'origin' }, { 'remove' }, { 'add' }, {} } do
  local ok, result = git:pparse(line)
  print(table.concat(line, ' '), ok, show(result))
end
print(git:get_help())
print(add:get_help())
print((git:get_bash_complete():gsub('\n', '|')):sub(1, 400))
