-- luaunit: a suite with tests that pass, fail, break and are skipped, in its output formats.
local lu = require 'luaunit'

TestNumbers = {}
function TestNumbers:setUp() self.count = (self.count or 0) + 1 end
function TestNumbers:tearDown() self.count = self.count - 1 end
function TestNumbers:testEqual() lu.assertEquals(1 + 1, 2) lu.assertEquals(self.count, 1) end
function TestNumbers:testAlmost() lu.assertAlmostEquals(0.1 + 0.2, 0.3, 1e-9) end
function TestNumbers:testFails() lu.assertEquals(1, 2) end
function TestNumbers:testFloat() lu.assertEquals(1, 1.0) lu.assertNotEquals(1, 1.5) lu.assertIsNaN(0 / 0) lu.assertIsInf(1 / 0) end

TestTables = {}
function TestTables:testDeep() lu.assertEquals({ 1, { a = { 2 } } }, { 1, { a = { 2 } } }) end
function TestTables:testDifferent() lu.assertEquals({ 1, 2, 3, { x = 1 } }, { 1, 2, 4, { x = 2 } }) end
function TestTables:testLongLists() lu.assertEquals({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 }, { 1, 2, 3, 4, 5, 6, 7, 8, 0, 10, 11, 12, 13 }) end
function TestTables:testItems() lu.assertItemsEquals({ 3, 1, 2 }, { 1, 2, 3 }) lu.assertTableContains({ 1, 2 }, 2) end
function TestTables:testCycle()
  local cycle = {}
  cycle.self = cycle
  lu.assertStrContains(lu.prettystr(cycle), 'self')
end

TestErrors = {}
function TestErrors:testBreaks() local t = nil return t.x end
function TestErrors:testMessage() lu.assertErrorMsgContains('boom', function() error 'boom!' end) end
function TestErrors:testExact() lu.assertErrorMsgEquals('exact', error, 'exact', 0) end
function TestErrors:testNone() lu.assertError(function() end) end
function TestErrors:testObject() lu.assertErrorMsgEquals({ code = 1 }, error, { code = 1 }) end
function TestErrors:testSkipped() lu.skip 'not today' end
function TestErrors:testSuccess() lu.success() end

TestStrings = {}
function TestStrings:testMatches() lu.assertStrMatches('hello 42', '%a+ %d+') lu.assertStrIContains('Hello', 'ELL') end
function TestStrings:testFails() lu.assertStrContains('hello', 'world') end
function TestStrings:testPretty()
  lu.assertEquals(lu.prettystr { 1, 'two', { three = 3 }, [10] = true }, '{1, "two", {three=3}, 10=true}')
end

-- Times differ from run to run, addresses from host to host.
local write = io.stdout.write
local function clean(text) return (tostring(text):gsub('%d+%.%d+ seconds', 'T seconds'):gsub('0x%x+', 'ADDRESS'):gsub('Started on [^\n]*', 'Started')) end
local output = io.stdout
local shown = setmetatable({}, {
  __index = function(_, name)
    if name == 'write' then
      return function(self, ...)
        for i = 1, select('#', ...) do write(output, clean((select(i, ...)))) end
        return self
      end
    end
    return function() end
  end,
})
io.stdout = shown
local plainPrint = print
function print(...)
  local texts = table.pack(...)
  for i = 1, texts.n do texts[i] = clean(texts[i]) end
  plainPrint(table.concat(texts, '\t'))
end

for _, format in ipairs { 'text', 'tap', 'nil' } do
  local runner = lu.LuaUnit.new()
  runner:setOutputType(format)
  plainPrint('format ' .. format, runner:runSuiteByInstances { { 'TestNumbers', TestNumbers }, { 'TestTables', TestTables }, { 'TestErrors', TestErrors }, { 'TestStrings', TestStrings } })
  plainPrint(runner.result.passedCount, runner.result.failureCount, runner.result.errorCount, runner.result.skippedCount)
end
local runner = lu.LuaUnit.new()
plainPrint(runner:runSuite('-v', '--pattern', 'Deep', '--pattern', 'Exact', '-o', 'text'))
