/**
 * C's printf for floats: conversions a A e E f F g G with flags, width and precision, exact to the last digit.
 *
 * The decimal digits come from the number's exact value (a BigInt fraction) wherever JS's own formatting is not exact: toFixed gives
 * up at 1e21, all of them at 100 digits, and toPrecision rounds halves up where C rounds halves to even (exact ties only).
 */

export const FLAG_MINUS = 1;
export const FLAG_PLUS = 2;
export const FLAG_SPACE = 4;
export const FLAG_ALTERNATE = 8;
export const FLAG_ZERO = 16;

const bits = new DataView(new ArrayBuffer(8));

/** Splits a finite non-negative float into mantissa * 2^exponent. */
function split(value: number): { mantissa: bigint; exponent: number; raw: number } {
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const raw = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  return raw === 0 ? { mantissa: fraction, exponent: -1074, raw } : { mantissa: fraction | (1n << 52n), exponent: raw - 1075, raw };
}

/** value * 10^digits, rounded half to even, as an integer. `digits` may be negative. */
function scaledDecimal(value: number, digits: number): bigint {
  const { mantissa, exponent } = split(value);
  let numerator = mantissa;
  let denominator = 1n;
  if (digits >= 0) numerator *= 10n ** BigInt(digits);
  else denominator *= 10n ** BigInt(-digits);
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  return twice > denominator || (twice === denominator && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

/** %f without sign. */
function fixed(value: number, precision: number, alternate: boolean): string {
  const digits = scaledDecimal(value, precision).toString().padStart(precision + 1, '0');
  const whole = digits.slice(0, digits.length - precision);
  if (precision === 0) return alternate ? `${whole}.` : whole;
  return `${whole}.${digits.slice(digits.length - precision)}`;
}

/** Digits and decimal exponent of what toExponential gave. */
function parseExponential(text: string): { digits: string; exponent: number } {
  const mark = text.indexOf('e');
  return { digits: text[0] + text.slice(2, mark), exponent: Number(text.slice(mark + 1)) };
}

const SMALLEST_NORMAL = 2 ** -1022;

/** `count` significant digits and the decimal exponent of the first. */
function significant(value: number, count: number): { digits: string; exponent: number } {
  if (value === 0) return { digits: '0'.repeat(count), exponent: 0 };
  const shortest = parseExponential(value.toExponential());
  // Up to 15 digits survive the way through a normal double, so few digits are the rounded ones.
  if (count <= 15 && value >= SMALLEST_NORMAL && shortest.digits.length <= count) return { digits: shortest.digits.padEnd(count, '0'), exponent: shortest.exponent };
  // JS rounds ties up, C to even; a tie shows as a 5 in the next digit.
  if (count < 100 && !parseExponential(value.toExponential(count)).digits.endsWith('5')) return parseExponential(value.toExponential(count - 1));
  // The shortest digits may name a power of ten that the value itself does not reach.
  let exponent = parseExponential(value.toExponential(30)).exponent;
  let digits = scaledDecimal(value, count - 1 - exponent).toString();
  // Rounding may have carried into one more digit.
  if (digits.length > count) {
    exponent += 1;
    digits = digits.slice(0, count);
  }
  return { digits, exponent };
}

function exponentText(exponent: number): string {
  const sign = exponent < 0 ? '-' : '+';
  return `e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** %e without sign. */
function exponential(value: number, precision: number, alternate: boolean): string {
  const { digits, exponent } = significant(value, precision + 1);
  const point = precision > 0 || alternate ? '.' : '';
  return `${digits[0]}${point}${digits.slice(1)}${exponentText(exponent)}`;
}

const stripZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

/** %g without sign. */
function general(value: number, precision: number, alternate: boolean): string {
  const count = precision === 0 ? 1 : precision;
  const { digits, exponent } = significant(value, count);
  if (exponent < -4 || exponent >= count) {
    const mantissa = `${digits[0]}${count > 1 || alternate ? '.' : ''}${digits.slice(1)}`;
    return (alternate ? mantissa : stripZeros(mantissa)) + exponentText(exponent);
  }
  let text: string;
  if (exponent < 0) text = `0.${'0'.repeat(-exponent - 1)}${digits}`;
  else text = `${digits.slice(0, exponent + 1)}${count > exponent + 1 || alternate ? '.' : ''}${digits.slice(exponent + 1)}`;
  return alternate ? text : stripZeros(text);
}

/** %a without sign. */
function hexadecimal(value: number, precision: number, alternate: boolean): string {
  const { mantissa, raw } = split(value);
  let exponent = raw === 0 ? -1022 : raw - 1023;
  if (value === 0) exponent = 0;
  let significand = mantissa;
  let digits = 13;
  if (precision >= 0 && precision < 13) {
    const shift = BigInt(4 * (13 - precision));
    const rest = significand & ((1n << shift) - 1n);
    significand >>= shift;
    const half = 1n << (shift - 1n);
    if (rest > half || (rest === half && (significand & 1n) === 1n)) significand += 1n;
    digits = precision;
  }
  const lead = (significand >> BigInt(4 * digits)).toString(16);
  let fraction = digits === 0 ? '' : (significand & ((1n << BigInt(4 * digits)) - 1n)).toString(16).padStart(digits, '0');
  fraction = precision < 0 ? fraction.replace(/0+$/, '') : fraction.padEnd(precision, '0');
  const point = fraction !== '' || alternate ? '.' : '';
  return `0x${lead}${point}${fraction}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}

/** Digits of a finite non-negative number. `conversion` is lower case. */
function magnitude(value: number, conversion: string, precision: number, alternate: boolean): string {
  switch (conversion) {
    case 'a':
      return hexadecimal(value, precision, alternate);
    case 'e':
      return exponential(value, precision, alternate);
    case 'f':
      return fixed(value, precision, alternate);
    default:
      return general(value, precision, alternate);
  }
}

/** JS's own formatting where it is exact and quick, which is nearly always; undefined elsewhere. */
function quickFormat(value: number, conversion: string, precision: number): string | undefined {
  if (conversion === 'g' && precision >= 14 && value < 1e14 && Number.isInteger(value)) return String(value);
  // toFixed is exact below 1e21 except that it rounds ties up: value * 10^precision ends in .5 exactly.
  if (conversion === 'f' && value < 1e21 && precision <= 40) {
    const scaled = value * 2 ** precision;
    if (Number.isInteger(scaled) || !Number.isInteger(scaled * 2)) return value.toFixed(precision);
  }
  return undefined;
}

/**
 * Formats as C's printf.
 * @param conversion one of a A e E f F g G
 * @param flags FLAG_* bits
 * @param precision digits, negative = none given (6, or all for a)
 */
export function formatFloat(value: number, conversion: string, flags: number, width: number, precision: number): string {
  const lower = conversion.toLowerCase();
  const negative = value < 0 || Object.is(value, -0);
  const absolute = Math.abs(value);
  let body: string;
  if (!Number.isFinite(value)) {
    body = Number.isNaN(value) ? 'nan' : 'inf';
  } else {
    const digits = precision < 0 && lower !== 'a' ? 6 : precision;
    const alternate = (flags & FLAG_ALTERNATE) !== 0;
    body = (alternate ? undefined : quickFormat(absolute, lower, digits)) ?? magnitude(absolute, lower, digits, alternate);
  }
  const sign = negative || isNegativeNaN(value) ? '-' : flags & FLAG_PLUS ? '+' : flags & FLAG_SPACE ? ' ' : '';
  if (lower === 'a' && flags & FLAG_ZERO && Number.isFinite(value) && !(flags & FLAG_MINUS)) {
    body = `0x${body.slice(2).padStart(width - sign.length - 2, '0')}`;
  } else if (flags & FLAG_ZERO && Number.isFinite(value) && !(flags & FLAG_MINUS)) {
    body = body.padStart(width - sign.length, '0');
  }
  let text = sign + body;
  if (lower !== conversion) text = text.toUpperCase();
  return flags & FLAG_MINUS ? text.padEnd(width) : text.padStart(width);
}

/** glibc prints the sign of a NaN, and 0/0 is negative on x86: `-nan`. */
function isNegativeNaN(value: number): boolean {
  if (!Number.isNaN(value)) return false;
  bits.setFloat64(0, value);
  return bits.getUint8(0) >= 0x80;
}
