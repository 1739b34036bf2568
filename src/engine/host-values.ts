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

/** An error's message; any other value as String gives it. */
export function textOfHost(value: unknown): string {
  try {
    return String(isHostError(value) ? value.message : value);
  } catch {
    return `(${typeof value})`;
  }
}

const typedArrayName = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)?.get as () => string | undefined;

/** As instanceof, but asks no proxy, and knows those of other windows. */
export const isBytes = (value: unknown): value is Uint8Array => typedArrayName.call(value) === 'Uint8Array';
