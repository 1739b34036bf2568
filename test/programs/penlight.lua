-- Penlight: classes, containers, strings, tables, sequences, functional tools, data, templates, parsers, XML.
local class, List, Map, Set = require 'pl.class', require 'pl.List', require 'pl.Map', require 'pl.Set'
local OrderedMap, MultiMap = require 'pl.OrderedMap', require 'pl.MultiMap'
local stringx, tablex, seq, func, pretty = require 'pl.stringx', require 'pl.tablex', require 'pl.seq', require 'pl.func', require 'pl.pretty'
local array2d, data, template, lexer, sip, xml = require 'pl.array2d', require 'pl.data', require 'pl.template', require 'pl.lexer', require 'pl.sip', require 'pl.xml'
local permute, stringio, types, utils, text = require 'pl.permute', require 'pl.stringio', require 'pl.types', require 'pl.utils', require 'pl.text'
local C = require 'pl.comprehension'.new()
local lapp, config, url, operator, strict = require 'pl.lapp', require 'pl.config', require 'pl.url', require 'pl.operator', require 'pl.strict'

print(utils._VERSION)

-- Classes
local Animal = class()
function Animal:_init(name) self.name = name end
function Animal:__tostring() return self.name .. ': ' .. self:speak() end
local Dog = class(Animal)
function Dog:speak() return 'bark' end
local Cat = class(Animal)
function Cat:_init(name, breed) self:super(name) self.breed = breed end
function Cat:speak() return 'meow (' .. self.breed .. ')' end
class.Lion(Cat)
function _G.Lion:speak() return 'roar, ' .. Cat.speak(self) end
local leo = _G.Lion('Leo', 'African')
print(Dog 'Fido', Cat('Felix', 'Tabby'), leo)
print(leo:is_a(Animal), Dog:class_of(leo), leo:is_a() == _G.Lion, Animal:class_of(leo))
local Point = class { _init = function(self, x, y) self.x, self.y = x, y end, __add = function(a, b) return a._class(a.x + b.x, a.y + b.y) end, __eq = function(a, b) return a.x == b.x and a.y == b.y end }
print(Point(1, 2) + Point(3, 4) == Point(4, 6))
local Props = class(class.properties)
function Props:get_double() return self.single * 2 end
function Props:set_single(value) rawset(self, 'single', value) end
local props = Props()
props.single = 21
print(props.double)

