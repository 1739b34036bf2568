/**
 * Layout of everything in a VM's linear memory. Compiled by both tsc and asc (types: assemblyscript-types.d.ts): numeric constants only, no imports.
 * All offsets are bytes; all pointers are u32; memory is little endian. Longer than 500 lines, as it is one address space that must be seen as a whole.
 *
 * Value slot (16 bytes)            Object header (first 4 bytes of every collected object)
 *   +0  payload  i64 | f64 | u32     +0 u8 tag (TAG_*)   +1 u8 mark   +2 u8 flags   +3 u8 extra
 *   +8  tag      u32
 *   +12 (free; dictionary keys keep their chain link here)
 */

// ---- Value tags. Order matters: falsy is `tag < TAG_TRUE`, number is `tag - TAG_INT < 2`, collectable is `tag >= TAG_STRING`.
export const TAG_NIL: u32 = 0;
export const TAG_FALSE: u32 = 1;
export const TAG_TRUE: u32 = 2;
export const TAG_INT: u32 = 3;
export const TAG_FLOAT: u32 = 4;
/** Light userdata: an opaque 32-bit number. */
export const TAG_LIGHT: u32 = 5;
export const TAG_STRING: u32 = 6;
export const TAG_TABLE: u32 = 7;
/** Lua closure. */
export const TAG_CLOSURE: u32 = 8;
/** Function implemented in the core or by the host (BUILTIN layout). */
export const TAG_BUILTIN: u32 = 9;
export const TAG_USERDATA: u32 = 10;
export const TAG_THREAD: u32 = 11;
// Internal object tags, never in a value a program sees.
export const TAG_PROTO: u32 = 12;
export const TAG_UPVALUE: u32 = 13;
export const TAG_SHAPE: u32 = 14;
/** Header tag of a free cell. */
export const TAG_FREE: u32 = 0;
/** Debug builds: tag of stack slots that nobody has written for whoever may look at them now. Reading one is an error. */
export const TAG_POISON: u32 = 16;
/** Key tag of a dictionary node whose key was a collected or removed object; kept so that `next` can pass over it. */
export const TAG_DEAD: u32 = 15;

export const SLOT_SIZE: u32 = 16;
export const SLOT_TAG: u32 = 8;
export const SLOT_LINK: u32 = 12;

// ---- Object header
export const OBJECT_TAG: u32 = 0;
export const OBJECT_MARK: u32 = 1;
export const OBJECT_FLAGS: u32 = 2;
export const OBJECT_EXTRA: u32 = 3;

// Mark colours (OBJECT_MARK). New objects get the current white; between marking and the end of the sweep the other white is dead.
export const MARK_WHITE0: u32 = 0;
export const MARK_WHITE1: u32 = 1;
export const MARK_GRAY: u32 = 2;
export const MARK_BLACK: u32 = 3;
/** Never collected (pinned: fixed strings, JIT constants are pinned through the pin table instead). */
export const MARK_FIXED: u32 = 4;
/** OBJECT_FLAGS of tables and userdata: registered with the collector to be finalised. */
export const OBJECT_FINALIZED: u32 = 128;
/** OBJECT_FLAGS of white objects in the atomic phase: the key of ephemerons, whose nodes hang on its *_GCLIST (collector-weak.ts). */
export const OBJECT_AWAITED: u32 = 64;

// ---- String: header | hash | length | intern chain | bytes...
//   flags: STRING_SHORT: interned, pointer equality is equality.  extra: metamethod event number + 1 of names like "__index".
export const STRING_HASH: u32 = 4;
export const STRING_LENGTH: u32 = 8;
export const STRING_NEXT: u32 = 12;
export const STRING_BYTES: u32 = 16;
export const STRING_SHORT: u32 = 1;
/** Long string whose hash is computed. */
export const STRING_HASHED: u32 = 2;
/** A reserved word of the language; its number is in the bits from STRING_WORD_SHIFT on. */
export const STRING_RESERVED: u32 = 4;
export const STRING_WORD_SHIFT: u32 = 3;
export const MAX_SHORT_STRING: u32 = 40;

