/**
 * What a compilation works on: cells at fixed addresses (VM_COMPILER), growing buffers, and stacks in static memory.
 *
 * The compiler makes one pass, as PUC's lparser and lcode do: tokens become code while they are read. An arena with a syntax tree was the
 * alternative: it knows captures and later uses before it emits, but writes and reads each node once more, and what hindsight is needed for
 * (closing on `return` and `goto`) is a list of exits here (exits.ts).
 *
 * - Buffers are raw memory of the heap, so the memory limit counts them. Functions nest, so one buffer serves all of them as a stack: a function
 *   owns what lies above the F_FIRST_* it began with, and its end cuts the buffer back.
 * - What nesting bounds (MAX_NESTING) lies in static memory: descriptors of expressions, blocks, functions. It is never released.
 * - A compilation ends with `endCompilation`, after an error, too: whoever started it sees to that.
 * - Only readers of pieces run Lua meanwhile. So the collector marks what the cells and buffers name (mark.ts), and a compilation that begins inside
 *   another one saves the cells and continues the static stacks.
 */
import { COMPILE_FAILED, VM_COMPILER } from '../../bytecode/layout';
import { throwBareText } from '../errors/raise';
import { freeRaw, reallocateRaw } from '../memory/heap';

// ---- Cells. A buffer takes three: address, bytes allocated, bytes in use.
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
const FIRST_BUFFER: u32 = WINDOW;
const BUFFER_COUNT: u32 = 10;
const BUFFER_CELLS: u32 = 12;
/** Index in the function table of what compiles the body of a nested function: expressions contain functions, functions expressions. */
export const BODY_COMPILER: u32 = VM_COMPILER + 264;
/** A value slot for no longer than a call. */
export const SCRATCH_VALUE: u32 = VM_COMPILER + 272;
/** COMPILE_FAILED lies behind them. */
export const CELLS_SIZE: u32 = 288;

export const NOT_PEEKED: u32 = 0xffffffff;

// ---- Records
/** A word of code: low and high half, line, and where a jump goes (code.ts). */
export const W_HIGH: u32 = 4;
export const W_LINE: u32 = 8;
export const W_TARGET: u32 = 12;
export const W_SIZE: u32 = 16;

/** A declared variable: name | kind (K_*) | register | index of its description, NO_RECORD for constants | value of a compile-time constant. */
export const V_KIND: u32 = 4;
export const V_REGISTER: u32 = 8;
export const V_RECORD: u32 = 12;
export const V_VALUE: u32 = 16;
export const V_SIZE: u32 = 32;
export const NO_RECORD: u32 = 0xffffffff;

export const K_REGULAR: u32 = 0;
export const K_CONST: u32 = 1;
export const K_TO_BE_CLOSED: u32 = 2;
/** A constant that has no register; upvalues are never of this kind. */
export const K_COMPILE_TIME: u32 = 3;

/** A label or goto: name (0 for break) | line | position, or list of jumps | variables active there | jumping needs to close. */
export const L_LINE: u32 = 4;
export const L_PC: u32 = 8;
export const L_ACTIVE: u32 = 12;
export const L_CLOSE: u32 = 16;
export const L_SIZE: u32 = 20;

/** A block: the one around it | active variables, labels and gotos at its start | B_* flags and what exits need (exits.ts). */
export const B_ACTIVE: u32 = 4;
export const B_FIRST_LABEL: u32 = 8;
export const B_FIRST_GOTO: u32 = 12;
export const B_IS_LOOP: u32 = 16;
/** Variables of it are captured or to be closed: leaving it has to close. */
export const B_CLOSES: u32 = 20;
/** Code position from which, and the highest register for which that is so. */
export const B_CLOSE_FROM: u32 = 24;
export const B_CLOSE_TOP: u32 = 28;
/** A to-be-closed variable is active. */
export const B_INSIDE_CLOSE: u32 = 32;
const B_SIZE: u32 = 36;

/** A function: the one around it | its innermost block | its first places in the buffers (bytes) | its code | registers | upvalues | parameters. */
export const F_BLOCK: u32 = 4;
export const F_FIRST_WORD: u32 = 8;
export const F_FIRST_CONSTANT: u32 = 12;
export const F_FIRST_RECORD: u32 = 16;
export const F_FIRST_PROTOTYPE: u32 = 20;
export const F_FIRST_VARIABLE: u32 = 24;
export const F_FIRST_LABEL: u32 = 28;
export const F_FIRST_EXIT: u32 = 32;
/** Number of active variables. */
export const F_ACTIVE: u32 = 36;
/** Number of words; position of the last instruction, and the last one that is jumped to (NO_JUMP if none). */
export const F_WORDS: u32 = 40;
export const F_LAST: u32 = 44;
export const F_LAST_LABEL: u32 = 48;
export const F_FREE: u32 = 52;
export const F_MAX_STACK: u32 = 56;
/** Descriptions of upvalues (UPVALUE_DESC_*) in a block of their own, as outer functions get upvalues while inner ones are compiled. */
export const F_UPVALUES: u32 = 60;
export const F_UPVALUE_ROOM: u32 = 64;
export const F_UPVALUE_COUNT: u32 = 68;
export const F_PARAMETERS: u32 = 72;
export const F_IS_VARARG: u32 = 76;
export const F_LINE: u32 = 80;
const F_SIZE: u32 = 84;

