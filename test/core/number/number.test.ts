import { beforeAll, describe, expect, it } from 'vitest';
import { type LuaNumber, NumberCore } from './number-core.ts';
import { LUA54 } from '../../support/needs.ts';
import { bitsOf, floatOf, patterns, referenceLines } from './reference-lua.ts';

let core: NumberCore;
beforeAll(async () => {
  core = await NumberCore.create();
});

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** Floats of all sizes: random bit patterns, few decimals, near powers of ten and of two, halves. */
function floats(): number[] {
  const values: number[] = [0, -0, 0.1, 0.5, 1 / 3, 2.5, 1e15, 123456.789e3, 99999999999999.5, 9999999999999.95, 1e14, 1e14 - 0.5, 1e14 - 0.75, 1e14 - 0.25, 1e14 - 1, 0.75 - 1e14, 1e13 - 0.25, 5e-324];
  for (const pattern of patterns(3000)) {
    values.push(floatOf(pattern));
    const fraction = Number(pattern >> 11n) / 2 ** 53;
    values.push(fraction, fraction * 10 ** Number(pattern & 15n), Number(pattern % 100000n) / 100, Number(pattern & 0xffffn) / 64);
  }
  for (let e = -20; e < 20; e++) for (const d of [1, 9.9999999999999, 9.99999999999995, 4.99999999999999, 1.00000000000005]) values.push(d * 10 ** e, -d * 10 ** e);
  return values.filter((value) => !Number.isNaN(value));
}

describe('tostring of numbers', () => {
  it('writes integers', () => {
    for (const value of [0n, 7n, -1n, 10n, 99n, 100n, 12345678901n, MAX, MIN]) expect(core.format(value)).toBe(value.toString());
    for (const pattern of patterns(500)) {
      const value = BigInt.asIntN(64, pattern) >> (pattern & 63n);
      expect(core.format(value)).toBe(value.toString());
    }
  });

  it('marks floats that look like integers and prints signs of zero and NaN', () => {
    expect([1, -0, 1e15, 2 ** 53, 1e100, 0.1, -1.5, 1.23456789012347, 1e-5, 123e-7].map((value) => core.format(value))).toEqual([
      '1.0', '-0.0', '1e+15', '9.007199254741e+15', '1e+100', '0.1', '-1.5', '1.2345678901235', '1e-05', '1.23e-05',
    ]);
    expect([Infinity, -Infinity].map((value) => core.format(value))).toEqual(['inf', '-inf']);
    expect([0x7ff8000000000000n, 0xfff8000000000000n].map((value) => core.formatBits(value))).toEqual(['nan', '-nan']);
  });

  it.skipIf(LUA54.isMissing)(LUA54.title('writes floats as the reference does'), () => {
    const values = floats();
    const list = values.map((value) => `0x${bitsOf(value).toString(16)}`).join(',\n');
    const expected = referenceLines(`for _, bits in ipairs{${list}} do print((string.unpack('<d', string.pack('<i8', bits)))) end`);
    expect(values.map((value) => core.format(value))).toEqual(expected);
  });
});