// ---- Table (64 bytes). Three parts: record (shape + slots), array (kind), dictionary.
//   extra (+3) is the array kind. flags: TABLE_IS_METATABLE...TABLE_IS_OUTDATED.
//   Invariants:
//   - a short-string key is in the record part (if the table has a shape) or in the dictionary (shape = 0), never both;
//     a table goes from shape to dictionary mode once and for good. All other keys are in array or dictionary part.
//   - array part holds keys 1..arrayLength. INT and FLOAT kinds are full: every element has that type.
//     MIXED may hold nils inside but never at arrayLength, so arrayLength is a border and #t is arrayLength.
//     The key arrayLength + 1 is never in the dictionary (appending migrates it).
//   - record slots are value slots; a removed field is a nil slot, its key stays in the shape.
//   - arrayPointer: 8-byte payloads [0, capacity); MIXED has capacity tag bytes behind them, at arrayPointer + capacity * 8.
//     EMPTY has no array yet (pointer and length 0), its capacity is only how much the first store will allocate.
export const TABLE_SHAPE: u32 = 4;
export const TABLE_SLOTS: u32 = 8;
export const TABLE_METATABLE: u32 = 12;
export const TABLE_ARRAY: u32 = 16;
export const TABLE_ARRAY_LENGTH: u32 = 20;
export const TABLE_ARRAY_CAPACITY: u32 = 24;
/** Number of value slots allocated at TABLE_SLOTS. */
export const TABLE_SLOT_CAPACITY: u32 = 28;
/** Dictionary nodes (DICT_NODE_SIZE each), 0 when there are none. */
export const TABLE_DICT: u32 = 32;
/** Number of nodes, a power of two; 0 when there are none. */
export const TABLE_DICT_SIZE: u32 = 36;
/** Address behind the last node that may be free (PUC's lastfree). */
export const TABLE_DICT_FREE: u32 = 40;
/** Bit n set: metamethod event n (< 32) is known to be absent in this table used as a metatable. */
export const TABLE_ABSENT: u32 = 44;
/** Gray list link of the collector; of weak tables while marking: the list of its kind. */
export const TABLE_GCLIST: u32 = 48;
/** Of a table under `__index` of several metatables: the one that stands for them in shapes (metatable-equivalence.ts), else 0. */
export const TABLE_REPRESENTATIVE: u32 = 52;
export const TABLE_SIZE: u32 = 56;
export const TABLE_KIND: u32 = 3;
/** This table is, or was, somebody's metatable: writing a metamethod name into it bumps the metatable epoch. */
export const TABLE_IS_METATABLE: u32 = 1;
/** The dictionary may hold positive integer keys: an append must look whether the next key is there (never the case while the bit is 0). */
export const TABLE_DICT_INTEGERS: u32 = 2;
/** This table is, or was, under `__index` of a metatable without other fields. */
export const TABLE_IS_CLASS: u32 = 4;
/** This metatable has a representative. */
export const TABLE_IS_REPRESENTED: u32 = 8;
/** This representative is one no more: a metatable that it stood for has changed. */
export const TABLE_IS_OUTDATED: u32 = 16;

export const ARRAY_EMPTY: u32 = 0;
export const ARRAY_INT: u32 = 1;
export const ARRAY_FLOAT: u32 = 2;
export const ARRAY_MIXED: u32 = 3;

// ---- Dictionary node: key slot (link to the next node of the chain at SLOT_LINK, address or 0) then value slot.
export const DICT_NODE_SIZE: u32 = 32;
export const DICT_NODE_VALUE: u32 = 16;

// ---- Shape: which short-string key lives in which slot, and which metatable the table has.
//   A shape with a metatable belongs to tables with that metatable or others that say the same (metatable-equivalence.ts): one shape guard
//   proves fields and metamethods.
//   Tables in dictionary mode have shape 0 and their metatable only in TABLE_METATABLE (which is always valid).
export const SHAPE_PARENT: u32 = 4;
/** The key this shape adds to its parent (a short string), or 0 for a root or a metatable transition. */
export const SHAPE_KEY: u32 = 8;
/** Number of fields; slot of SHAPE_KEY is count - 1. */
export const SHAPE_COUNT: u32 = 12;
export const SHAPE_METATABLE: u32 = 16;
/** Key vector (private to shape.ts), made on demand. */
export const SHAPE_INDEX: u32 = 20;
/** Collector: chain of the shapes alive. */
export const SHAPE_GCLIST: u32 = 24;
/** Transitions (private to shape.ts). */
export const SHAPE_CHILDREN: u32 = 28;
export const SHAPE_CHILD_COUNT: u32 = 32;
export const SHAPE_SIBLING: u32 = 36;
/** Metatable epoch at which adding SHAPE_KEY was seen to need no __newindex; 0 = never. */
export const SHAPE_EPOCH: u32 = 40;
/** Hash of the transitions once there are many (private to shape.ts). */
export const SHAPE_CHILD_TABLE: u32 = 44;
export const SHAPE_SIZE: u32 = 48;

// ---- Lua closure: header | proto | upvalue count | upvalue pointers...
export const CLOSURE_PROTO: u32 = 4;
export const CLOSURE_UPVALUE_COUNT: u32 = 8;
export const CLOSURE_GCLIST: u32 = 12;
export const CLOSURE_UPVALUES: u32 = 16;

// ---- Upvalue. `location` points to a stack slot while open, to UPVALUE_CLOSED after.
export const UPVALUE_LOCATION: u32 = 4;
/** Next open upvalue of the thread, in descending stack order. */
export const UPVALUE_NEXT: u32 = 8;
export const UPVALUE_CLOSED: u32 = 16;
export const UPVALUE_SIZE: u32 = 32;

// ---- Builtin function (TAG_BUILTIN): header | function | name | handle | upvalue slots...
//   extra: BUILTIN_UNTRACED: compiled code must not call it.
export const BUILTIN_UNTRACED: u32 = 1;
/** Index of the implementation in the core's function table. Host functions share one implementation. */
export const BUILTIN_FUNCTION: u32 = 4;
/** Name (string pointer or 0) for messages. */
export const BUILTIN_NAME: u32 = 8;
/** Functions of the host: the place in its catalogue (src/stdlib/catalogue.ts), or HOST_CLOSURE + the slot of a closure; others: free for the builtin. */
export const BUILTIN_HANDLE: u32 = 12;
export const HOST_CLOSURE: u32 = 0x40000000;
/** In VMs that threads share closures have the slots of their thread (engine/host-objects.ts), and functions that each thread has are behind this + their number. */
export const HOST_NAMED: u32 = 0x60000000;
/** A closure of a thread that is gone. */
export const HOST_GONE: u32 = 0x5fffffff;
/** Stable number of this builtin in the registry (builtin-table), 0 for host functions: what a recorder recognises it by. */
export const BUILTIN_ID: u32 = 16;
export const BUILTIN_UPVALUE_COUNT: u32 = 20;
export const BUILTIN_GCLIST: u32 = 24;
export const BUILTIN_UPVALUES: u32 = 32;

