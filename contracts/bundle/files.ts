/** The files of a bundle, by path: relative, with `/` between the parts. */
import { checkArgument, ContractError } from '../errors.ts';

export type BundleFiles = ReadonlyMap<string, Uint8Array>;

const textDecoder = new TextDecoder('utf-8', { fatal: true });

/** Is this a path inside of a bundle, written in the one way there is? */
export const isBundlePath = (path: string): boolean => path !== '' && !/[\\\0]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

/**
 * Files given as texts or bytes.
 * @throws ContractError bad-bundle for a path that is none
 */
export function bundleFiles(content: Readonly<Record<string, string | Uint8Array>> | BundleFiles): BundleFiles {
  if (typeof content !== 'object' || content === null) throw new ContractError('bad-bundle', 'files: an object or a Map expected');
  const entries: [string, unknown][] = content instanceof Map ? [...content] : Object.entries(content);
  return new Map(entries.map(([path, value]) => {
    if (typeof path !== 'string' || !isBundlePath(path)) throw new ContractError('bad-bundle', `'${String(path)}' is no path in a bundle`);
    if (typeof value === 'string') return [path, new TextEncoder().encode(value)];
    if (value instanceof Uint8Array) return [path, copyOf(path, value)];
    throw new ContractError('bad-bundle', `${path}: a text or a Uint8Array expected`);
  }));
}

function copyOf(path: string, bytes: Uint8Array): Uint8Array {
  try {
    return bytes.slice();
  } catch (error) {
    throw new ContractError('bad-bundle', `${path}: its buffer was transferred`, { cause: error });
  }
}

/** @throws MoontraceError bad-argument */
export const checkFiles = (files: BundleFiles): void => checkArgument(files instanceof Map, 'files: what bundleFiles gives expected');

/** Text of a file; undefined if it is not there. @throws ContractError bad-bundle if it is no UTF-8 */
export function textOf(files: BundleFiles, path: string): string | undefined {
  const bytes = files.get(path);
  if (bytes === undefined) return undefined;
  try {
    return textDecoder.decode(bytes);
  } catch (error) {
    throw new ContractError('bad-bundle', `${path}: no UTF-8`, { cause: error });
  }
}
