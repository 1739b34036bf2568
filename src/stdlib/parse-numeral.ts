/** Text to number as lua_stringtonumber does it, for the host's libraries. */

const MASK = (1n << 64n) - 1n;

/** Value of a hexadecimal float, exact up to the rounding of its leading 53 bits. */
function parseHexFloat(digits: string, fraction: string, exponent: number): number {
  const mantissa = BigInt(`0x0${digits}${fraction}`);
  return Number(mantissa) * 2 ** (exponent - 4 * fraction.length);
}

/** An integer (bigint) or a float (number); undefined if the text is no numeral. */
export function parseNumeral(text: string): number | bigint | undefined {
  const trimmed = text.trim();
  const hex = /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i.exec(trimmed);
  if (hex !== null) {
    const [whole, sign, digits = '', fraction, exponent] = hex;
    if (digits === '' && (fraction ?? '') === '') return undefined;
    if (!whole.includes('.') && exponent === undefined) {
      const value = BigInt(`0x${digits}`) & MASK;
      return BigInt.asIntN(64, sign === '-' ? -value : value);
    }
    const value = parseHexFloat(digits, fraction ?? '', Number(exponent ?? 0));
    return sign === '-' ? -value : value;
  }
  if (/^[+-]?\d+$/.test(trimmed)) {
    const value = BigInt(trimmed.replace(/^\+/, ''));
    return BigInt.asIntN(64, value) === value ? value : Number(trimmed);
  }
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : undefined;
}
