/** Values that an API may be handed and had better survive, by what they are. */
import type { Vm } from '../../src/api/index.ts';

const refuse = (): never => {
  throw new Error('the proxy says no');
};

/** A proxy whose every trap throws. */
function refusingProxy<Target extends object>(target: Target): Target {
  const traps = Object.getOwnPropertyNames(Reflect).filter((name) => typeof Reflect[name as 'get'] === 'function');
  return new Proxy(target, Object.fromEntries(traps.map((name) => [name, refuse])));
}

function revoked<Target extends object>(target: Target): Target {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function withThrowing<Target extends object>(target: Target, name: PropertyKey): Target {
  return Object.defineProperty(target, name, { get: refuse, enumerable: true });
}

/** Bytes whose memory was posted elsewhere. */
function transferred(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

class OddBytes extends Uint8Array {
  override get length(): number {
    return refuse();
  }
}

const cycle: Record<string, unknown> = {};
cycle['self'] = { cycle };

/** @param other a VM that is not the one they are given to */
export function hostileValues(other: Vm): Readonly<Record<string, unknown>> {
  const values = {
    undefined: undefined,
    null: null,
    true: true,
    NaN: Number.NaN,
    'negative zero': -0,
    infinity: Number.POSITIVE_INFINITY,
    'a fraction': 1.5,
    'a negative number': -1,
    'a bigint beyond 64 bits': 2n ** 70n,
    'a bigint': 2n ** 63n - 1n,
    'a symbol': Symbol('s'),
    'an empty string': '',
    'a string with half a character': '\ud800',
    'a long string': 'x'.repeat(100_000),
    bytes: new Uint8Array([0, 255]),
    'bytes whose buffer is gone': transferred(),
    'bytes whose length throws': new OddBytes(4),
    'other numbers': new Float64Array(2),
    'an array with holes': new Array(3),
    'an array': [1, [2, [3]]],
    'a plain object': { a: { b: 1 } },
    'an object without prototype': Object.create(null),
    'a frozen object': Object.freeze({ a: 1 }),
    'a cycle': cycle,
    'a Map': new Map<unknown, unknown>([[{}, 1], ['k', new Map()]]),
    'a Map with a nil key': new Map([[undefined, 1]]),
    'a Date': new Date(0),
    'a Promise': Promise.resolve(1),
    'an Error': new Error('host'),
    'an Error whose message throws': withThrowing(new Error(), 'message'),
    'a function': () => 1,
    'a class': class Thing {},
    'a function whose name throws': withThrowing(() => 1, 'name'),
    'a function that throws undefined': () => {
      throw undefined;
    },
    'a getter that throws': withThrowing({}, 'a'),
    'an object whose text throws': { toString: refuse, [Symbol.toPrimitive]: refuse },
    'an iterator that throws': withThrowing([1, 2], Symbol.iterator),
    'a revoked proxy': revoked({}),
    'a revoked proxy of an array': revoked([]),
    'a revoked proxy of a function': revoked(() => 1),
    'a refusing proxy': refusingProxy({}),
    'a refusing proxy of an array': refusingProxy([1]),
    'a refusing proxy of a function': refusingProxy(() => 1),
    'an array whose element throws': withThrowing([1], 0),
    'a proxy of a table': new Proxy(other.newTable(), {}),
    'a table of another VM': other.newTable(),
    'a function of another VM': other.load('return 1'),
    'another VM': other,
  };
  return { ...values, ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`${name}, in an object`, { value }])) };
}
