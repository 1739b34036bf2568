/** The mathematics compiled code calls (jit/ir/helper-table.ts): the very functions the library uses, so that both compute the same digits. */
import { binaryLogarithm, decimalLogarithm, exponential, logarithm } from '../number/exponential';
import { arccosine, arcsine, arctangent2 } from '../number/inverse';
import { cosine, sine, tangent } from '../number/trigonometric';
import { floatPow, floatRemainder } from '../number/arithmetic';

export function pow(x: f64, y: f64): f64 { return floatPow(x, y); }
export function fmod(x: f64, y: f64): f64 { return floatRemainder(x, y); }
export function atan2(y: f64, x: f64): f64 { return arctangent2(y, x); }
export function exp(x: f64): f64 { return exponential(x); }
export function log(x: f64): f64 { return logarithm(x); }
export function log2(x: f64): f64 { return binaryLogarithm(x); }
export function log10(x: f64): f64 { return decimalLogarithm(x); }
export function sin(x: f64): f64 { return sine(x); }
export function cos(x: f64): f64 { return cosine(x); }
export function tan(x: f64): f64 { return tangent(x); }
export function asin(x: f64): f64 { return arcsine(x); }
export function acos(x: f64): f64 { return arccosine(x); }
