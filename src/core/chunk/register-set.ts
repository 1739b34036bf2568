/** Sets of registers: 256 bits at an address. */

export const SET_SIZE: u32 = 32;
const WORDS: u32 = 4;

/** Address of the word that has the register's bit. */
// @ts-ignore: decorator
@inline function wordOf(set: u32, register: u32): u32 { return set + (register >> 6 << 3); }
// @ts-ignore: decorator
@inline function bitOf(register: u32): u64 { return <u64>1 << (register & 63); }

// @ts-ignore: decorator
@inline export function hasRegister(set: u32, register: u32): bool { return (load<u64>(wordOf(set, register)) & bitOf(register)) != 0; }

export function addRegister(set: u32, register: u32): void {
  const word = wordOf(set, register);
  store<u64>(word, load<u64>(word) | bitOf(register));
}

function removeRegister(set: u32, register: u32): void {
  const word = wordOf(set, register);
  store<u64>(word, load<u64>(word) & ~bitOf(register));
}

export function addRange(set: u32, first: u32, end: u32): void {
  for (; first < end; first++) addRegister(set, first);
}

/** Removes [first, end). */
export function removeRange(set: u32, first: u32, end: u32): void {
  for (; first < end; first++) removeRegister(set, first);
}

/** Removes all registers from `first` on. */
export function removeFrom(set: u32, first: u32): void {
  const word = wordOf(set, first);
  store<u64>(word, load<u64>(word) & (bitOf(first) - 1));
  for (let at = word + 8; at < set + SET_SIZE; at += 8) store<u64>(at, 0);
}

/** Are all of [first, end) in the set? */
export function hasRange(set: u32, first: u32, end: u32): bool {
  for (; first < end; first++) if (!hasRegister(set, first)) return false;
  return true;
}

/** Is one of [first, end) in the set? */
export function meetsRange(set: u32, first: u32, end: u32): bool {
  for (; first < end; first++) if (hasRegister(set, first)) return true;
  return false;
}

/** Is a register from `first` on in the set? */
export function meetsFrom(set: u32, first: u32): bool {
  const word = wordOf(set, first);
  if (load<u64>(word) & ~(bitOf(first) - 1)) return true;
  for (let at = word + 8; at < set + SET_SIZE; at += 8) if (load<u64>(at)) return true;
  return false;
}

export function isEmpty(set: u32): bool { return !meetsFrom(set, 0); }

/** set := set and other. @returns whether it changed */
export function intersect(set: u32, other: u32): bool {
  let changed: u64 = 0;
  for (let i: u32 = 0; i < WORDS; i++, set += 8, other += 8) {
    const old = load<u64>(set);
    const now = old & load<u64>(other);
    changed |= old ^ now;
    store<u64>(set, now);
  }
  return changed != 0;
}

/** set := set or other. @returns whether it changed */
export function unite(set: u32, other: u32): bool {
  let changed: u64 = 0;
  for (let i: u32 = 0; i < WORDS; i++, set += 8, other += 8) {
    const old = load<u64>(set);
    const now = old | load<u64>(other);
    changed |= old ^ now;
    store<u64>(set, now);
  }
  return changed != 0;
}
