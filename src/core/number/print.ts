/** Writing numbers as tostring does: integers in decimal, floats as C's "%.14g", with ".0" where that looks like an integer. */
import { TAG_INT } from '../../bytecode/layout';
import { newString, tryNewString } from '../strings/string';
import { floatOf, intOf, tagOf } from '../base/value';
import { decimalLength, isDigit, writeDigits, writeInteger } from './digits';
import { writeMagnitude, writeNonFinite } from './print-float';

/** Bytes that are enough for any number in tostring's form. */
export const NUMBER_ROOM: u32 = 512;
const scratch = <u32>memory.data(512, 16);

/** Significant digits of "%.14g", and where it goes over to exponents. */
const DIGITS = 14;
const INTEGRAL_LIMIT: f64 = 1e14;

/** Writes a float as tostring. @returns bytes written (< NUMBER_ROOM) */
export function writeFloat(out: u32, value: f64): u32 {
  const magnitude = abs(value);
  let at = out;
  if (reinterpret<i64>(value) < 0) store<u8>(at++, 45);
  if (!(magnitude < Infinity)) return at - out + writeNonFinite(at, value);
  const whole = <u64>min(magnitude, INTEGRAL_LIMIT);
  if (whole < <u64>INTEGRAL_LIMIT && <f64>whole == magnitude) {
    const length = decimalLength(whole);
    writeDigits(at, whole, length);
    at += length;
  } else {
    const start = at;
    at += writeMagnitude(at, magnitude, 103, DIGITS, false);
    for (let i = start; i < at; i++) if (!isDigit(load<u8>(i))) return at - out;
  }
  store<u16>(at, 0x302e);
  return at + 2 - out;
}

/** Writes a number slot as tostring. @returns bytes written (< NUMBER_ROOM) */
export function writeNumber(out: u32, slot: u32): u32 {
  return tagOf(slot) == TAG_INT ? writeInteger(out, intOf(slot)) : writeFloat(out, floatOf(slot));
}

/** The string of a number slot, as tostring and concatenation make it. */
export function numberToString(slot: u32): u32 {
  return newString(scratch, writeNumber(scratch, slot));
}

/** The same; 0 when memory ran out. */
export function tryNumberToString(slot: u32): u32 {
  return tryNewString(scratch, writeNumber(scratch, slot));
}