// ---- Userdata: header | metatable | handle | size | bytes...
export const USERDATA_METATABLE: u32 = 4;
export const USERDATA_HANDLE: u32 = 8;
export const USERDATA_LENGTH: u32 = 12;
/** Only for OBJECT_AWAITED. */
export const USERDATA_GCLIST: u32 = 16;
export const USERDATA_BYTES: u32 = 32;
/** OBJECT_EXTRA of a file: its bytes are these fields (lib/file.ts), and it owns its buffers. */
export const USERDATA_IS_FILE: u32 = 1;
/** FILE_READS | FILE_WRITES | FILE_CLOSED */
export const FILE_FLAGS: u32 = 32;
export const FILE_READS: u32 = 1;
export const FILE_WRITES: u32 = 2;
export const FILE_CLOSED: u32 = 4;
/** When output is written out. */
export const FILE_MODE: u32 = 36;
export const FILE_FULL: u32 = 0;
export const FILE_LINE: u32 = 1;
export const FILE_UNBUFFERED: u32 = 2;
/** Output held back: a block of FILE_BUFFER bytes (0 before the first), bytes in it, and how many there may be. */
export const FILE_OUTPUT: u32 = 40;
export const FILE_PENDING: u32 = 44;
export const FILE_OUTPUT_SIZE: u32 = 48;
/** Input: block and its size (0 before the first), offsets in it of the next byte and of the end of what was read. */
export const FILE_INPUT: u32 = 52;
export const FILE_INPUT_SIZE: u32 = 56;
export const FILE_POSITION: u32 = 60;
export const FILE_END: u32 = 64;
/** Bytes held back up to the end of what was printed, which is to be seen soon. */
export const FILE_PRINTED: u32 = 68;
/** Bytes of these fields, and of a buffer. */
export const FILE_SIZE: u32 = 40;
export const FILE_BUFFER: u32 = 16384;

// ---- Prototype
export const PROTO_CODE: u32 = 4;
/** Bytes of code. */
export const PROTO_CODE_SIZE: u32 = 8;
/** Constants: value slots. */
export const PROTO_CONSTANTS: u32 = 12;
export const PROTO_CONSTANT_COUNT: u32 = 16;
/** Nested prototypes: u32 pointers. */
export const PROTO_PROTOS: u32 = 20;
export const PROTO_PROTO_COUNT: u32 = 24;
/** Upvalue descriptions: UPVALUE_DESC_SIZE each: name string pointer | u8 fromStack | u8 index | u8 kind. */
export const PROTO_UPVALUES: u32 = 28;
export const PROTO_UPVALUE_COUNT: u32 = 32;
export const PROTO_PARAMETER_COUNT: u32 = 36;
export const PROTO_IS_VARARG: u32 = 40;
/** Frame size in bytes (registers * 16). */
export const PROTO_FRAME_SIZE: u32 = 44;
export const PROTO_SOURCE: u32 = 48;
export const PROTO_LINE_DEFINED: u32 = 52;
export const PROTO_LAST_LINE_DEFINED: u32 = 56;
/** i32 line of each code word. */
export const PROTO_LINES: u32 = 60;
/** Locals: LOCAL_DESC_SIZE each: name string pointer | register | start pc | end pc (byte offsets). */
export const PROTO_LOCALS: u32 = 64;
export const PROTO_LOCAL_COUNT: u32 = 68;
export const PROTO_GCLIST: u32 = 72;
/** PROTO_FLAG_* */
export const PROTO_FLAGS: u32 = 76;
/** What a CALL of it enters: a trace descriptor (compiled code of the whole function), PROTO_REPORTED, or 0: the interpreter. */
export const PROTO_TRACE: u32 = 80;
export const PROTO_SIZE: u32 = 88;
/** PROTO_TRACE of a function whose next call is reported to the JIT. */
export const PROTO_REPORTED: u32 = 1;
/** A library function written in Lua: messages, tracebacks and hooks take it for a builtin. */
export const PROTO_FLAG_LIBRARY: u32 = 1;
/** A closure of it was made, and then another: the JIT does not rely on which one it meets. */
export const PROTO_FLAG_CLOSURE: u32 = 2;
export const PROTO_FLAG_CLOSURES: u32 = 4;
export const UPVALUE_DESC_SIZE: u32 = 8;
export const UPVALUE_DESC_FROM_STACK: u32 = 4;
export const UPVALUE_DESC_INDEX: u32 = 5;
export const UPVALUE_DESC_KIND: u32 = 6;
export const LOCAL_DESC_SIZE: u32 = 16;
export const LOCAL_DESC_REGISTER: u32 = 4;
export const LOCAL_DESC_START: u32 = 8;
export const LOCAL_DESC_END: u32 = 12;

