/** Random calls of the library functions that interpret small languages: patterns, formats, pack formats, numerals. */
import type { Random } from '../random.ts';
import { quote } from './compare.ts';

const many = (random: Random, low: number, high: number, make: () => string): string => Array.from({ length: random.integer(low, high) }, make).join('');

const LETTERS = ['a', 'b', 'x', ' ', '1', '(', ')', '[', '.', '\0', '\xff', '-'];

const subject = (random: Random): string =>
  random.chance(0.1) ? many(random, 0, 3, () => random.pick(['aab', '(a(b)', 'key=val ', 'x1y22'])).slice(0, 24) : many(random, 0, 16, () => random.pick(LETTERS));

const setMember = (random: Random): string =>
  random.weighted([[6, random.pick(LETTERS)], [2, `${random.pick(['a', '0', 'A'])}-${random.pick(['z', '9', 'f', ']'])}`], [2, `%${random.pick(['a', 'd', 'w', 'S', ']', '%', '-', 's'])}`], [1, '^'], [1, ']'], [1, '-']]);

function patternItem(random: Random, depth = 0): string {
  const nested = (): string => (depth < 3 ? many(random, 0, 2, () => patternItem(random, depth + 1)) : '');
  const item = random.weighted([
    [6, random.pick(LETTERS.slice(0, 5))],
    [3, '.'],
    [5, `%${random.pick(['a', 'c', 'd', 'g', 'l', 'p', 's', 'u', 'w', 'x', 'A', 'D', 'S', 'W', 'z', '.', '%', ')', 'q', '\0'])}`],
    [4, `[${random.chance(0.3) ? '^' : ''}${many(random, 0, 3, () => setMember(random))}]`],
    [2, `%f[${many(random, 1, 2, () => setMember(random))}]`],
    [2, `%b${random.pick(['()', 'ab', '<>', '(', ''])}`],
    [2, `%${random.integer(0, 3)}`],
    [3, `(${nested()})`],
    [1, '()'],
    [1, random.pick(['(', ')', '[', '%', ']', '[^', '[]', '[^]', '%f', '^', '$', '\0'])],
  ]);
  return random.chance(0.3) ? item + random.pick(['*', '+', '-', '?']) : item;
}

const pattern = (random: Random): string => (random.chance(0.2) ? '^' : '') + many(random, 0, 5, () => patternItem(random)) + (random.chance(0.15) ? '$' : '');

const position = (random: Random): string => random.pick(['1', '2', '0', '-1', '-3', '100', 'nil', '5', 'math.mininteger', 'math.maxinteger', '"3"', '2.0']);

function patternCase(random: Random): string {
  const s = quote(subject(random));
  const p = quote(pattern(random));
  switch (random.integer(0, 5)) {
    case 0:
      return `string.find, ${s}, ${p}, ${position(random)}, ${random.pick(['nil', 'nil', 'true', 'false'])}`;
    case 1:
      return `string.match, ${s}, ${p}, ${position(random)}`;
    case 2:
      return `function(s, p, i) local out = {} for a, b, c in string.gmatch(s, p, i) do out[#out + 1] = tostring(a) .. "," .. tostring(b) .. "," .. tostring(c) end return concat(out, ";") end, ${s}, ${p}, ${position(random)}`;
    case 3:
      return `string.gsub, ${s}, ${p}, ${quote(many(random, 0, 4, () => random.pick(['%0', '%1', '%2', '%%', 'z', '<', '%', '%9', '\0', '%a'])))}, ${random.pick(['nil', 'nil', '0', '1', '2', '-1'])}`;
    case 4:
      return `string.gsub, ${s}, ${p}, ${random.pick(['{a="1", b=false, ab=7, [1]="one", [""]="e"}', 'setmetatable({}, {__index=function(t, k) return k ~= "b" and "<" .. k .. ">" end})', '{a={}}'])}`;
    default:
      return `string.gsub, ${s}, ${p}, ${random.pick(['function(a, b) if a ~= "x" then return b or a end end', 'string.upper', 'function() return {} end', 'function() return false end', 'function(...) return select("#", ...) end'])}`;
  }
}

const INTEGERS = ['0', '1', '-1', '42', '255', '256', '-128', '-129', '65535', '2147483648', 'math.maxinteger', 'math.mininteger', '3.0', '"12"', '2^53', '1.5'];
const FLOATS = ['0.0', '-0.0', '1.5', '-2.25', '0.1', '1e15', '123456789.123', '1e100', '1e-10', '2^-1074', '2^1023', '1/0', '-1/0', '0.5', '2.5', '1e16', '5e-324', '99999999999999.25'];
const VALUES = [...INTEGERS, ...FLOATS, '"text"', '"a\\0b"', '""', '"long text of more than a few letters"', 'nil', 'true', '{}', 'print'];

