/** Formatting of floats against C's printf, by way of lua5.4. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { FLAG_ALTERNATE, FLAG_MINUS, FLAG_PLUS, FLAG_SPACE, FLAG_ZERO, formatFloat } from '../../src/engine/format-float.ts';
import { hasLua54 } from '../support/lua54.ts';

const FLAGS: readonly (readonly [char: string, flag: number])[] = [['-', FLAG_MINUS], ['+', FLAG_PLUS], [' ', FLAG_SPACE], ['#', FLAG_ALTERNATE], ['0', FLAG_ZERO]];

const VALUES = [
  0, -0, 1, -1, 0.5, 1.5, 2.5, 0.25, 0.125, 2.675, 1 / 3, 2 / 3, 0.1, 1e-7, 1e-5, 1e-4, 123456, 1234567, 999999.5, 0.00099995, 9.995, 99.95, 1e15, 1e16, 1e20, 1e21,
  1.5e21, 1e22, 1e100, 1.7976931348623157e308, 5e-324, 2.2250738585072014e-308, 4.35, 8.5, 1e23, 123.456, -123.456, 2 ** 53, 2 ** 63,
];

const SPECS = ['%.14g', '%g', '%e', '%f', '%.0f', '%.1f', '%.2f', '%.3g', '%.0e', '%.0g', '%.10g', '%.17g', '%.20f', '%.50e', '%10.2f', '%-10.2f', '%+.3f', '% .3f', '%010.3f', '%#.0f', '%#.8g', '%#.3g', '%G', '%E', '%.99f'];
const HEX_SPECS = ['%a', '%A', '%.0a', '%.3a', '%20a', '%-20a', '%+a', '%#a', '%020a'];

/** The arguments of formatFloat for a conversion specification. */
function format(spec: string, value: number): string {
  const [, flags = '', width = '', precision, conversion = ''] = /^%([-+ #0]*)(\d*)(?:\.(\d+))?([a-zA-Z])$/.exec(spec) ?? [];
  const bits = FLAGS.reduce((sum, [char, flag]) => (flags.includes(char) ? sum | flag : sum), 0);
  return formatFloat(value, conversion, bits, Number(width), precision === undefined ? -1 : Number(precision));
}

describe.skipIf(!hasLua54())('as lua5.4', () => {
  test.each([...SPECS, ...HEX_SPECS])('%s', (spec) => {
    // Numerals with 17 digits name each value exactly.
    const numerals = VALUES.map((value) => (Object.is(value, -0) ? '-0.0' : value.toExponential(16)));
    const code = `for _, v in ipairs{${numerals.join(',')}} do print(string.format('${spec}', v)) end`;
    const expected = execFileSync('lua5.4', ['-e', code], { encoding: 'utf8' }).split('\n').slice(0, -1);
    expect(VALUES.map((value) => format(spec, value))).toEqual(expected);
  });
});

test('infinities and NaN', () => {
  expect([format('%f', Infinity), format('%G', -Infinity), format('%5g', NaN), format('%05g', Infinity)]).toEqual(['inf', '-INF', '  nan', '  inf']);
});