// ---- Thread (coroutine): its value stack and its array of frames are raw blocks of their own.
export const THREAD_STATUS: u32 = 4;
export const THREAD_STACK: u32 = 8;
/** End of the usable stack (EXTRA_STACK slots lie behind it). */
export const THREAD_STACK_END: u32 = 12;
/** First free slot: set around builtin calls and open results; Lua frames own [base, base + frame size). */
export const THREAD_TOP: u32 = 16;
/** Current frame (address of a FRAME). */
export const THREAD_FRAME: u32 = 20;
export const THREAD_FRAMES: u32 = 24;
export const THREAD_FRAMES_END: u32 = 28;
/** Open upvalues, descending. */
export const THREAD_OPEN_UPVALUES: u32 = 32;
/** To-be-closed list: address of the topmost tbc slot, 0 if none. Each tbc slot links to the one below in SLOT_LINK (distance). */
export const THREAD_TBC: u32 = 36;
/** Thread that resumed this one, or that the host was running when it entered this one. */
export const THREAD_RESUMER: u32 = 40;
/** Slot address of a builtin that runs without a frame of its own (for tracebacks), else 0. */
export const THREAD_BUILTIN: u32 = 44;
/** Number of nested host entries. */
export const THREAD_HOST_DEPTH: u32 = 48;
export const THREAD_GCLIST: u32 = 52;
/** For a builtin that pushes frames: wanted results and FRAME_KIND flags of the call that reached it. */
export const THREAD_PENDING_RESULTS: u32 = 56;
export const THREAD_PENDING_KIND: u32 = 60;
/** Error value being thrown: a value slot, whose SLOT_LINK says which limit it reports (LIMIT_*). It travels with the error, until that is caught. */
export const THREAD_ERROR: u32 = 64;
export const LIMIT_NONE: u32 = 0;
export const LIMIT_MEMORY: u32 = 1;
export const LIMIT_STACK: u32 = 2;
/** Scratch value slots for slow paths (4). */
export const THREAD_SCRATCH: u32 = 80;
/** Next thread with open upvalues (collector). Only the collector and findUpvalue use it; 0 also at the end of the list. */
export const THREAD_UPVALUE_THREADS: u32 = 144;
/** Non-zero: this thread is on the list of threads with open upvalues. */
export const THREAD_HAS_UPVALUES: u32 = 148;
/**
 * Calls under way that would nest C calls in PUC (COUNTED_CALLS frames), of this thread and those that wait for it, and how many of them
 * belong to the latter.
 */
export const THREAD_C_CALLS: u32 = 152;
export const THREAD_C_CALLS_BELOW: u32 = 156;
/** Hook in force: HOOK_MASK_*, or 0. Only a thread with a mask runs in the interpreter's hooked form. */
export const THREAD_HOOK_MASK: u32 = 160;
/** The mask debug.sethook set; in force unless THREAD_HOOK_STOPS, which counts the hooks and finalisers under way, is more than 0. */
export const THREAD_HOOK_SET: u32 = 164;
export const THREAD_HOOK_STOPS: u32 = 168;
/** Instructions between two count events, and until the next. */
export const THREAD_HOOK_PERIOD: u32 = 172;
export const THREAD_HOOK_LEFT: u32 = 176;
/** Offset in its code of the last instruction looked at for a line event. */
export const THREAD_HOOK_PC: u32 = 180;
/** The uppermost frame that is not a Lua function's: bytes from THREAD_FRAMES. 0 is the bottom frame. */
export const THREAD_BUILTIN_FRAME: u32 = 184;
export const THREAD_SIZE: u32 = 192;
// THREAD_STATUS. A thread that died of an error keeps its frames, for tracebacks and pending closers, until it is closed.
export const THREAD_FRESH: u32 = 0;
export const THREAD_SUSPENDED: u32 = 1;
/** Running, or waiting for a thread it resumed. */
export const THREAD_ACTIVE: u32 = 2;
export const THREAD_DEAD: u32 = 3;
export const THREAD_FAILED: u32 = 4;
/**
 * Slots behind THREAD_STACK_END: a metamethod's function and arguments go there without a check, and a builtin
 * may always use BUILTIN_STACK slots above its arguments.
 */
export const EXTRA_STACK: u32 = 64;
export const BUILTIN_STACK: u32 = 40;
/** PUC's LUAI_MAXSTACK, in slots: the greatest VM_STACK_LIMIT, and what it is by default. */
export const MAX_STACK_SLOTS: u32 = 1000000;

// ---- Frame (call info), 32 bytes. The function is in the slot below base.
export const FRAME_BASE: u32 = 0;
/**
 * Address of the instruction being executed (valid whenever the frame is not the one in the interpreter's registers). For builtin frames: bytes down to
 * the builtin frame below, so that an error finds its pcall without a look at each frame of a deep recursion.
 */
export const FRAME_PC: u32 = 4;
export const FRAME_CONSTANTS: u32 = 8;
export const FRAME_CLOSURE: u32 = 12;
/** Wanted results; -1 = all. */
export const FRAME_RESULTS: u32 = 16;
/** FRAME_KIND_* | flags. 0 = plain Lua frame called by a Lua CALL. */
export const FRAME_KIND: u32 = 20;
/** Variable arguments below base (vararg functions). For builtin frames: their state, or the function of coroutine.wrap that returns. */
export const FRAME_VARARGS: u32 = 24;
/** End of the frame's registers (base + frame size). */
export const FRAME_TOP: u32 = 28;
export const FRAME_SIZE: u32 = 32;
/** What a frame counts for where compiled functions ask for room; words (core/trace/entry.ts). */
export const FRAME_WORDS: u32 = 8;

