/** Text and bytes: what is UTF-8 is what the platform's decoder takes. */
import { expect, test } from 'vitest';
import { decodeTextStrictly, isUtf8 } from '../../src/engine/text.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodes(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

test('UTF-8 is what the decoder takes: all pairs of bytes, and the edges of longer forms', () => {
  for (let a = 0x80; a < 0x100; a++) for (let b = 0; b < 0x100; b += a < 0xc0 ? 17 : 1) expect([a, b, isUtf8(Uint8Array.of(a, b))]).toEqual([a, b, decodes(Uint8Array.of(a, b))]);
  const edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
  for (let a = 0xe0; a < 0xf8; a++) {
    for (const b of edges) {
      for (const c of edges) {
        for (const bytes of [[a, b, c], ...edges.map((d) => [a, b, c, d])]) expect([bytes, isUtf8(Uint8Array.from(bytes))]).toEqual([bytes, decodes(Uint8Array.from(bytes))]);
      }
    }
  }
});

test('text of bytes is exact, whatever their number', () => {
  for (const text of ['', 'a', 'é€𝄞', '\ufeffx', 'x'.repeat(2000), 'é'.repeat(2000)]) expect(decodeTextStrictly(new TextEncoder().encode(text))).toBe(text);
  for (const length of [1, 10, 1024, 1025, 5000]) expect(decodeTextStrictly(new Uint8Array(length).fill(0x61).with(length - 1, 0xff))).toBeUndefined();
});
