/** Images in fewer bytes. What an image holds is settled when it is made, so the platform may take its time with this, and do it on another thread. */
import { callHost } from '../boundary.ts';
import { MoontraceError } from '../../engine/errors/errors.ts';
import { isBytes } from '../../engine/host-values.ts';

/** What a compressed image begins with. */
const MAGIC = [0x1b, 0x4d, 0x54, 0x49, 0x4d, 0x5a, 0x0d, 0x0a];
const FORMAT = 'deflate-raw';
/** Bytes that an image expands to at most, unless said otherwise. */
const MAX_SIZE = 2 ** 30;

const isCompressed = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);

/** The bytes as they are now: the caller may post them elsewhere meanwhile. @throws MoontraceError bad-argument */
function taken(bytes: unknown): Uint8Array<ArrayBuffer> {
  if (!isBytes(bytes)) throw new MoontraceError('bad-argument', 'image: a Uint8Array expected');
  return callHost('bad-argument', 'image', () => bytes.slice());
}

/** Passes bytes through a stream. @param limit of what comes out @throws MoontraceError bad-image */
async function pass(bytes: Uint8Array, transform: { readonly readable: ReadableStream<Uint8Array>; readonly writable: WritableStream<BufferSource> }, limit: number): Promise<Uint8Array<ArrayBuffer>[]> {
  const writer = transform.writable.getWriter();
  const writing = writer.write(bytes as Uint8Array<ArrayBuffer>).then(() => writer.close());
  writing.catch(() => {});
  const reader = transform.readable.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      size += (value as Uint8Array).length;
      if (size > limit) throw new MoontraceError('bad-image', `it would take more than ${limit} bytes`);
      parts.push(value as Uint8Array<ArrayBuffer>);
    }
    await writing;
  } catch (error) {
    await reader.cancel().catch(() => {});
    throw error instanceof MoontraceError ? error : new MoontraceError('bad-image', 'it cannot be expanded', { cause: error });
  }
  return parts;
}

async function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Blob([...parts]).arrayBuffer());
}

/** An image, or a delta, in fewer bytes. @throws MoontraceError bad-argument, by the promise */
export async function compressImage(image: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = taken(image);
  if (isCompressed(bytes)) return bytes;
  return joined([Uint8Array.from(MAGIC), ...(await pass(bytes, new CompressionStream(FORMAT), Number.POSITIVE_INFINITY))]);
}

/** The image, or delta, as it was; one that is not compressed as it is. @param limit bytes it may take @throws MoontraceError bad-argument, bad-image, by the promise */
export async function expandImage(image: Uint8Array, limit = MAX_SIZE): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = taken(image);
  if (!isCompressed(bytes)) return bytes;
  return joined(await pass(bytes.subarray(MAGIC.length), new DecompressionStream(FORMAT), limit));
}
