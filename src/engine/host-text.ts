/** What values of the host look like as text. They may be anything, proxies that throw included; nothing here throws. */

/** Is it an exception with a message? */
export function isHostError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** An error's message; any other value as String gives it. */
export function textOfHost(value: unknown): string {
  try {
    return String(isHostError(value) ? value.message : value);
  } catch {
    return `(${typeof value})`;
  }
}
