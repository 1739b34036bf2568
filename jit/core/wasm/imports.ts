/** What compiled code imports besides the functions of `importName`, whose numbers are generated from jit/lower/imports.ts. */

export const IMPORT_MODULE: string = 'core';

/** Global (i32) with the address of the function's exit descriptors. */
export const EXITS_GLOBAL: i32 = 0;

export function globalName(_global: i32): string {
  return 'exits';
}
