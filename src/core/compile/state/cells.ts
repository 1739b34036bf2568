/**
 * What a compilation works on: cells at fixed addresses (VM_COMPILER), growing buffers, and stacks in static memory.
 *
 * The compiler makes one pass, as PUC's lparser and lcode do: tokens become code while they are read. An arena with a syntax tree was the
 * alternative: it knows captures and later uses before it emits, but writes and reads each node once more, and what hindsight is needed for
 * (closing on `return` and `goto`) is a list of exits here (emit/exits.ts).
 *
 * - Buffers are raw memory of the heap, so the memory limit counts them. Functions nest, so one buffer serves all of them as a stack: a function
 *   owns what lies above the F_FIRST_* it began with, and its end cuts the buffer back.
 * - What nesting bounds (MAX_NESTING) lies in static memory: descriptors of expressions, blocks, functions. It is never released.
 * - A compilation ends with `endCompilation`, after an error, too: whoever started it sees to that.
 * - Only readers of pieces run Lua meanwhile. So the collector marks what the cells and buffers name (mark.ts), and a compilation that begins inside
 *   another one saves the cells and continues the static stacks.
 */
import { VM_COMPILER } from '../../../bytecode/layout';

// A buffer takes three cells: address, bytes allocated, bytes in use.
/** Address of position 0 of the source (wraps around): a position is a count of bytes from the start of all the source. */
export const SOURCE_BASE: u32 = VM_COMPILER;
/** Positions below are there to be read; beyond it `more` has to be asked. */
export const SOURCE_END: u32 = VM_COMPILER + 4;
/** End of what is in memory. */
export const SOURCE_LIMIT: u32 = VM_COMPILER + 8;
/** Non-zero: pieces may follow. */
export const SOURCE_HAS_READER: u32 = VM_COMPILER + 12;
/** Positions below are paid for. */
export const SOURCE_PAID: u32 = VM_COMPILER + 16;
/** The text from here on is kept in memory: where the current token starts. */
export const SOURCE_KEPT: u32 = VM_COMPILER + 20;
/** Position of the scanner: behind the current token, or behind the one peeked at. */
export const LEX_POSITION: u32 = VM_COMPILER + 24;
/** Line of the scanner, and that of the token before the current one. */
export const LEX_LINE: u32 = VM_COMPILER + 28;
export const LEX_LAST_LINE: u32 = VM_COMPILER + 32;
/** The current token: its kind (T_*), and where its text starts and ends. */
export const LEX_TOKEN: u32 = VM_COMPILER + 36;
export const LEX_START: u32 = VM_COMPILER + 40;
export const LEX_TOKEN_END: u32 = VM_COMPILER + 44;
/** The same of the token peeked at; kind NOT_PEEKED if none was. */
export const LEX_AHEAD: u32 = VM_COMPILER + 48;
export const LEX_AHEAD_START: u32 = VM_COMPILER + 52;
export const LEX_AHEAD_END: u32 = VM_COMPILER + 56;
/** The cells of the compilation that this one interrupts (raw memory), or 0. */
export const INTERRUPTED: u32 = VM_COMPILER + 60;
/** Value slots of the two: a string (names too) or a number. */
export const LEX_VALUE: u32 = VM_COMPILER + 64;
export const LEX_AHEAD_VALUE: u32 = VM_COMPILER + 80;
/** Name of the chunk (a string object), and the name `_ENV`. */
export const CHUNK_NAME: u32 = VM_COMPILER + 96;
export const ENVIRONMENT_NAME: u32 = VM_COMPILER + 100;
/** Table of the chunk's long strings, for readers of all its strings, each its own value. 0 before the first. */
export const STRINGS: u32 = VM_COMPILER + 104;
/** Nested statements, expressions and targets. */
export const NESTING: u32 = VM_COMPILER + 108;
/** The function whose code is made (F_*). */
export const FUNCTION: u32 = VM_COMPILER + 112;
/** Address of the first word of its code (W_*). */
export const CODE_BASE: u32 = VM_COMPILER + 116;
/** Tops of the static stacks. */
export const DESCRIPTOR_TOP: u32 = VM_COMPILER + 120;
export const BLOCK_TOP: u32 = VM_COMPILER + 124;
export const FUNCTION_TOP: u32 = VM_COMPILER + 128;
/** Buckets of constants.ts: address and number. */
export const BUCKETS: u32 = VM_COMPILER + 132;
export const BUCKET_COUNT: u32 = VM_COMPILER + 136;
/** Non-zero: the statement compiled last was a `return`, `goto` or `break`. */
export const LAST_JUMPS: u32 = VM_COMPILER + 140;
/** Bytes of the source that did not fit in one piece, and of a string with escapes. */
export const WINDOW: u32 = VM_COMPILER + 144;
export const TEXT: u32 = VM_COMPILER + 156;
/** Words of code (W_*), constants (value slots), descriptions of local variables (LOCAL_DESC_*, positions in words), nested prototypes. */
export const CODE: u32 = VM_COMPILER + 168;
export const CONSTANTS: u32 = VM_COMPILER + 180;
export const RECORDS: u32 = VM_COMPILER + 192;
export const PROTOTYPES: u32 = VM_COMPILER + 204;
/** Declared variables (V_*), labels and gotos that wait for theirs (L_*), exits (exits.ts). */
export const VARIABLES: u32 = VM_COMPILER + 216;
export const LABELS: u32 = VM_COMPILER + 228;
export const GOTOS: u32 = VM_COMPILER + 240;
export const EXITS: u32 = VM_COMPILER + 252;
export const FIRST_BUFFER: u32 = WINDOW;
export const BUFFER_COUNT: u32 = 10;
export const BUFFER_CELLS: u32 = 12;
/** Index in the function table of what compiles the body of a nested function: expressions contain functions, functions expressions. */
export const BODY_COMPILER: u32 = VM_COMPILER + 264;
/** A value slot for no longer than a call. */
export const SCRATCH_VALUE: u32 = VM_COMPILER + 272;
/** COMPILE_FAILED lies behind them. */
export const CELLS_SIZE: u32 = 288;

export const NOT_PEEKED: u32 = 0xffffffff;
