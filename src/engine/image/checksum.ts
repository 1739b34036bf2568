/** A checksum of 64 bits that tells a damaged image. It is no seal: who wants to make one that passes can (docs/security.md). */

const PRIME1 = 0x9e3779b1;
const PRIME2 = 0x85ebca77;
const PRIME3 = 0xc2b2ae3d;

/** Four lanes side by side, as xxHash has them (Collet), so that a processor works on all of them at once. @param words a multiple of four */
export function checksum(words: Uint32Array): readonly [number, number] {
  let a = 0x24234428;
  let b = PRIME2;
  let c = 0;
  let d = 0x61c8864f;
  for (let i = 0; i < words.length; i += 4) {
    a = Math.imul(a, PRIME1) + Math.imul(words[i] as number, PRIME2) | 0;
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b, PRIME1) + Math.imul(words[i + 1] as number, PRIME2) | 0;
    b = (b << 13) | (b >>> 19);
    c = Math.imul(c, PRIME1) + Math.imul(words[i + 2] as number, PRIME2) | 0;
    c = (c << 13) | (c >>> 19);
    d = Math.imul(d, PRIME1) + Math.imul(words[i + 3] as number, PRIME2) | 0;
    d = (d << 13) | (d >>> 19);
  }
  const mix = (first: number, second: number, third: number, fourth: number): number => {
    let sum = words.length;
    for (const lane of [first, second, third, fourth]) {
      sum = Math.imul(sum ^ lane, PRIME3);
      sum ^= sum >>> 15;
    }
    return Math.imul(sum ^ (sum >>> 13), PRIME2) >>> 0;
  };
  return [mix(a, b, c, d), mix(d, b ^ a, a, c)];
}