// ---- Inline cache word (cache: 'field'): shape | slot offset (scaled, < 65536) or child shape (>= 65536, a store that adds the field).
//   An empty cache is zero and so matches tables in dictionary mode: their TABLE_SLOTS is 0, and the first VM_STATE bytes of memory are
//   always zero, so that the slot found there reads as nil and the slow path follows.
export const CACHE_SHAPE: u32 = 8;
export const CACHE_SLOT: u32 = 12;
/** Loop cache word: hot counter i32 | trace descriptor address (loop_JIT) or penalty state. */
export const LOOP_COUNTER: u32 = 8;
export const LOOP_TRACE: u32 = 12;
/** Data word of SETLIST: u32 index of the last element stored before. */
export const SETLIST_LAST: u32 = 8;

// ---- Trace descriptor (raw block, written by the JIT, read by the core when it enters and leaves a trace)
/**
 * Index of the trace function in the core's table: `(base: i32) -> exit number`; for a whole function `(base, frame, room: i32) -> number of results`, which are
 * in the function's slot, or EXIT_LEFT.
 */
export const TRACE_FUNCTION: u32 = 0;
/** Bytes of stack above the root frame's base the trace may write. */
export const TRACE_STACK: u32 = 4;
/** Exit descriptors, EXIT_SIZE each. */
export const TRACE_EXITS: u32 = 8;
export const TRACE_ENTERED: u32 = 12;
export const TRACE_NUMBER: u32 = 16;
/** Frames the trace may push at an exit. */
export const TRACE_MAX_FRAMES: u32 = 20;
/** Times that code entered through this descriptor came back to the head of its loop, or of one it leads to (wraps around). */
export const TRACE_ROUNDS: u32 = 24;
/** Bytecode instructions of rounds that were begun and left (wraps around). */
export const TRACE_PARTS: u32 = 28;
export const TRACE_SIZE: u32 = 32;

/** Instruction to go on at. */
export const EXIT_PC: u32 = 0;
/** Trace descriptor of a side trace, 0 if none. */
export const EXIT_SIDE_TRACE: u32 = 4;
export const EXIT_HITS: u32 = 8;
/** Frames to push: address of EXIT_FRAME_SIZE records, and how many. */
export const EXIT_FRAMES: u32 = 12;
export const EXIT_FRAME_COUNT: u32 = 16;
/** EXIT_FLAG_* */
export const EXIT_FLAGS: u32 = 20;
/** Hits after which the JIT is asked for a side trace; 0 = never. */
export const EXIT_THRESHOLD: u32 = 24;
/** Bytecode instructions on the way to it from the head of the loop. */
export const EXIT_LENGTH: u32 = 28;
export const EXIT_SIZE: u32 = 32;
/** An exit frame: offset of the new base from the root base | pc of the CALL in the caller | wanted results. */
export const EXIT_FRAME_BASE: u32 = 0;
export const EXIT_FRAME_CALLER_PC: u32 = 4;
export const EXIT_FRAME_RESULTS: u32 = 8;
/** FRAME_KIND in the lower half, FRAME_VARARGS in the upper. */
export const EXIT_FRAME_KIND: u32 = 12;
export const EXIT_FRAME_SIZE: u32 = 16;

// EXIT_FLAGS. Without a flag the interpreter executes the instruction at EXIT_PC, a compiled loop's head in its plain form
// (the trace just left in front of it).
/** Go on at EXIT_PC as usual: a compiled loop's head enters its trace (links between traces). */
export const EXIT_FLAG_ENTER: u32 = 1;
/** The budget ran out or a collection is due: EXIT_PC is the loop's head; let the host look, then enter the trace again. Never counts hits. */
export const EXIT_FLAG_BUDGET: u32 = 2;
/** Exit number by which a trace says: the frames in memory are what to go on with (a builtin pushed frames or yielded). */
export const EXIT_SYNCED: i32 = -1;
/** The same of code that has called compiled functions: one of them has left, at VM_TRACE_EXIT, and all frames are in memory. */
export const EXIT_LEFT: i32 = -2;

// ---- VM state: fixed addresses in the first page, so that core and traces reach it without a pointer. [VM_STATE, VM_STATE_END)
export const VM_STATE: u32 = 1024;
/** Running thread. */
export const VM_THREAD: u32 = 1024;
export const VM_MAIN_THREAD: u32 = 1028;
/** The globals table, and the table of loaded libraries. */
export const VM_GLOBALS: u32 = 1032;
export const VM_REGISTRY: u32 = 1036;
/** Bumped when a metamethod name is written into a table that serves as a metatable. */
export const VM_METATABLE_EPOCH: u32 = 1040;
/** Non-zero: a collection is due; checked after allocating instructions and by traces. */
export const VM_COLLECT_DUE: u32 = 1044;
/**
 * Units of work until the host wants to be asked (i32): every back-edge, every call, and every so many steps of a long library function
 * cost one (core/base/budget.ts). The only place where work is counted: nested runs and builtins draw on it, too.
 */
