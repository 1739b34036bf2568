/** Keys that would share a chain if hashes were simple or without a secret: a program that has them must not become slow. */
import { ending, type Kind } from '../program.ts';

/** 30,000 keys are set, read and removed; with chains as long as that it would take minutes. */
const family = (make: string): string => `local t, make = {}, ${make} for i = 1, 30000 do local k = make(i) t[k] = i end for i = 1, 30000 do local k = make(i) if t[k] == nil then error('lost') end end for i = 1, 30000 do t[make(i)] = nil end`;

const keys: Readonly<Record<string, string>> = {
  'i << 48': 'function(i) return i << 48 end',
  'i << 45 | 7': 'function(i) return i << 45 | 7 end',
  'i << 32': 'function(i) return i << 32 end',
  'i * 2^45 as floats': 'function(i) return i * 2.0 ^ 45 end',
  'i * 2^90': 'function(i) return i * 2.0 ^ 90 end',
  'fractions': 'function(i) return i + 0.5 end',
  'fractions of powers': 'function(i) return i / 65536 + 2.0 ^ -20 end',
  'i * 65537': 'function(i) return i * 65537 end',
  'multiples of the inverse of the golden ratio': 'function(i) return i * 0xf1de83e19937733d end',
  'packed pairs': 'function(i) return (i % 173) << 32 | i // 173 end',
  'negative numbers': 'function(i) return -i end',
  'long texts that count': `function(i) return ('key '):rep(12) .. i end`,
  'long texts of zeros': `(function() local s = ('\\0'):rep(30100) return function(i) return s:sub(1, 50 + i % 1000) .. i // 1000 end end)()`,
  'long texts with differences that cancel each other': `(function() local pack, unpack, rep = string.pack, table.unpack, string.rep return function(n)
     local w, carry = {}, 0
     for i = 1, 16 do local bit = i < 16 and (n >> (i - 1)) & 1 or 0 w[i] = 0x1111111111111111 * i ~ (bit == 1 and 1 << 63 or 0) ~ carry carry = bit == 1 and (1 << 63 | 1 << 31) or 0 end
     return pack('<' .. rep('i8', 16), unpack(w)) end end)()`,
  'short texts with differences that cancel each other': `(function() local pack = string.pack return function(n) return pack('<i8i8i8i4', n & 1 << 63, (n >> 1) << 31, n << 40, n) end end)()`,
  'short texts of high bits': `(function() local pack = string.pack return function(n) return pack('<i8i8', n << 48, n << 52) end end)()`,
  'tables': '(function() local all = {} for i = 1, 30000 do all[i] = {} end return function(i) return all[i] end end)()',
  'tables whose addresses were chosen': `(function() local all = {} for i = 1, 30000 do local t for k = 1, 8 do t = {} if tonumber(tostring(t):match('0x(%x+)'), 16) % 512 == 0 then break end end all[i] = t end return function(i) return all[i] end end)()`,
  'functions': '(function() local all = {} for i = 1, 30000 do all[i] = function() return i end end return function(i) return all[i] end end)()',
};

export const hashes: Kind = {
  name: 'hash collisions',
  programs: ending('none', Object.fromEntries(Object.entries(keys).map(([name, make]) => [name, family(make)])), { options: { memoryLimit: 128 << 20 } }),
};
