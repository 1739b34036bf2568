/** Values of numerals, in all spellings. */
import { describe, expect, it } from 'vitest';
import type { Constant } from '../../support/prototype.ts';
import { compileText, errorOf, listCode } from './compile-text.ts';

/** What a numeral is among the constants. */
const numeralValue = (numeral: string): Constant | undefined => compileText(`x = ${numeral}`).constants[1];

describe('integers', () => {
  it.each([
    ['0', 0n],
    ['007', 7n],
    ['9007199254740993', 9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['0xff', 255n],
    ['0XA', 10n],
    ['0x7fffffffffffffff', 9223372036854775807n],
    ['0xffffffffffffffff', -1n],
    ['0x1ffffffffffffffff', -1n],
    ['0x123456789abcdef01', 0x23456789abcdef01n],
  ])('%s', (text, value) => {
    expect(numeralValue(text)).toBe(value);
  });
});

describe('floats', () => {
  it.each([
    ['3.', 3],
    ['.5', 0.5],
    ['3.25', 3.25],
    ['1e2', 100],
    ['1E+2', 100],
    ['5e-324', 5e-324],
    ['1e999', Number.POSITIVE_INFINITY],
    ['9223372036854775808', 2 ** 63],
    ['123456789012345678901234567890', 1.2345678901234568e29],
    ['0x.8', 0.5],
    ['0x8.', 8],
    ['0xA.8p1', 21],
    ['0x1p4', 16],
    ['0x1P-2', 0.25],
    ['0x.1p4', 1],
    ['0x0p99999', 0],
    ['0x1p99999', Number.POSITIVE_INFINITY],
    ['0x1p-1074', 5e-324],
    ['0x1p-1075', 0],
    ['0x1.8p-1075', 5e-324],
    ['0x1.fffffffffffff8p0', 2],
    ['0x1.fffffffffffff7p0', 1.9999999999999998],
    ['0x10000000000000.8p0', 2 ** 52],
    ['0x10000000000001.8p0', 2 ** 52 + 2],
    ['0x1.fffffffffffff7p1023', Number.MAX_VALUE],
    ['0x1.fffffffffffff8p1023', Number.POSITIVE_INFINITY],
  ])('%s', (text, value) => {
    expect(numeralValue(text)).toBe(value);
  });
});

describe('malformed numerals', () => {
  it.each(['0x', '0x.', '0xp1', '1e', '1e+', '0x1p', '1..2', '1.2.', '1_', '0b1', '1n', '0x1p1.'])('%j', (text) => {
    expect(errorOf(`x = ${text}`)).toBe(`c:1: malformed number near '${text}'`);
  });
});

describe('numerals in code', () => {
  it('load small numbers without a constant', () => {
    expect(listCode('local a, b, c, d, e = 1, -2147483647, 2147483648, 3.0, 0.5')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADI 0 1
      2 LOADI 1 -2147483647
      3 LOADK 2 K0 ; 2147483648
      4 LOADF 3 3
      5 LOADK 4 K1 ; 0.5
      6 RETURN 0 1 1"
    `);
  });

  it('keep integers and floats apart among the constants', () => {
    expect(compileText('local a; return a + 1, a + 1.0').constants).toEqual([1n, 1]);
  });
});