/** A descriptor of an expression (descriptor.ts): kind | info | key | jumps if true | value slot; jumps if false in the slot's link. */
export const E_INFO: u32 = 4;
export const E_KEY: u32 = 8;
export const E_WHEN_TRUE: u32 = 12;
export const E_VALUE: u32 = 16;
export const E_WHEN_FALSE: u32 = 28;
export const E_SIZE: u32 = 32;

// ---- Static stacks
/**
 * Nested statements, expressions and targets. PUC allows 200 C levels, of which `load` called by a main chunk finds three in use.
 * It bounds the recursion of the compiler on the host's stack.
 */
export const MAX_NESTING: u32 = 197;
/** Room for what one level puts on the stacks: 5 descriptors, 3 blocks, 1 function. */
const DESCRIPTORS_SIZE: i32 = 995 * 32;
const BLOCKS_SIZE: i32 = 597 * 36;
const FUNCTIONS_SIZE: i32 = 199 * 84;
const DESCRIPTORS = <u32>memory.data(DESCRIPTORS_SIZE, 16);
const DESCRIPTORS_END: u32 = DESCRIPTORS + DESCRIPTORS_SIZE;
const BLOCKS = <u32>memory.data(BLOCKS_SIZE, 16);
const BLOCKS_END: u32 = BLOCKS + BLOCKS_SIZE;
const FUNCTIONS = <u32>memory.data(FUNCTIONS_SIZE, 16);
const FUNCTIONS_END: u32 = FUNCTIONS + FUNCTIONS_SIZE;

/** Raises PUC's error of nesting. Does not return. */
export function throwNesting(): void {
  store<u32>(COMPILE_FAILED, 1);
  throwBareText('C stack overflow');
}

/** Where the stack of descriptors begins. */
export function firstDescriptor(): u32 { return DESCRIPTORS; }

/** The function whose code is made. */
// @ts-ignore: decorator
@inline export function currentFunction(): u32 { return load<u32>(FUNCTION); }

/** A new block record on its stack. */
export function pushBlock(): u32 {
  const block = load<u32>(BLOCK_TOP);
  if (block == BLOCKS_END) throwNesting();
  store<u32>(BLOCK_TOP, block + B_SIZE);
  memory.fill(block, 0, B_SIZE);
  return block;
}

/** A new function record on its stack, zeroed. */
export function pushFunction(): u32 {
  const f = load<u32>(FUNCTION_TOP);
  if (f == FUNCTIONS_END) throwNesting();
  store<u32>(FUNCTION_TOP, f + F_SIZE);
  memory.fill(f, 0, F_SIZE);
  return f;
}

/** A new descriptor on its stack; giving it back is setting DESCRIPTOR_TOP to it. */
// @ts-ignore: decorator
@inline export function pushDescriptor(): u32 {
  const e = load<u32>(DESCRIPTOR_TOP);
  if (e == DESCRIPTORS_END) throwNesting();
  store<u32>(DESCRIPTOR_TOP, e + E_SIZE);
  return e;
}

// ---- Buffers
const CAPACITY: u32 = 4;
const LENGTH: u32 = 8;
const FIRST_CAPACITY: u32 = 256;

// @ts-ignore: decorator
@inline export function bufferAddress(buffer: u32): u32 { return load<u32>(buffer); }
/** Bytes in use. */
// @ts-ignore: decorator
@inline export function bufferSize(buffer: u32): u32 { return load<u32>(buffer, LENGTH); }
/** Cuts a buffer back. */
// @ts-ignore: decorator
@inline export function cutBuffer(buffer: u32, size: u32): void { store<u32>(buffer, size, LENGTH); }

/** Appends `size` bytes, which are not cleared. @returns their address, good until the next push */
// @ts-ignore: decorator
@inline export function pushBytes(buffer: u32, size: u32): u32 {
  const length = load<u32>(buffer, LENGTH);
  if (load<u32>(buffer, CAPACITY) - length < size) growBuffer(buffer, size);
  store<u32>(buffer, length + size, LENGTH);
  return load<u32>(buffer) + length;
}

function growBuffer(buffer: u32, size: u32): void {
  const capacity = load<u32>(buffer, CAPACITY);
  const needed = <u64>load<u32>(buffer, LENGTH) + size;
  const fresh = <u32>min<u64>(max<u64>(max<u64>(needed, <u64>capacity * 2), FIRST_CAPACITY), 0xffffff00);
  store<u32>(buffer, reallocateRaw(load<u32>(buffer), capacity, fresh));
  store<u32>(buffer, fresh, CAPACITY);
}

/** Frees all buffers. */
export function freeBuffers(): void {
  for (let buffer = FIRST_BUFFER; buffer < FIRST_BUFFER + BUFFER_COUNT * BUFFER_CELLS; buffer += BUFFER_CELLS) {
    if (load<u32>(buffer)) freeRaw(load<u32>(buffer), load<u32>(buffer, CAPACITY));
  }
}

/** Empties the static stacks. */
export function resetStacks(): void {
  store<u32>(DESCRIPTOR_TOP, DESCRIPTORS);
  store<u32>(BLOCK_TOP, BLOCKS);
  store<u32>(FUNCTION_TOP, FUNCTIONS);
}