export const VM_BUDGET: u32 = 1048;
/** Non-zero: the collector is at work. For profilers only. */
export const VM_COLLECTING: u32 = 1112;
/** Non-zero: a JIT is attached, loops count. */
export const VM_JIT_ATTACHED: u32 = 1052;
/** Initial hot counter of a loop. */
export const VM_HOT_LOOP: u32 = 1056;
/** Hot loops and exits that are not reported: the JIT has no time for them now. */
export const VM_HOT_WAIT: u32 = 6132;
/** How many times as long as others a loop counts that is not reported. */
export const HOT_WAIT_FACTOR: u32 = 4;
/** Where a hot loop or exit was met: address of the loop instruction, or of the exit descriptor. */
export const VM_HOT_PLACE: u32 = 1060;
/** Trace descriptor whose exit VM_HOT_PLACE belongs to. */
export const VM_HOT_TRACE: u32 = 1064;
/** Base of the frame a trace was entered with, or of the compiled function that left. */
export const VM_TRACE_BASE: u32 = 1068;
/** The error under way is one that Lua must not catch: UNCATCHABLE_*, 0 = it may. Set and cleared by the host; an abort clears it where closers run. */
export const VM_UNCATCHABLE: u32 = 1136;
/** Slots a thread's stack may have; beyond it "stack overflow". */
export const VM_STACK_LIMIT: u32 = 1140;
/** Units of VM_BUDGET that were time only, no work of the program's: they cost no fuel. The host sets it back. */
export const VM_TIME_UNITS: u32 = 1148;
/** Units a trace may spend before it leaves: the JIT's parameter. */
export const VM_LOOP_BUDGET: u32 = 1132;
/**
 * The same for the trace that runs now, no more than VM_BUDGET: units above ROUND_BITS, below them the rounds it has run. A trace counts both by
 * one addition; a round costs a unit at least, so that no more than MAX_TRACE_UNITS of them fit.
 */
