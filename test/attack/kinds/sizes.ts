/** Tables of millions of keys and texts of 32 MB: what is done to them at once takes longer than a program may go on behind its limit. */
import { endless, type Kind, MEGABYTE } from '../program.ts';

/** Time to become large first. */
const LATE = { after: 500, options: { memoryLimit: 1024 * MEGABYTE } } as const;

export const largeTables: Kind = {
  name: 'large tables',
  programs: endless({
    'fractions as keys': 'local t, i = {}, 0.5 while true do t[i] = true i = i + 1 end',
    'integers far apart': 'local t, i = {}, 1 while true do t[i * 7919] = true i = i + 1 end',
    'texts as keys': 'local t, i = {}, 1 while true do t["k" .. i] = i i = i + 1 end',
    'tables as keys': 'local t = {} while true do t[{}] = true end',
    'ever new texts': 'local t, i = {}, 1 while true do t[i] = "k" .. i i = i + 1 end',
    'texts that come and go': 'while true do local t = {} for i = 1, 3e5 do t[i] = "k" .. i end end',
    'integers': 'local t, i = {}, 1 while true do t[i] = i i = i + 1 end',
    'arrays side by side': 'local a, b, i = {}, {}, 1 while true do a[i] = i b[i] = i + 0.5 i = i + 1 end',
    'an array of all kinds': 'local t, i = {}, 1 while true do t[i] = i t[i + 1] = "x" i = i + 2 end',
    'an array whose kind changes': 'while true do local t = {} for i = 1, 5e5 do t[i] = i end t[7] = "x" end',
    'integers from above': 'local t, i = {}, 1 << 22 while true do t[i] = i i = i - 1 end',
    'integers that come over into the array': 'while true do local t = {} for i = 3 << 18, (1 << 18) + 1, -1 do t[i] = i end for i = 1, 1 << 18 do t[i] = i end end',
    'a queue': 'local t, first, last = {}, 1, 0 while true do for i = 1, 1000 do last = last + 1 t[last] = "x" end for i = 1, 900 do t[first] = nil first = first + 1 end end',
    'tables that leave their shape': 'while true do local t = {} for i = 1, 1e5 do t[i + 0.5] = i end for i = 1, 2000 do t["f" .. i] = i end end',
    'removed keys': 'local t = {} for i = 1, 4e5 do t[i + 0.5] = i end for i = 1, 4e5 - 5 do t[i + 0.5] = nil end while true do next(t) end',
    'weak keys': 'local t, keep, i = setmetatable({}, { __mode = "k" }), {}, 0 while true do i = i + 1 local k = {} keep[i] = k t[k] = i end',
    'coroutines': 'local t, i, yield = {}, 0, coroutine.yield while true do i = i + 1 t[i] = coroutine.create(function() yield() end) coroutine.resume(t[i]) end',
  }, LATE),
};

const TEXT = 'local s = ("abcdefgh"):rep(4e6)';
const again = (body: string): string => `${TEXT} while true do ${body} end`;

export const longTexts: Kind = {
  name: 'long texts',
  programs: endless({
    'format %q': again('local q = string.format("%q", s)'),
    'format %s': again('local q = string.format("a%s", s)'),
    'format with padding': again('local q = string.format("%-10s", s)'),
    'sub': again('local q = s:sub(2)'),
    'reverse': again('local q = s:reverse()'),
    'upper': again('local q = s:upper()'),
    'rep': again('local q = s:rep(2)'),
    'rep with a separator': again('local q = ("ab"):rep(5e6, ",,,,")'),
    'joining two': again('local q = s .. "x"'),
    'joining three': again('local q = s .. s .. s'),
    'table.concat': `${TEXT} local t = { s, s, s } while true do local q = table.concat(t, ",") end`,
    'gsub that replaces much': again('local q = s:gsub("h", "hh")'),
    'gsub that replaces once': again('local q = s:gsub("^a", "hh")'),
    'a capture of all': again('local q = s:match("^(.-)$")'),
    'gmatch': again('for w in s:gmatch("[a-z]+") do end'),
    'pack': again('local q = string.pack("s4", s)'),
    'pack with a zero': again('local q = string.pack("z", s)'),
    'pack of a fixed size': again('local q = string.pack("c40000000", s)'),
    'unpack': `${TEXT} local p = string.pack("s4z", s, s) while true do local q, r = string.unpack("s4z", p) end`,
    'utf8.offset': again('utf8.offset(s, -1) utf8.offset(s, 30000000)'),
    'utf8.len': again('utf8.len(s)'),
    'comparison': `${TEXT} local r = s:sub(1, -2) .. "h" while true do local q = s == r, s < r end`,
    'a key': `${TEXT} local n = 0 while true do n = n + 1 local t = { [s .. n] = 1 } end`,
    'tonumber': 'local s = ("1"):rep(3e7) while true do tonumber(s) end',
    'tonumber of zeros': 'local s = "0." .. ("0"):rep(3e7) .. "1" while true do tonumber(s) end',
    'tonumber in base 16': 'local s = ("1"):rep(3e7) while true do tonumber(s, 16) end',
    'tonumber of blanks': 'local s = (" "):rep(3e7) while true do tonumber(s .. "1") end',
    'arithmetic': 'local s = ("1"):rep(3e7) while true do local q = s + 1 end',
    'error': again('pcall(error, s) pcall(function() error(s) end) pcall(assert, false, s)'),
    'a traceback': again('debug.traceback(s)'),
    'a name of a type': `${TEXT} local t = setmetatable({}, { __name = s }) while true do tostring(t) pcall(function() return t + 1 end) pcall(string.rep, t) end`,
    'a name of a field': again('pcall(function() local q = _ENV[s].y end)'),
    'a name of a chunk': `${TEXT} local f = load("x = 1", s) while true do debug.getinfo(f) load("x =", s) end`,
    'source: a comment': 'local s = "--" .. ("x"):rep(3e7) while true do load(s) end',
    'source: a text': `local s = 'return "' .. ("x"):rep(3e7) .. '"' while true do load(s) end`,
    'source: a long text': 'local s = "return [[" .. ("x\\n"):rep(1.5e7) .. "]]" while true do load(s) end',
    'source: a name': 'local s = "return " .. ("x"):rep(3e7) while true do load(s) end',
    'source in pieces': 'local p = ("x"):rep(1e6) while true do local n = 0 load(function() n = n + 1 if n < 30 then return p end end) end',
    'os.date': again('pcall(os.date, s)'),
    'os.date of conversions': 'local s = ("%c"):rep(1e6) while true do pcall(os.date, s) end',
    'print and write': again('print(s) io.write(s)'),
    'a warning': `${TEXT} warn("@on") while true do warn(s) end`,
  }, { ...LATE, options: { ...LATE.options, libraries: 'all', outputLimit: 2 ** 40 } }),
};
