/** Limits of the front end, all of them PUC-Rio's (llimits.h, lparser.c, lcode.c), so that the same sources are accepted. */

/** Local variables active in one function. */
export const MAX_LOCALS = 200;
/** Upvalues of one function. */
export const MAX_UPVALUES = 255;
/** Registers of one frame; a frame must stay below it. */
export const MAX_REGISTERS = 255;
/**
 * Nested statements, expressions and assignment targets. PUC allows 200 C levels, of which `load` called by a main chunk finds three in use.
 * It also bounds the recursion of the parser and the compiler on the host's stack.
 */
export const MAX_NESTING = 197;
/** List items collected in registers before a SETLIST stores them. */
export const FIELDS_PER_FLUSH = 50;
/** Largest integer key that GETI and SETI can hold. */
export const MAX_INTEGER_KEY = 0xffff;
/** Reach of the 16-bit jump of a comparison, in words. */
export const MAX_SHORT_JUMP = 0x7fff;
/** Longest escape value of `\u{...}`: 2^31 - 1. */
export const MAX_UTF8 = 0x7fffffff;