export const VM_TRACE_BUDGET: u32 = 1072;
/** What a trace left of its budget, and the rounds it ran. */
export const VM_TRACE_LEFT: u32 = 1128;
export const ROUND_BITS: i32 = 15;
export const MAX_TRACE_UNITS: i32 = 0x7fff;
/** Where compiled code left with EXIT_LEFT: exit descriptor, and the innermost frame. VM_TRACE_BASE is the base of the function that left. */
export const VM_TRACE_EXIT: u32 = 2680;
export const VM_TRACE_TOP: u32 = 2684;
/** How `run` goes on after a trace left with EXIT_SYNCED (RUN_*). */
export const VM_TRACE_STATUS: u32 = 1076;
/** Descriptor of the trace that runs; 0 while the interpreter or a builtin does. For profilers only. */
export const VM_RUNNING_TRACE: u32 = 1144;
/** Bytes of objects in use (what collectgarbage counts) and, of those in use, the number at which a collection becomes due (u32). */
export const VM_BYTES_USED: u32 = 1080;
/** Limit of VM_BYTES_HELD (memory/limit.ts), 0 = none. */
export const VM_BYTES_LIMIT: u32 = 1084;
export const VM_COLLECT_AT: u32 = 1088;
/** Colour of new objects. */
export const VM_CURRENT_WHITE: u32 = 1092;
/** String table (strings/string-table.ts): buckets (u32 chain heads), number of buckets (power of two), number of strings. */
export const VM_STRINGS: u32 = 1096;
export const VM_STRING_BUCKETS: u32 = 1100;
export const VM_STRING_COUNT: u32 = 1104;
/** Root shape of tables without a metatable. */
export const VM_ROOT_SHAPE: u32 = 1108;
/** Non-zero while the collector is stopped by the program. */
export const VM_COLLECTOR_STOPPED: u32 = 1116;
/** Pause of the collector in percent (collectgarbage "setpause"). */
export const VM_COLLECT_PAUSE: u32 = 1120;
/** The string "not enough memory", made beforehand. */
export const VM_MEMORY_MESSAGE: u32 = 1124;
/** Metatables of the basic types: u32 by value tag (16). */
export const VM_TYPE_METATABLES: u32 = 1152;
/** Names of the metamethod events (string pointers), by event number (32). */
export const VM_EVENT_NAMES: u32 = 1216;
/** Type names (string pointers) by value tag (16). */
export const VM_TYPE_NAMES: u32 = 1344;
/** Private to the files of core/memory and their debug parts; the host reads one cell. */
export const VM_HEAP: u32 = 1536;
/** Address at which the heap begins. */
export const VM_HEAP_START: u32 = 2536;
/** Size of the memory in bytes. */
export const VM_MEMORY_END: u32 = 2540;
/** Pins: objects the host or compiled code hold. Private to collect/cycle.ts: pointer to entries, capacity, free list. */
export const VM_PINS: u32 = 2560;
/** State of math.random (4 x u64). */
export const VM_RANDOM: u32 = 2624;
/** Buffer in which library functions build strings (core/strings/buffer.ts): pointer, capacity, length in use. */
export const VM_BUFFER: u32 = 2656;
/** collectgarbage's mode (0 incremental, 1 generational: only reported) and the collector's work for each unit allocated, in percent. */
export const VM_COLLECT_MODE: u32 = 2668;
export const VM_COLLECT_STEP: u32 = 2672;
/** Table of the builtins' companions by BUILTIN_ID, 0 before the first (companion.ts). */
export const VM_COMPANIONS: u32 = 2676;
/** Field cache (objects/field-cache.ts): raw block, cleared by each collection. */
export const VM_FIELD_CACHE: u32 = 2688;
export const FIELD_CACHE_SIZE: u32 = 49152;
/** Owners of pins that have died since the host looked last (pin.ts); the host sets it back. */
export const VM_DEAD_OWNERS: u32 = 2692;
/** Private to hash.ts (10 x u64). */
export const VM_HASH_KEYS: u32 = 2704;
/** Metatable of files, the default files, and the file that print writes to. */
export const VM_FILE_METATABLE: u32 = 2784;
export const VM_INPUT: u32 = 2788;
export const VM_OUTPUT: u32 = 2792;
export const VM_STDOUT: u32 = 2796;
/** Bytes of whole blocks and large chunks, and of what the host keeps for Lua objects; the latter alone (memory/limit.ts). */
export const VM_BYTES_HELD: u32 = 2696;
export const VM_BYTES_CHARGED: u32 = 2700;
/** Non-zero: an allocation failed that a collection may make possible; what failed is being done again (run/repeat.ts). */
export const VM_ALLOCATION_FAILED: u32 = 2800;
export const VM_REPEATING: u32 = 2804;
/** The instruction that must not be done again, as it has changed something; 0 = none, and another than the current one means nothing. */
export const VM_COMMITTED: u32 = 2808;
/** What the host's side of the engine keeps: a table of the engine's own, by the places of host-places.ts. */
export const VM_HOST: u32 = 2812;
/** Scratch for the host: 16 slots, of which host-scratch.ts says whose they are. */
export const VM_HOST_SCRATCH: u32 = 2816;
/** Scratch for the text of error messages (1,000 bytes). */
export const VM_TEXT_SCRATCH: u32 = 3072;
/** Scratch value slots of compiled code: operands and results of helper calls (64 slots). Not roots: nothing is collected inside a trace. */
export const VM_TRACE_SCRATCH: u32 = 4096;
export const TRACE_SCRATCH_SLOTS: u32 = 64;
/** A chunk's name as messages show it, for the host (60 bytes). */
export const VM_SOURCE_NAME: u32 = 5120;
/** The number that a host function returns (f64), behind BUILTIN_NUMBER. */
export const VM_HOST_RESULT: u32 = 5184;
/** What threads that share a VM agree on (944 bytes). Private to engine/shared; zero in a VM of one thread. */
export const VM_SHARED: u32 = 5200;
/** The client at work + 1, in a VM that threads share: whom pins belong to. Private to engine/shared but for that. */
export const VM_CLIENT: u32 = 5216;
/** As VM_DEAD_OWNERS, but nobody sets it back: where threads share a VM each has to look. */
export const VM_DEAD_OWNER_COUNT: u32 = 6124;
/** The table whose keys are being moved from one part to another (VM_STRINGS: the string table's chains are); 0 = none. Where the host's thread is gone meanwhile some of them are lost. */
export const VM_MOVING: u32 = 6128;
/** The collector's state (collector-state.ts, 512 bytes); its first word is the phase, COLLECT_*. */
export const VM_COLLECTOR: u32 = 6144;
export const VM_COLLECT_PHASE: u32 = 6144;
/** Private to memory/block.ts (512 bytes). */
export const VM_BLOCKS: u32 = 6656;
/** What the compiler works on. Private to core/compile (320 bytes); two cells are for others. */
export const VM_COMPILER: u32 = 7168;
/** Non-zero: the last compilation failed because of what it read, not for want of something. */
export const COMPILE_FAILED: u32 = 7456;
/** Index in the function table of what marks the objects that compilations refer to; 0 if none is under way. */
export const VM_COMPILE_MARKER: u32 = 7460;
/** Programs of patterns (strings/pattern-program.ts): 17 raw blocks, given back by each collection. */
export const VM_PATTERNS: u32 = 7488;
/** A table's part that is being made: the header of a table that is none (objects/table-draft.ts). */
export const VM_DRAFT: u32 = 7568;
/** What could not be done to a table since it is large, and may be in steps (objects/table-dictionary.ts); the key it was to be done for (16 bytes). */
export const VM_REFUSED: u32 = 7632;
export const VM_REFUSED_KEY: u32 = 7648;
/** From which chain on the string table has two for one (the number of chains if from none), whether that is to change, and where they are. */
export const VM_STRING_SPLIT: u32 = 7664;
export const VM_STRING_RESIZING: u32 = 7668;
export const VM_SPLIT_STRINGS: u32 = 7672;
/** A block without an owner yet (memory/spare.ts), 0 if there is none, and its size. */
export const VM_SPARE: u32 = 7680;
export const VM_SPARE_SIZE: u32 = 7684;
export const VM_STATE_END: u32 = 8192;

// ---- Phases of the collector (VM_COLLECT_PHASE)
/** Between two cycles: all objects are white. */
export const COLLECT_PAUSED: u32 = 0;
/** Marking: no black object refers to a white one. */
export const COLLECT_MARK: u32 = 1;
/** Sweeping: objects of the other white are dead. */
export const COLLECT_SWEEP: u32 = 2;