-- Containers
local list = List { 10, 20, 30 }
list:append(40):extend { 50, 60 }:insert(1, 5)
print(list, #list, list:slice(2, -2), list:reverse(), list:index(40), list:contains(99), list:pop(), list .. { 1 })
print(List.range(1, 5):map '_*2', List.split('a b c'):join '-', list:filter(function(x) return x % 20 == 0 end), list:reduce '+')
print(List { 3, 1, 2 }:sort '>', List { 'x', 'y' }:foreach(print, '!'), List { 1, 1, 2 }:count(1), list == list:clone())
for pair in List.iterate { 1, 2 } do io.write(tostring(pair), ' ') end
print()
local set = Set { 1, 2, 3 } * Set { 2, 3, 4 }
print(set == Set { 3, 2 }, Set.len(Set { 1, 2 } + Set { 5 }), Set { 1 } < Set { 1, 2 }, Set.isempty(Set { 1 } - Set { 1 }))
local map = Map { a = 1 }
map:set('b', 2)
map:update { c = 3 }
print(map:get 'b', map:keys():sort(), map:values():sort(), map == Map { a = 1, b = 2, c = 3 })
local ordered = OrderedMap { { z = 26 }, { y = 25 } }
ordered:set('a', 1):insert(1, 'first', 0)
print(ordered, ordered:keys(), ordered:values())
ordered:sort()
for key, value in ordered:iter() do io.write(key, '=', value, ' ') end
print()
local multi = MultiMap { a = { 1 } }
multi:set('a', 2)
print(pretty.write(multi:get 'a', ''))

-- Strings
print(stringx.split('a,b,,c', ','), stringx.strip '  x ', stringx.startswith('hello', 'he'), stringx.endswith('x.lua', { '.txt', '.lua' }))
print(stringx.title 'the quick fox', stringx.center('x', 7, '*'), stringx.ljust('x', 3) .. '|', stringx.rjust('x', 3), stringx.count('banana', 'an'))
print(stringx.replace('aaa', 'a', 'b', 2), stringx.partition('k=v=w', '='), stringx.rpartition('k=v=w', '='), stringx.isalnum 'a1', stringx.shorten('long text here', 8))
print(stringx.lines 'a\nb\n'(), stringx.splitlines 'x\ny', stringx.expandtabs('a\tb', 4), stringx.join(',', { 1, 2 }), stringx.lfind('abcabc', 'c'), stringx.rfind('abcabc', 'b'))
print(text.Template and text.Template 'Hi ${name}, $thing!':substitute { name = 'you', thing = 'bye' })
print(text.dedent '    one\n      two\n', text.wrap('the quick brown fox jumps over the lazy dog', 12))
print(stringx.quote_string 'a "b"\n\0', table.concat(utils.split('x  y'), '|'), utils.escape 'a.b*c')

-- Tables
local nested = { 1, { a = { 2, 3 }, b = 'x' }, [5] = true }
print(tablex.deepcompare(nested, tablex.deepcopy(nested)), tablex.size(nested), tablex.find({ 'a', 'b' }, 'b'), tablex.find_if({ 1, 5 }, function(x) return x > 2 end))
print(pretty.write(tablex.map('_+1', { 1, 2 }), ''), pretty.write(tablex.merge({ a = 1 }, { b = 2, a = 3 }, true), '') ~= nil, pretty.write(tablex.range(1, 10, 3), ''))
print(tablex.reduce('+', { 1, 2, 3 }), pretty.write(tablex.zip({ 1, 2 }, { 'a', 'b' }), ''), pretty.write(tablex.sub({ 1, 2, 3, 4 }, 2, 3), ''), tablex.compare({ 1 }, { 1 }, '=='))
for key, value in tablex.sort { c = 1, a = 2, b = 3 } do io.write(key, value, ' ') end
for key, value in tablex.sortv { c = 1, a = 3, b = 2 } do io.write(key, value, ' ') end
print()
print(pretty.write { 1, 'two', { three = { 4 } }, ['not name'] = 1.5 })
print(pretty.write(pretty.read '{1, {x = "y"}, [10] = 3}', ''), pretty.read '{os.exit()}', pretty.number(123456789, 'M'))
print(tablex.index_by({ 10, 20, 30 }, { 3, 1 })[1], tablex.count_map({ 'a', 'b', 'a' }).a, #tablex.new(4, 0), tablex.search({ a = { b = { c = 7 } } }, 7))

-- Functions and sequences
local _1, _2 = func._1, func._2
print(func.I(_1 + _2 * 2)(3, 4), func.compose(math.abs, math.floor)(-2.5), func.bind1(math.max, 10)(3), tostring(_1 + _2), operator.concat('a', 'b'))
print(seq.sum(seq.list { 1, 2, 3 }), seq.copy(seq.map(math.sqrt, { 1, 4, 9 })), seq.copy(seq.take(seq.range(1, 100), 3)), seq.copy(seq.unique { 1, 2, 1 }):sort())
print(seq { 1, 2, 3, 4 }:filter(function(x) return x % 2 == 0 end):map '_*_':copy(), seq.reduce('*', seq.range(1, 6)), seq.minmax { 4, 1, 9 })
print(List(C 'x^2 for x=1,4' ()), C 'sum(x for x)' { 1, 2, 3 }, C 'table(x, #x for x)' { 'aa', 'b' }.aa)
for pair in permute.order_iter { 1, 2, 3 } do io.write(table.concat(pair), ' ') end
print()
print(utils.string_lambda '|x,y| x + y' (1, 2), types.type(list), types.is_callable(print), types.to_bool 'yes', types.is_empty {})

-- Data, templates, parsers
local grid = array2d.new(2, 3, function(i, j) return i * j end)
print(pretty.write(grid, ''), pretty.write(array2d.column(grid, 3), ''), pretty.write(array2d.flatten(grid), ''), array2d.reduce2('+', '*', grid))
local table_data = data.read(stringio.open 'Name Age\nAnn 31\nBob 25\nCid 40\n')
for name, age in table_data:select 'Name,Age where Age > 30 sort by Age desc' do io.write(name, ' ', age, ' ') end
print(table_data:column_by_name 'Age')
print((template.substitute('# for i, v in ipairs(list) do\n$(i): $(v:upper())\n# end\n', { list = { 'a', 'b' }, ipairs = ipairs })))
for kind, token in lexer.lua 'local x = "s" .. 0x10 -- end' do io.write(kind, '<', tostring(token), '> ') end
print()
local fields = {}
print(sip.match('$v{name}=$d{value} $q{rest}', 'width=10 "a b"', fields), fields.name, fields.value, fields.rest)
local document = xml.parse '<list a="1"><item>one</item><item b=\'2\'>two &amp; three</item><!-- no --><empty/></list>'
print(document:get_elements_with_name 'item'[2]:get_text(), document.attr.a, #document, xml.tostring(document, '', '  '))
local stream = stringio.create()
stream:write('a', 1, '\n')
stream:writef('%5.2f', 1.5)
print(stream:value())
local settings = config.read(stringio.open '# comment\n[window]\nsize = 10,20\ntitle = main\n')
print(settings.window.size[2], settings.window.title)
print(url.quote 'a b&c/d', url.unquote 'a%20b')
print(pretty.write(lapp.process_options_string('Test\n  -n,--num (default 3) a number\n  -v verbose\n  <name> (string)\n', { '-n', '5', 'arg' }), '') ~= nil)
local guarded = strict.module 'guarded'
print(pcall(function() return guarded.missing end))
print(pcall(function() return undefined_global end))
