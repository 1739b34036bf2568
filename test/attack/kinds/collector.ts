/** The collector's work, which the program chooses: large steps, weak tables, finalisers. */
import { endless, holding, type Kind } from '../program.ts';

const LIVE = 'local live = {} for i = 1, 300000 do live[i] = {} end';

export const collector: Kind = {
  name: 'collector and finalisers',
  programs: [
    // What the collector does costs no fuel.
    ...endless({
      'full collections of a large heap': `${LIVE} while true do collectgarbage() end`,
      'steps of a large heap': `${LIVE} while true do collectgarbage('step', 1 << 30) end`,
      'counts': `${LIVE} while true do collectgarbage('count') end`,
      'changes of mode': `${LIVE} while true do collectgarbage('generational') collectgarbage('incremental') end`,
      'extreme parameters': `collectgarbage('setpause', 0) collectgarbage('setstepmul', 1000) ${LIVE} while true do local t = {} end`,
      'a chain of ephemerons': `local t = setmetatable({}, { __mode = 'k' }) local k = {} local first = k for i = 1, 60000 do local n = {} t[k] = n k = n end k = nil while true do collectgarbage() end`,
      'a chain of ephemerons, backwards': `local t, keys = setmetatable({}, { __mode = 'k' }), {} for i = 1, 60000 do keys[i] = {} end for i = 60000, 2, -1 do t[keys[i - 1]] = keys[i] end local first = keys[1] keys = nil while true do collectgarbage() end`,
      'ephemerons over many tables': `local tables, k = {}, {} local first = k for i = 1, 3000 do local t = setmetatable({}, { __mode = 'k' }) tables[i] = t local n = {} t[k] = n k = n end while true do collectgarbage() end`,
      'many weak tables': `local t = {} for i = 1, 20000 do t[i] = setmetatable({ {} }, { __mode = i % 2 == 0 and 'k' or 'v' }) end while true do collectgarbage() end`,
      'a large weak table': `local t = setmetatable({}, { __mode = 'v' }) for i = 1, 2e5 do t[i] = {} end while true do for i = 1, 1000 do t[i] = {} end collectgarbage() end`,
    }, { stops: ['timeout', 'interrupt'] }),
    ...endless({
      'deep lists': 'local l for i = 1, 5e5 do l = { l } end while true do collectgarbage() end',
      'finalisers of many': `while true do for i = 1, 2e4 do setmetatable({}, { __gc = function() end }) end collectgarbage() end`,
      'a finaliser that makes another': 'local function f() setmetatable({}, { __gc = f }) end f() while true do f() end',
      'a finaliser that revives': `local kept local mt mt = { __gc = function(o) kept = o setmetatable(o, mt) end } setmetatable({}, mt) while true do collectgarbage() kept = nil end`,
      'a finaliser that collects': `while true do setmetatable({}, { __gc = function() collectgarbage() end }) collectgarbage() end`,
      'a finaliser that fails': `while true do setmetatable({}, { __gc = function() error(('x'):rep(1e5)) end }) collectgarbage() end`,
      'a finaliser that fails endlessly deep': `while true do setmetatable({}, { __gc = function(o) local function f() f() end f() end }) collectgarbage() end`,
      'a finaliser that fails with a million frames': `local function f() f() end while true do setmetatable({}, { __gc = f }) collectgarbage() end`,
      'a finaliser that loops while the program loops': `setmetatable({}, { __gc = function() while true do end end }) while true do local t = {} end`,
      'a finaliser within a finaliser': `while true do setmetatable({}, { __gc = function() setmetatable({}, { __gc = function() while true do end end }) collectgarbage() end }) collectgarbage() end`,
      'threads that die': 'while true do for i = 1, 1000 do local co = coroutine.wrap(function() local t = {} coroutine.yield(t) end) co() end collectgarbage() end',
      'shapes that die': `while true do for i = 1, 1000 do local t = {} t['a' .. i] = 1 t['b' .. i] = 2 end collectgarbage() end`,
      'shapes of many metatables': 'while true do for i = 1, 1000 do local t = setmetatable({}, {}) t.x = 1 end end',
      'prototypes that die': `local n = 0 while true do n = n + 1 load('local t = {} for i = 1, 10 do t[i] = ' .. n .. ' end return function() return t end')() end`,
      'upvalues of many closures': 'while true do local fs = {} for i = 1, 1e5 do local x = i fs[i] = function() x = x + 1 end end end',
    }),
    ...holding({
      'the collector stopped by a program': `collectgarbage('stop') for i = 1, 2e6 do local t = { i } end return not collectgarbage('isrunning')`,
      'a finaliser that stops the collector': `for i = 1, 10 do setmetatable({}, { __gc = function() collectgarbage('stop') end }) collectgarbage() end for i = 1, 2e6 do local t = { i } end return true`,
      'a finaliser that yields': `local ok = true coroutine.wrap(function() setmetatable({}, { __gc = function() ok = not pcall(coroutine.yield) end }) collectgarbage() end)() return ok`,
      'an object that is finalised twice': `local n = 0 local mt = {} mt.__gc = function(o) n = n + 1 end local o = setmetatable({}, mt) setmetatable(o, mt) o = nil collectgarbage() collectgarbage() return n == 1`,
      '__gc set behind the metatable': `local n = 0 local mt = {} local o = setmetatable({}, mt) mt.__gc = function() n = 1 end o = nil collectgarbage() return n == 0`,
      'a weak table under a traversal': `local t = setmetatable({}, { __mode = 'k' }) for i = 1, 1000 do t[{}] = i end local n = 0 for k, v in pairs(t) do n = n + 1 if n % 100 == 0 then collectgarbage() end end return n <= 1000`,
    }),
  ],
};