describe('reading numerals', () => {
  const numerals = [
    '0', '-0', '+1', ' 12 ', '\t\n12\v\f\r', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809', '1e', '1e+5',
    '1E-2', '.5', '5.', '.', '', ' ', '-', '--1', '- 1', '1 2', '0x', '0x.', '0x.p1', '0x1p', '0x1p4', '0x1p-4', '0X.8', '0xA.8p1', '0xffffffffffffffffff',
    '-0xff', '0x7fffffffffffffff', '0x8000000000000000', 'inf', 'nan', 'Infinity', '1_0', '1e400', '1e-400', '-1e-400', '0e99999999999', '0x1p99999', '0x0p99999', '0x1p-99999',
    '1.7976931348623157e308', '1.7976931348623159e308', '4.9e-324', '2.4e-324', '2.5e-324', '123456789012345678901234567890', '0.000000000000000000000000000001',
    '9007199254740993', '9007199254740993.0', '9007199254740992.5', '0x1.fffffffffffff8p0', '0x1.fffffffffffff7p0', '0x0.0000000000001p-1022', '0x0.00000000000008p-1022',
    '0x0.00000000000008000001p-1022', '0x1.00000000000008p0', '0x1.000000000000080000000001p0', '0x20000000000001.', '0x20000000000003.', '1e1.5', '1..2', '1\0', '\x001', '1e+', '1f',
    '100000000000000000000000', '1e22', '1e23', '8.5e22', '3.14159265358979323846264338327950288', '0x1p-1074', '0x1p-1075', '0x1.8p-1075', '0x1p1024', '0x1.fffffffffffff8p1023',
  ];

  it.skipIf(LUA54.isMissing)(LUA54.title('reads what tonumber reads'), () => {
    const quoted = (text: string) => `"${text.replace(/[^ -~]/g, (char) => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`)}"`;
    const more: string[] = [];
    for (const pattern of patterns(1500, 7n)) {
      const value = floatOf(pattern);
      if (Number.isFinite(value)) more.push(String(value), value.toExponential(20), `${pattern}.${pattern}`, `0x${pattern.toString(16)}.${pattern.toString(16)}p${(pattern & 0x7ffn) - 1100n}`);
    }
    const all = [...numerals, ...more];
    const expected = referenceLines(
      `for _, s in ipairs{${all.map(quoted).join(',\n')}} do local v = tonumber(s)
       print(v == nil and 'nil' or math.type(v) == 'integer' and tostring(v) or string.format('%016x', (string.unpack('<i8', string.pack('<d', v))))) end`,
    );
    const shown = (value: LuaNumber | undefined): string =>
      value === undefined ? 'nil' : typeof value === 'bigint' ? value.toString() : bitsOf(value).toString(16).padStart(16, '0');
    expect(all.map((numeral) => [numeral, shown(core.parse(numeral))])).toEqual(all.map((numeral, i) => [numeral, expected[i]]));
  });

  it('reads mantissas of every length with every exponent', () => {
    const wrong: string[] = [];
    [...patterns(20, 11n)].forEach((pattern, length) => {
      const mantissas = [String(1n + (pattern % 10n ** BigInt(length))), '9'.repeat(length || 1), `1${'0'.repeat(length)}1`];
      for (let exponent = -345; exponent <= 310; exponent++) {
        for (const mantissa of mantissas) {
          const numeral = `${mantissa}e${exponent}`;
          if (!Object.is(core.parse(numeral), Number(numeral))) wrong.push(numeral);
        }
      }
    });
    expect(wrong).toEqual([]);
  });

  it('rejects words for infinities and digits of other bases', () => {
    for (const text of ['inf', 'nan', '0b1', '0o7', 'ff', '0xg']) expect(core.parse(text)).toBeUndefined();
  });
});

describe('integer arithmetic', () => {
  it('floors division and takes the sign of the divisor', () => {
    for (const [a, b, quotient, rest] of [[7n, 2n, 3n, 1n], [-7n, 2n, -4n, 1n], [7n, -2n, -4n, -1n], [-7n, -2n, 3n, -1n], [6n, -3n, -2n, 0n], [MIN, -1n, MIN, 0n], [MIN, 1n, MIN, 0n], [MAX, MIN, -1n, -1n]] as const) {
      expect(core.exports.integerDivide(a, b)).toBe(quotient);
      expect(core.exports.integerModulo(a, b)).toBe(rest);
    }
  });

  it('shifts out all bits at 64 and turns round for negative counts', () => {
    const { shiftLeft, shiftRight } = core.exports;
    expect([shiftLeft(1n, 63n), shiftLeft(1n, 64n), shiftLeft(-1n, -63n), shiftLeft(-1n, -64n), shiftLeft(1n, MIN), shiftLeft(5n, 0n)]).toEqual([MIN, 0n, 1n, 0n, 0n, 5n]);
    expect([shiftRight(-1n, 63n), shiftRight(-1n, 64n), shiftRight(1n, -63n), shiftRight(1n, -64n), shiftRight(1n, MIN)]).toEqual([1n, 0n, MIN, 0n, 0n]);
  });
});

