/**
 * Every function of the sandbox with arguments as large as they get, in a loop that catches errors. The functions are found by walking the
 * globals: one that is added is attacked without a change here. Arguments are tried by position, so each function meets the ones it accepts.
 */
import { endless, type Kind, type Package } from '../program.ts';

const ARGUMENTS = `
  local text, digits, format = ('ab'):rep(1 << 19), ('7'):rep(100000), ('%s'):rep(1000)
  local list, words, holes = {}, {}, setmetatable({}, { __index = function(t, k) return k end, __len = function() return 1 << 40 end })
  for i = 1, 50000 do list[i] = i words[i] = 'word' .. i end
  local slow = function(a, b) local n = 0 for i = 1, 1e5 do n = n + i end return n end
  local named = setmetatable({}, { __tostring = function() return text end, __name = text, __len = function() return 1 << 40 end, __index = list, __call = slow, __lt = slow })
  local co = coroutine.create(function(...) while true do coroutine.yield(...) end end)
  local tuples = {
    {text}, {digits}, {list}, {named}, {co}, {slow}, {text, text}, {text, 'b*c'}, {text, ('a?'):rep(30) .. 'z'}, {text, '.-z'}, {text, '', 'xx'}, {text, 1, -1}, {text, 1, #text}, {text, -1, 1},
    {text, 1 << 30}, {text, 1000}, {text, 'a', text}, {format, table.unpack(words, 1, 1000)}, {'%99.99f', 1e300}, {'%q', text}, {('z'):rep(1000), table.unpack(words, 1, 1000)}, {('!16d'):rep(10000)},
    {'z', text}, {'s4', text}, {('b'):rep(100000), text}, {list, words}, {list, ','}, {words, text, 1, 3}, {words, ','}, {list, 1, 50000, 2}, {list, 1, 1 << 40, 2, holes}, {holes, 1, 1 << 40, 2},
    {list, function(a, b) return a > b end}, {list, function(a, b) return true end}, {words}, {holes}, {holes, ','}, {list, 1, 1}, {list, 1, 100000}, {list, 1},
    {'#', table.unpack(list, 1, 50000)}, {-1, table.unpack(list, 1, 50000)}, {table.unpack(list, 1, 50000)}, {slow, list}, {slow, slow, 1}, {error, slow, text}, {digits, 36}, {digits, 10}, {'0x' .. digits},
    {text, '=' .. text}, {'x = ' .. digits}, {('x=1 '):rep(20000)}, {function() return 'x = 1 ' end}, {1, 1 << 62}, {1.5, 1e308}, {list, named}, {'collect'}, {'step', 1 << 30}, {'count'}, {text, 'utf8', true},
    {1 << 20, 1 << 20, 1 << 20}, {text, 1, #text, true}, {text, #text // 2, 1},
  }
`;

/** The program that calls a function, given as an expression, with all of them again and again. */
const callEndlessly = (path: string): string => `${ARGUMENTS} local f, pcall, unpack = ${path}, pcall, table.unpack while true do for i = 1, #tuples do pcall(f, unpack(tuples[i])) end end`;

/** Paths of all functions that a sandboxed program sees. */
export function sandboxFunctions({ createVm }: Package): string[] {
  const vm = createVm({ libraries: 'sandbox' });
  const [text] = vm.doString(`
    local paths = {}
    for name, value in pairs(_G) do
      if type(value) == 'function' then paths[#paths + 1] = name
      elseif type(value) == 'table' and value ~= _G then
        for field, f in pairs(value) do if type(f) == 'function' then paths[#paths + 1] = name .. '.' .. field end end
      end
    end
    for event, f in pairs(getmetatable('')) do if type(f) == 'function' then paths[#paths + 1] = "getmetatable('')." .. event end end
    table.sort(paths)
    return table.concat(paths, '\\n')`);
  vm.close();
  return (text as string).split('\n');
}

export const builtins = (moontrace: Package): Kind => ({
  name: 'library functions',
  programs: endless(Object.fromEntries(sandboxFunctions(moontrace).map((path) => [path, callEndlessly(path)]))),
});
