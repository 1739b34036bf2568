/**
 * `bundle.sig`: an Ed25519 signature of a digest of all other files.
 *
 *   0  6   "PPSIG", 0
 *   6  1   version of the format, 1
 *   7  32  public key
 *  39  64  signature of the digest
 *
 * The digest is SHA-256 of, for each file in the order of the bytes of its path: path, 0, SHA-256 of the content.
 */
import { ContractError } from '../errors.ts';
import { type BundleFiles, checkFiles } from './files.ts';

export const SIGNATURE_FILE = 'bundle.sig';
const MAGIC = Uint8Array.of(0x50, 0x50, 0x53, 0x49, 0x47, 0x00, 0x01);
const KEY_END = MAGIC.length + 32;
const LENGTH = KEY_END + 64;

const textEncoder = new TextEncoder();
const sha256 = async (bytes: Uint8Array): Promise<Uint8Array> => new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes)));

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => compareBytes(a, b) === 0;

/** Digest of the files, `bundle.sig` left out. @returns 32 bytes */
export async function bundleDigest(files: BundleFiles): Promise<Uint8Array> {
  checkFiles(files);
  const paths = [...files.keys()].filter((path) => path !== SIGNATURE_FILE).map((path) => [textEncoder.encode(path), path] as const).sort(([a], [b]) => compareBytes(a, b));
  const parts = await Promise.all(paths.map(async ([bytes, path]) => Uint8Array.from([...bytes, 0, ...(await sha256(files.get(path)!))])));
  return sha256(Uint8Array.from(parts.flatMap((part) => [...part])));
}

/** A pair of keys: 32 bytes that are secret, 32 that are not. */
export interface SigningKey {
  /** PKCS #8. */
  readonly privateKey: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export async function generateSigningKey(): Promise<SigningKey> {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const [privateKey, publicKey] = await Promise.all([crypto.subtle.exportKey('pkcs8', pair.privateKey), crypto.subtle.exportKey('raw', pair.publicKey)]);
  return { privateKey: new Uint8Array(privateKey), publicKey: new Uint8Array(publicKey) };
}

/** Content of `bundle.sig` for the files. @throws ContractError bad-signature if the key is none */
export async function signBundle(files: BundleFiles, pair: SigningKey): Promise<Uint8Array> {
  try {
    const { privateKey, publicKey } = pair;
    const key = await crypto.subtle.importKey('pkcs8', Uint8Array.from(privateKey), 'Ed25519', false, ['sign']);
    const signature = await crypto.subtle.sign('Ed25519', key, Uint8Array.from(await bundleDigest(files)));
    return Uint8Array.from([...MAGIC, ...publicKey, ...new Uint8Array(signature)]);
  } catch (error) {
    throw new ContractError('bad-signature', 'no key to sign with', { cause: error });
  }
}

/**
 * Verifies the signature.
 * @param trusted public keys that will do; any if there are none given
 * @returns the key it is signed with
 * @throws ContractError unsigned, bad-signature, untrusted-key
 */
export async function verifyBundle(files: BundleFiles, trusted?: readonly Uint8Array[]): Promise<Uint8Array> {
  checkFiles(files);
  const content = files.get(SIGNATURE_FILE);
  if (content === undefined) throw new ContractError('unsigned', `${SIGNATURE_FILE} is not there`);
  if (content.length !== LENGTH) throw new ContractError('bad-signature', `${SIGNATURE_FILE} has ${content.length} bytes, not ${LENGTH}`);
  if (!equal(content.subarray(0, MAGIC.length), MAGIC)) throw new ContractError('bad-signature', `${SIGNATURE_FILE} is of another format`);
  const publicKey = content.slice(MAGIC.length, KEY_END);
  const isRight = await verifies(publicKey, content.slice(KEY_END), await bundleDigest(files));
  if (!isRight) throw new ContractError('bad-signature', 'the files are not those that were signed');
  if (trusted !== undefined && !trusted.some((key) => equal(key, publicKey))) throw new ContractError('untrusted-key', hex(publicKey));
  return publicKey;
}

async function verifies(publicKey: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>, digest: Uint8Array): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, signature, Uint8Array.from(digest));
  } catch {
    // Bytes that are no key.
    return false;
  }
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