describe('float arithmetic', () => {
  it('takes the sign of the divisor and keeps infinities', () => {
    const { modulo, floorDivide } = core.exports;
    const cases = [[5.5, 2, 1.5], [-5.5, 2, 0.5], [5.5, -2, -0.5], [-6, 3, -0], [6, -3, 0], [5, Infinity, 5], [-5, Infinity, Infinity], [5, -Infinity, -Infinity], [-5, -Infinity, -5], [1e308, 3, 2], [0.3, 0.1, 0.3 % 0.1], [2 ** 70, 3, 1]] as const;
    for (const [a, b, expected] of cases) expect(modulo(a, b)).toBe(expected);
    for (const [a, b] of [[1, 0], [Infinity, 2], [NaN, 1], [1, NaN]] as const) expect(modulo(a, b)).toBeNaN();
    expect([floorDivide(7, 2), floorDivide(-7, 2), floorDivide(1, 0), floorDivide(-1, Infinity)]).toEqual([3, -4, Infinity, -0]);
  });

  it('raises to powers as C does', () => {
    const { pow } = core.exports;
    expect([pow(1, NaN), pow(-1, Infinity), pow(-1, -Infinity), pow(NaN, 0), pow(2, 10), pow(3, 2), pow(-2, 3), pow(4, 0.5), pow(2, -1), pow(-0, -3), pow(0, -2)]).toEqual([
      1, 1, 1, 1, 1024, 9, -8, 2, 0.5, -Infinity, Infinity,
    ]);
    expect(pow(-8, 1 / 3)).toBeNaN();
  });

  it.skipIf(LUA54.isMissing)(LUA54.title('agrees with the reference, powers nearly always to the last bit'), () => {
    const pairs: [number, number][] = [];
    const seeds = [...patterns(4000, 3n)];
    for (let i = 0; i < seeds.length; i += 2) {
      const a = Number(seeds[i]! >> 11n) / 2 ** 53;
      const b = Number(seeds[i + 1]! >> 11n) / 2 ** 53;
      pairs.push([a * 100, b * 20 - 10], [a * 1e6 - 5e5, b * 10], [a * 2, Number(seeds[i + 1]! % 40n)], [floatOf(seeds[i]!), floatOf(seeds[i + 1]!)]);
    }
    const usable = pairs.filter(([a, b]) => !Number.isNaN(a) && !Number.isNaN(b));
    const hex = (value: number) => `0x${bitsOf(value).toString(16)}`;
    const expected = referenceLines(
      `local function f(bits) return (string.unpack('<d', string.pack('<i8', bits))) end
       local function show(v) return v ~= v and 'nan' or string.format('%016x', (string.unpack('<i8', string.pack('<d', v)))) end
       for _, p in ipairs{${usable.map(([a, b]) => `{${hex(a)},${hex(b)}}`).join(',\n')}} do
         local a, b = f(p[1]), f(p[2]) print(show(a % b) .. ' ' .. show(a // b) .. ' ' .. show(a ^ b)) end`,
    );
    const shown = (value: number) => (Number.isNaN(value) ? 'nan' : bitsOf(value).toString(16).padStart(16, '0'));
    const { modulo, floorDivide, pow } = core.exports;
    const [divisions, powers] = [0, 1].map((part) => expected.map((line) => (part ? line.slice(line.lastIndexOf(' ') + 1) : line.slice(0, line.lastIndexOf(' ')))));
    expect(usable.map(([a, b]) => `${shown(modulo(a, b))} ${shown(floorDivide(a, b))}`)).toEqual(divisions);
    // C libraries use fused multiply-adds where the processor has them, Wasm has none: one result in a thousand differs in the last bit.
    const different = usable.map(([a, b], i) => [shown(pow(a, b)), powers?.[i] as string]).filter(([ours, theirs]) => ours !== theirs);
    expect(different.length).toBeLessThan(usable.length / 500);
    for (const [ours, theirs] of different) expect(Math.abs(Number(BigInt(`0x${ours}`) - BigInt(`0x${theirs}`)))).toBe(1);
  });
});

