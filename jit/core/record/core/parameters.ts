/** What the host sets for all recordings (jit/parameters.ts, jit/build/options.ts). */

export let maxrecord: i32 = 0;
export let maxirconst: i32 = 0;
export let maxsnap: i32 = 0;
export let loopunroll: i32 = 0;
export let maxinline: i32 = 0;
export let recunroll: i32 = 0;
/** Bits of build/options.ts. */
export let options: i32 = 0;
/** Compare the recorder's slots with the real stack after every step. */
export let checkSlots: bool = false;

/** Of all recordings that follow. */
export function setParameters(record: i32, irconst: i32, snap: i32, unroll: i32, inline: i32, recursion: i32, optimisations: i32, checks: bool): void {
  maxrecord = record;
  maxirconst = irconst;
  maxsnap = snap;
  loopunroll = unroll;
  maxinline = inline;
  recunroll = recursion;
  options = optimisations;
  checkSlots = checks;
}
