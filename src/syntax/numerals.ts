/**
 * Text of a number to its value, as luaO_str2num reads a numeral without spaces and sign: integers are bigints wrapped to
 * 64 bits, floats are numbers. A decimal integer too large for 64 bits is a float; a hexadecimal one wraps.
 */

const MAX_INTEGER = 0x7fffffffffffffffn;
/** Decimal digits that always fit a safe integer. */
const SAFE_DIGITS = 15;
const MANTISSA_BITS = 53;
const MIN_EXPONENT = -1022;
const MAX_EXPONENT = 1023;

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** Value of a hexadecimal digit's code, or -1. */
export function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  if (code >= 65 && code <= 70) return code - 55;
  return -1;
}

/** Value of a numeral (Lua manual, section 3.1), undefined when it is malformed. */
export function parseNumeral(text: string): bigint | number | undefined {
  const marker = text.charCodeAt(1) | 32;
  if (text.charCodeAt(0) === 48 && marker === 120) return parseHex(text);
  return parseDecimal(text);
}

function parseDecimal(text: string): bigint | number | undefined {
  let at = 0;
  while (isDigit(text.charCodeAt(at))) at++;
  if (at === text.length && at > 0) {
    if (at <= SAFE_DIGITS) return BigInt(Number(text));
    const value = BigInt(text);
    return value <= MAX_INTEGER ? value : Number(text);
  }
  return isDecimalFloat(text, at) ? Number(text) : undefined;
}

/** The rest of a float behind `at` integer digits: what Number() accepts beyond it (spaces, Infinity) is not Lua. */
function isDecimalFloat(text: string, at: number): boolean {
  let digits = at;
  if (text.charCodeAt(at) === 46) {
    at++;
    while (isDigit(text.charCodeAt(at))) {
      at++;
      digits++;
    }
  }
  if (digits === 0) return false;
  if ((text.charCodeAt(at) | 32) === 101) {
    at++;
    if (text[at] === '+' || text[at] === '-') at++;
    if (!isDigit(text.charCodeAt(at))) return false;
    while (isDigit(text.charCodeAt(at))) at++;
  }
  return at === text.length;
}

function parseHex(text: string): bigint | number | undefined {
  let at = 2;
  let digits = '';
  let exponent = 0;
  let isFloat = false;
  while (hexValue(text.charCodeAt(at)) >= 0) at++;
  digits = text.slice(2, at);
  if (text[at] === '.') {
    isFloat = true;
    const start = ++at;
    while (hexValue(text.charCodeAt(at)) >= 0) at++;
    digits += text.slice(start, at);
    exponent = -4 * (at - start);
  }
  if (digits === '') return undefined;
  if ((text.charCodeAt(at) | 32) === 112) {
    isFloat = true;
    const start = ++at;
    if (text[at] === '+' || text[at] === '-') at++;
    const first = at;
    while (isDigit(text.charCodeAt(at))) at++;
    if (at === first) return undefined;
    exponent += Number(text.slice(start, at));
  }
  if (at !== text.length) return undefined;
  const mantissa = BigInt(`0x${digits}`);
  return isFloat ? scaleMantissa(mantissa, exponent) : BigInt.asIntN(64, mantissa);
}

/** mantissa * 2^exponent, rounded once (to nearest, ties to even), subnormal results too. */
function scaleMantissa(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  const top = bits + exponent - 1;
  if (top > MAX_EXPONENT) return Number.POSITIVE_INFINITY;
  const precision = top >= MIN_EXPONENT ? MANTISSA_BITS : MANTISSA_BITS - (MIN_EXPONENT - top);
  if (precision < 0) return 0;
  const drop = bits - precision;
  if (drop > 0) {
    const unit = 1n << BigInt(drop);
    const rest = mantissa & (unit - 1n);
    const half = unit >> 1n;
    mantissa >>= BigInt(drop);
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa += 1n;
    exponent += drop;
  }
  return scaleByPowerOfTwo(Number(mantissa), exponent);
}

/** Exact scaling of a value whose result is representable, in steps that stay inside the range of a double. */
function scaleByPowerOfTwo(value: number, exponent: number): number {
  while (exponent > MAX_EXPONENT) {
    value *= 2 ** MAX_EXPONENT;
    exponent -= MAX_EXPONENT;
  }
  while (exponent < MIN_EXPONENT) {
    value *= 2 ** MIN_EXPONENT;
    exponent -= MIN_EXPONENT;
  }
  return value * 2 ** exponent;
}
