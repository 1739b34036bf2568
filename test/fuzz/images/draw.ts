/** Random numbers of a seed, for where programs are stopped. */

/** @returns what gives a number in [0, n) */
export function drawOf(seed: number): (n: number) => number {
  let state = seed | 1;
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % n;
  };
}