function formatCase(random: Random): string {
  const directives = Array.from({ length: random.integer(1, 3) }, () => {
    const flags = many(random, 0, 2, () => random.pick(['-', '+', ' ', '#', '0', '0']));
    const width = random.chance(0.4) ? String(random.pick([1, 5, 10, 20, 99, 100, 7])) : '';
    const precision = random.chance(0.4) ? `.${random.pick(['', '0', '1', '3', '5', '14', '20', '99', '100'])}` : '';
    const conversion = random.weighted([[4, 'd'], [1, 'i'], [1, 'u'], [1, 'c'], [2, 'x'], [1, 'X'], [1, 'o'], [2, 'a'], [1, 'A'], [2, 'e'], [1, 'E'], [3, 'f'], [1, 'F'], [3, 'g'], [1, 'G'], [3, 's'], [2, 'q'], [1, '%'], [1, 'p'], [1, random.pick(['y', 'l', '', '\0', '.', 'hd'])]]);
    const kind = /[diuxXoc]/.test(conversion) ? INTEGERS : /[aAeEfgG]/.test(conversion) ? FLOATS : VALUES;
    return { text: `%${flags}${width}${precision}${conversion}`, value: random.pick(random.chance(0.9) ? kind : VALUES) };
  });
  const text = directives.map((directive) => directive.text + many(random, 0, 2, () => random.pick(['.', ' ', '%%', '\0', 'é']))).join('');
  // Addresses differ from run to run.
  const values = directives.map(({ text: directive, value }) => (/[sqp]$/.test(directive) && /^(\{\}|print)$/.test(value) ? '1' : directive.endsWith('p') ? '1' : value));
  return `string.format, ${[quote(text), ...values.slice(0, random.integer(0, 9) === 0 ? 0 : undefined)].join(', ')}`;
}

const packOption = (random: Random): string =>
  random.weighted([
    [8, random.pick(['b', 'B', 'h', 'H', 'i', 'I', 'l', 'L', 'j', 'J', 'T', 'f', 'd', 'n', 'z', 's', 'x'])],
    [4, `${random.pick(['i', 'I', 's'])}${random.pick([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 0, 99])}`],
    [2, `c${random.pick(['', '0', '1', '3', '8', '20'])}`],
    [3, random.pick(['<', '>', '=', '!', '!1', '!2', '!4', '!8', '!16', '!3', ' '])],
    [2, `X${random.pick(['i4', 'd', 'b', 'i3', '', 'c2', 'X'])}`],
    [1, random.pick(['y', '\0', '-', '1', 'c2147483647', 'i2147483648'])],
  ]);

function packCase(random: Random): string {
  const options = Array.from({ length: random.integer(0, 6) }, () => packOption(random));
  const format = quote(options.join(''));
  switch (random.integer(0, 4)) {
    case 0:
      return `string.packsize, ${format}`;
    case 1:
    case 2: {
      const values = options.map((option) => (/^[bBhHiIlLjJT]/.test(option) ? random.pick(INTEGERS) : /^[fdn]/.test(option) ? random.pick(FLOATS) : random.pick(VALUES)));
      return `string.pack, ${[format, ...values].join(', ')}`;
    }
    default:
      return `string.unpack, ${format}, ${quote(many(random, 0, 30, () => String.fromCharCode(random.chance(0.5) ? random.pick([0, 1, 2, 3, 255, 128, 127]) : random.integer(0, 255))))}, ${position(random)}`;
  }
}

function numeral(random: Random): string {
  const digit = (): string => random.pick(['0', '1', '9', '5', '7', '3']);
  const hex = (): string => random.pick(['0', '1', 'f', 'A', '8', '7']);
  const form = random.integer(0, 5);
  if (form === 0) return many(random, 0, 40, digit);
  if (form === 1) return `0x${many(random, 0, 25, hex)}${random.chance(0.5) ? `.${many(random, 0, 25, hex)}` : ''}${random.chance(0.5) ? `p${random.pick(['', '+', '-'])}${random.integer(0, 1200)}` : ''}`;
  if (form === 2) return `${many(random, 0, 25, digit)}.${many(random, 0, 25, digit)}${random.chance(0.6) ? `e${random.pick(['', '+', '-'])}${random.integer(0, 340)}` : ''}`;
  if (form === 3) return `${random.integer(1, 9)}${many(random, 15, 20, digit)}e${random.integer(-340, 300)}`;
  if (form === 4) return many(random, 0, 8, () => random.pick(['0', 'x', '.', 'e', 'p', '+', '-', '1', ' ', 'inf', 'nan', '_', '\0', '\t']));
  return `${random.pick([' ', '\t\n', '', '-', '+', '- '])}${many(random, 1, 12, digit)}${random.pick([' ', '', '\0', '.', 'e', 'x'])}`;
}

function numeralCase(random: Random): string {
  const text = random.chance(0.3) ? random.pick(['-', ' -', '+', '']) + numeral(random) : numeral(random);
  switch (random.integer(0, 3)) {
    case 0:
      return `tonumber, ${quote(text)}, ${random.pick(['2', '8', '10', '16', '36', '37', '1', 'nil'])}`;
    case 1:
      return `function(x) return tostring(tonumber(x)) end, ${quote(text)}`;
    case 2:
      return `function(x) return x + 0, x | 0 end, ${quote(text)}`;
    default:
      return `tonumber, ${quote(text)}`;
  }
}

export const LIBRARY_CASES = { patterns: patternCase, formats: formatCase, pack: packCase, numerals: numeralCase } as const;