// ---- VM_UNCATCHABLE
/** A limit: nothing of the program runs any more, not even its closers. */
export const UNCATCHABLE_LIMIT: u32 = 1;
/** The host gave the program up: its to-be-closed variables are closed, as those of a coroutine are. */
export const UNCATCHABLE_ABORT: u32 = 2;

// ---- Results of `run`
export const RUN_FINISHED: u32 = 0;
export const RUN_ERROR: u32 = 1;
export const RUN_BUDGET: u32 = 3;
export const RUN_HOT_LOOP: u32 = 4;
export const RUN_HOT_EXIT: u32 = 5;
/** A host function asked to be waited for. */
export const RUN_HOST_WAIT: u32 = 6;
/** step(): the instruction was executed, execution goes on. */
export const RUN_STEPPED: u32 = 7;
/** A function was called that the JIT wants to see: its frame is the current one. VM_HOT_PLACE is its prototype. */
export const RUN_HOT_FUNCTION: u32 = 8;

// ---- Negative results of builtins
export const BUILTIN_ERROR: i32 = -1;
export const BUILTIN_FRAME: i32 = -2;
/** Of a host function: its results come later. */
export const BUILTIN_WAIT: i32 = -3;
/** Of a host function: its one result is the number in VM_HOST_RESULT. */
export const BUILTIN_NUMBER: i32 = -4;

// ---- Frame kinds (FRAME_KIND, low byte) and flags
export const FRAME_KIND_LUA: u32 = 0;
/**
 * The frame a host entered with: returning from it leaves `run`. It keeps what the host function that entered was called for: FRAME_RESULTS is the thread's
 * THREAD_PENDING_RESULTS, the upper half of FRAME_KIND its THREAD_PENDING_KIND, FRAME_CONSTANTS the offset of THREAD_BUILTIN.
 */
export const FRAME_KIND_ENTRY: u32 = 1;
export const ENTRY_PENDING_KIND_SHIFT: u32 = 16;
/** pcall, xpcall: results get `true` in front; errors stop here. */
export const FRAME_KIND_PCALL: u32 = 2;
export const FRAME_KIND_XPCALL: u32 = 3;
/** Runs a message handler above the frames of an error. FRAME_CONSTANTS: offset in the stack of the builtin that raised it, 0 = none or not known. */
export const FRAME_KIND_HANDLER: u32 = 4;
/** Calls finalisers between two instructions of the Lua frame below; errors stop here and become warnings. FRAME_CONSTANTS: offset of THREAD_TOP before. */
export const FRAME_KIND_FINALIZER: u32 = 16;
/** The same for collectgarbage, whose result waits in the first slot of the frame. */
export const FRAME_KIND_COLLECT: u32 = 17;
/** Bottom frame of a coroutine: returning from it ends the coroutine. */
export const FRAME_KIND_COROUTINE: u32 = 5;
/** coroutine.resume, a function made by coroutine.wrap, coroutine.close: waiting for another thread. */
export const FRAME_KIND_RESUME: u32 = 6;
export const FRAME_KIND_WRAP: u32 = 7;
export const FRAME_KIND_CLOSE: u32 = 8;
/** coroutine.yield: the thread is suspended, what it is resumed with are the results. */
export const FRAME_KIND_YIELD: u32 = 9;
/** A host function whose results come later. FRAME_VARARGS: its builtin object, once they are there. */
export const FRAME_KIND_WAIT: u32 = 10;
/** Called for a metamethod: finish the caller's instruction with the result. */
export const FRAME_FLAG_META: u32 = 256;
/** FRAME_RESULTS of such a frame where `a <= b` asks __lt for `b < a`, for want of __le. */
export const COMPARISON_NEGATED: i32 = 1;
/** The function was reached by a tail call. */
export const FRAME_FLAG_TAIL: u32 = 512;
/** Its first instruction was not executed yet, for the call event (set only with a hook). */
export const FRAME_FLAG_FRESH: u32 = 4096;
/** An entry frame by which the host runs a hook for the frame, or the builtin, below. */
export const FRAME_FLAG_HOOK: u32 = 8192;
/** An entry frame with a message handler, in the first slot of the frame. */
export const FRAME_FLAG_HANDLER: u32 = 16384;
/** The frame returns into a builtin frame below it or leaves `run`: not the plain return. */
export const FRAME_FLAG_SPECIAL: u32 = 1024;
/** A library function written in Lua that runs in place of a builtin: no yield may leave it directly. */
export const FRAME_FLAG_COMPANION: u32 = 2048;
/** Frames that count as nested C calls. */
export const COUNTED_CALLS: u32 = 3328;

// ---- Hook events, in the order of PUC's LUA_HOOK*; a mask has the bit of an event.
export const HOOK_CALL: u32 = 0;
export const HOOK_RETURN: u32 = 1;
export const HOOK_LINE: u32 = 2;
export const HOOK_COUNT: u32 = 3;
/** Comes with HOOK_MASK_CALL. */
export const HOOK_TAIL_CALL: u32 = 4;
export const HOOK_MASK_CALL: u32 = 1;
export const HOOK_MASK_RETURN: u32 = 2;
export const HOOK_MASK_LINE: u32 = 4;
export const HOOK_MASK_COUNT: u32 = 8;
