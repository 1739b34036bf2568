/** Random damage to bytes. */
import type { Random } from '../random.ts';

const INTERESTING = [0, 1, 2, 9, 10, 13, 27, 32, 34, 37, 39, 40, 41, 45, 46, 48, 57, 91, 92, 93, 94, 123, 125, 127, 128, 191, 192, 193, 224, 240, 244, 254, 255];

/** One change: a bit, a byte, a piece left out, doubled, or taken from another text. */
function mutateOnce(random: Random, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  const at = random.integer(0, Math.max(0, bytes.length - 1));
  const size = random.chance(0.7) ? random.integer(1, 4) : random.integer(1, 40);
  const join = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
  switch (random.integer(0, 6)) {
    case 0: {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ (1 << random.integer(0, 7));
      return changed;
    }
    case 1: {
      const changed = bytes.slice();
      changed[at] = random.chance(0.5) ? random.pick(INTERESTING) : random.integer(0, 255);
      return changed;
    }
    case 2:
      return join(bytes.subarray(0, at), bytes.subarray(at + size));
    case 3:
      return join(bytes.subarray(0, at), bytes.subarray(at, at + size), bytes.subarray(at));
    case 4:
      return join(bytes.subarray(0, at), [random.pick(INTERESTING)], bytes.subarray(at));
    case 5: {
      const other = random.pick(others);
      const from = random.integer(0, Math.max(0, other.length - 1));
      return join(bytes.subarray(0, at), other.subarray(from, from + size), bytes.subarray(at));
    }
    default:
      return bytes.slice(0, at);
  }
}

/** One to four changes. @param others texts to take pieces from */
export function mutate(random: Random, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  let changed = bytes;
  for (let left = random.integer(1, 4); left > 0; left--) changed = mutateOnce(random, changed, others);
  return changed;
}
