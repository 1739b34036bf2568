/** Formatting of floats against C's printf, by way of lua5.4. */
import { describe, expect, test } from 'vitest';
import { createVm } from '../../../src/api/index-node.ts';
import { LUA54 } from '../../support/needs.ts';
import { patterns, referenceLines } from './reference-lua.ts';

const SPECS = [
  '%.14g', '%g', '%e', '%f', '%.0f', '%.1f', '%.2f', '%.3g', '%.0e', '%.0g', '%.10g', '%.17g', '%.18g', '%.20f', '%.50e', '%.99g', '%10.2f', '%-10.2f', '%+.3f', '% .3f',
  '%010.3f', '%-010.3f', '%#.0f', '%#.8g', '%#.3g', '%#g', '%#.0e', '%G', '%E', '%.99f', '%.16f', '%.17f', '%a', '%A', '%.0a', '%.3a', '%.15a', '%20a', '%-20a', '%+a', '%#a', '%020a', '%+020A',
];

/** Values as hexadecimal floats: special ones, ties, the neighbours of powers of ten and two, random bits, and short decimals. */
const values = `
local values = {0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, 0.25, 0.125, 2.675, 1 / 3, 2 / 3, 0.1, 1e-7, 1e-5, 1e-4, 123456.0, 1234567.0, 999999.5, 0.00099995, 9.995, 99.95, 1e15, 1e16,
  1e20, 1e21, 1.5e21, 1e22, 1e100, 1.7976931348623157e308, 5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, 4.35, 8.5, 1e23, 123.456, -123.456, 0x1p53, 0x1p63, 0x1p64, 0x1p1023, 0x1p-1022,
  0x1p-1074, 0x1.8p-1074, 0x1.8p-1, 1 / 0, -1 / 0, 0 / 0, -(0 / 0), 0.5e-6, 5e-7, 1.5e-6, 0.95, 0.05, 0.005, 9.5, 99.5, 999999999999999.9, 99999999999999.95, 4503599627370497.5}
for e = -25, 25 do for _, d in ipairs{1, 5, 9.9999999999999, 9.99999999999995, 4.99999999999999, 1.00000000000005, 2.5, 7.5} do values[#values + 1] = d * 10.0 ^ e end end
for _, bits in ipairs{${[...patterns(400, 5n)].map((pattern) => `0x${pattern.toString(16)}`).join(',')}} do
  local value = string.unpack('<d', string.pack('<i8', bits))
  if value == value then values[#values + 1] = value end
  values[#values + 1] = (bits >> 11) / 64.0
  values[#values + 1] = (bits >> 40) / 1024.0
end`;

describe.skipIf(LUA54.isMissing)(LUA54.title('as lua5.4'), () => {
  test.each(SPECS)('%s', (spec) => {
    const script = `${values}\nlocal lines = {} for i, value in ipairs(values) do lines[i] = string.format('${spec}', value) end `;
    const [text] = createVm().doString(`${script} return table.concat(lines, '\\n')`);
    const expected = referenceLines(`${script} print(table.concat(lines, '\\n'))`);
    // With #g, glibc 2.36 forgets the zeros where rounding up makes it an exponent: 1.e+06 for 999999.5.
    const counts = (_: string, i: number): boolean => !(/#.*g/.test(spec) && /^-?\d\.e/.test(expected[i] ?? ''));
    expect(String(text).split('\n').filter(counts)).toEqual(expected.filter(counts));
  });
});
