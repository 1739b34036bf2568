/**
 * Hyperbolic functions, by the identities that C's library uses, on exp and expm1: the digits agree with C's but for some last ones.
 * Large arguments take half of themselves twice, since e^x overflows before its half does.
 */

const HALF_LN2: f64 = 0.34657359027997264;
/** Above it e^-x is less than half a unit in the last place of e^x. */
const ONE_SIDED: f64 = 22;
/** Logarithm of the largest float. */
const MAX_LOG: f64 = 709.782712893384;

const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_LOW: f64 = 1.9082149292705877e-10;
const INVERSE_LN2: f64 = 1.4426950408889634;
/** Up to here NativeMath.expm1 is the C library's; beyond, it adds the parts of its result in another order. */
const SMALL_EXPM1: f64 = 1.0397207708399179;

/**
 * e^x - 1 for x >= 0. With x = k ln2 + r: 2^k (1 - 2^-k + r - e), where r - e = e^r - 1 comes from the rational approximation of Sun's fdlibm,
 * which C libraries use; c is what r lacks.
 */
function expm1(x: f64): f64 {
  if (x <= SMALL_EXPM1) return NativeMath.expm1(x);
  const k = <i32>(INVERSE_LN2 * x + 0.5);
  const high = x - <f64>k * LN2_HIGH;
  const low = <f64>k * LN2_LOW;
  const r = high - low;
  const c = (high - r) - low;
  const half = 0.5 * r;
  const h = r * half;
  const hh = h * h;
  const ratio = (1 + h * -0.03333333333333313) + hh * ((0.0015873015872548146 + h * -7.93650757867488e-5) + hh * (4.008217827329362e-6 + h * -2.0109921818362437e-7));
  const t = 3 - ratio * half;
  let e = h * ((ratio - t) / (6 - r * t));
  e = r * (e - c) - c - h;
  const scale = reinterpret<f64>(<u64>(0x3ff + k) << 52);
  const inverse = reinterpret<f64>(<u64>(0x3ff - k) << 52);
  if (k > 56) return (1 - (e - r)) * scale - 1;
  return (k < 20 ? (1 - inverse) - (e - r) : (r - (e + inverse)) + 1) * scale;
}

/** e^x / 2 for x >= ONE_SIDED. */
function halfExponential(x: f64): f64 {
  if (x < MAX_LOG) return 0.5 * NativeMath.exp(x);
  const root = NativeMath.exp(0.5 * x);
  return 0.5 * root * root;
}

export function hyperbolicCosine(x: f64): f64 {
  if (x != x) return x;
  const size = abs<f64>(x);
  if (size >= ONE_SIDED) return halfExponential(size);
  if (size < HALF_LN2) {
    const t = NativeMath.expm1(size);
    const w = 1 + t;
    return 1 + (t * t) / (w + w);
  }
  const t = NativeMath.exp(size);
  return 0.5 * t + 0.5 / t;
}

export function hyperbolicSine(x: f64): f64 {
  const size = abs<f64>(x);
  // NaN, zeros and what the cubic term does not reach.
  if (!(size >= 3.725290298461914e-9)) return x;
  const half = copysign<f64>(0.5, x);
  if (size >= ONE_SIDED) return copysign<f64>(halfExponential(size), x);
  const t = expm1(size);
  return size < 1 ? half * (2 * t - t * t / (t + 1)) : half * (t + t / (t + 1));
}

export function hyperbolicTangent(x: f64): f64 {
  const size = abs<f64>(x);
  if (!(size >= 2.7755575615628914e-17)) return x;
  if (size >= ONE_SIDED) return copysign<f64>(1, x);
  if (size >= 1) return copysign<f64>(1 - 2 / (expm1(2 * size) + 2), x);
  const t = NativeMath.expm1(-2 * size);
  return copysign<f64>(-t / (t + 2), x);
}
