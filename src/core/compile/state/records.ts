/** Records in the buffers and on the stacks: offsets of their fields (u32 unless said otherwise). */

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
export const B_SIZE: u32 = 36;

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
export const F_SIZE: u32 = 84;

/** A descriptor of an expression (descriptor.ts): kind | info | key | jumps if true | value slot; jumps if false in the slot's link. */
export const E_INFO: u32 = 4;
export const E_KEY: u32 = 8;
export const E_WHEN_TRUE: u32 = 12;
export const E_VALUE: u32 = 16;
export const E_WHEN_FALSE: u32 = 28;
export const E_SIZE: u32 = 32;
