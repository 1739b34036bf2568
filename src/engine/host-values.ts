/** What values of the host are, and look like as text. They may be anything, proxies that throw included; nothing here throws. */

/** As instanceof, which a proxy may answer with an exception. */
export function isInstance<Instance>(value: unknown, type: abstract new (...args: never[]) => Instance): value is Instance {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

/** Is it an exception with a message? */
export const isHostError = (value: unknown): value is Error => isInstance(value, Error);

/** An error's message; any other value as String gives it, but for arrays, which may claim to have 2^32 elements. */
export function textOfHost(value: unknown): string {
  try {
    const shown: unknown = isHostError(value) ? value.message : value;
    return Array.isArray(shown) ? `(array of ${shown.length})` : String(shown);
  } catch {
    return `(${typeof value})`;
  }
}

/** Is it a promise, or something else that can be awaited? */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    return ((typeof value === 'object' && value !== null) || typeof value === 'function') && typeof (value as { readonly then?: unknown }).then === 'function';
  } catch {
    return false;
  }
}

/** How a function was declared, by the name of its kind: 'AsyncFunction', 'GeneratorFunction', 'AsyncGeneratorFunction'; any other for the rest. */
export function kindOfFunction(value: unknown): string {
  try {
    return Object.prototype.toString.call(value).slice('[object '.length, -1);
  } catch {
    return '';
  }
}

const typedArrayGetter = <Value>(name: keyof Uint8Array): ((this: unknown) => Value) =>
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), name)?.get as (this: unknown) => Value;
const typedArrayName = typedArrayGetter<string | undefined>(Symbol.toStringTag);
const typedArrayBuffer = typedArrayGetter<ArrayBuffer>('buffer');
const typedArrayOffset = typedArrayGetter<number>('byteOffset');
const typedArrayLength = typedArrayGetter<number>('length');

/** As instanceof, but asks no proxy, and knows those of other windows. */
export const isBytes = (value: unknown): value is Uint8Array => typedArrayName.call(value) === 'Uint8Array';

/** The same bytes, whatever a subclass says of them; undefined if their buffer was transferred. */
export function plainBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(typedArrayBuffer.call(bytes), typedArrayOffset.call(bytes), typedArrayLength.call(bytes));
  } catch {
    return undefined;
  }
}