describe('comparisons of integers with floats', () => {
  const integers = [0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, MAX, MAX - 1n, MIN, MIN + 1n];
  const values = [0, -0, 0.5, -0.5, 1, 2 ** 53, 2 ** 53 + 2, 2 ** 63, -(2 ** 63), 2 ** 63 - 1024, -(2 ** 63) - 2048, 1e300, -1e300, Infinity, -Infinity];

  it('are exact', () => {
    const { lessIntFloat, lessEqualIntFloat, lessFloatInt, lessEqualFloatInt, equalIntFloat } = core.exports;
    for (const i of integers) {
      for (const f of values) {
        // BigInt and number compare exactly in JS.
        expect([lessIntFloat(i, f), lessEqualIntFloat(i, f), lessFloatInt(f, i), lessEqualFloatInt(f, i), equalIntFloat(i, f)].map(Boolean)).toEqual([
          // biome-ignore lint/suspicious/noDoubleEquals: the exact comparison of a bigint with a number
          i < f, i <= f, f < i, f <= i, i == (f as unknown as bigint),
        ]);
      }
      for (const compare of [lessIntFloat, lessEqualIntFloat, equalIntFloat]) expect(compare(i, NaN)).toBe(0);
      for (const compare of [lessFloatInt, lessEqualFloatInt]) expect(compare(NaN, i)).toBe(0);
    }
  });

  it('tells floats with an exact integer value', () => {
    const { hasExactInt } = core.exports;
    expect([1, -0, 2 ** 62, -(2 ** 63)].map((f) => hasExactInt(f))).toEqual([1, 1, 1, 1]);
    expect([0.5, 2 ** 63, 1e300, Infinity, -Infinity, NaN].map((f) => hasExactInt(f))).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('numeric for', () => {
  it('counts iterations of integer loops beforehand', () => {
    expect(core.forPrepare(1n, 10n, 1n)).toEqual([1n, 9n, 1n, 1n]);
    expect(core.forPrepare(1n, 10n, 3n)).toEqual([1n, 3n, 3n, 1n]);
    expect(core.forPrepare(10n, 1n, -4n)).toEqual([10n, 2n, -4n, 10n]);
    expect(core.forPrepare(MIN, MAX, 1n)).toEqual([MIN, -1n, 1n, MIN]);
    expect(core.forPrepare(MAX, MIN, MIN)).toEqual([MAX, 1n, MIN, MAX]);
    expect(core.forPrepare(2n, 1n, 1n)).toBeUndefined();
  });

  it('clips float limits of integer loops', () => {
    expect(core.forPrepare(1n, 3.9, 1n)).toEqual([1n, 2n, 1n, 1n]);
    expect(core.forPrepare(-1n, -3.9, -1n)).toEqual([-1n, 2n, -1n, -1n]);
    expect(core.forPrepare(MAX - 1n, Infinity, 1n)).toEqual([MAX - 1n, 1n, 1n, MAX - 1n]);
    for (const [limit, step] of [[-Infinity, 1n], [Infinity, -1n], [NaN, 1n], [NaN, -1n], [-1e300, 1n]] as const) expect(core.forPrepare(1n, limit, step)).toBeUndefined();
  });

  it('turns loops with a float start or step into float loops', () => {
    expect(core.forPrepare(1, 2n, 1n)).toEqual([1, 2, 1, 1]);
    expect(core.forPrepare(1n, 2n, 0.5)).toEqual([1, 2, 0.5, 1]);
    expect(core.forPrepare(1, NaN, 1)).toEqual([1, NaN, 1, 1]);
    expect(core.forPrepare(3, 2, 1)).toBeUndefined();
  });

  it('refuses a zero step', () => {
    expect(() => core.forPrepare(1n, 2n, 0n)).toThrow("'for' step is zero");
    expect(() => core.forPrepare(1, 2, 0)).toThrow("'for' step is zero");
  });
});
