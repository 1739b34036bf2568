/** What the core imports from the host. The only file with @external declarations. */

/** Throws the preallocated JS exception; the error value is in the running thread's THREAD_ERROR. Never returns. */
// @ts-ignore: decorator
@external('host', 'throwError') export declare function hostThrowError(): void;

/**
 * Builds the message of an operand error with variable names, stores it in THREAD_ERROR and throws. Never returns.
 * @param kind OPERAND_ERROR_* of base/raise.ts
 * @param first, second addresses of the operands' slots
 */
// @ts-ignore: decorator
@external('host', 'throwOperandError') export declare function hostThrowOperandError(kind: u32, first: u32, second: u32): void;

/**
 * "bad argument #n to 'f' (text)": finds the function's name as luaL_argerror does, stores the message and throws. Never returns.
 * @param argument 1-based; the builtin running is THREAD_BUILTIN's
 */
// @ts-ignore: decorator
@external('host', 'throwArgumentError') export declare function hostThrowArgumentError(argument: i32, text: u32, length: u32): void;

/** luaL_error: position of the calling Lua function, then the text; stores and throws. Never returns. @param limit LIMIT_* */
// @ts-ignore: decorator
@external('host', 'throwText') export declare function hostThrowText(text: u32, length: u32, limit: u32): void;
/** The same without a position. */
// @ts-ignore: decorator
@external('host', 'throwBareText') export declare function hostThrowBareText(text: u32, length: u32, limit: u32): void;

/** VM_BUDGET is used up inside a library function: fills it, or raises what stops the program. */
// @ts-ignore: decorator
@external('host', 'refill') export declare function hostRefill(): void;
/** The same for the collector: nothing but the limits is looked at. If it throws, a cycle that was at work is given up before. */
// @ts-ignore: decorator
@external('host', 'look') export declare function hostLook(): void;
/** Issues the warning "error in __gc (message)" for the error in a slot. Does not throw. */
// @ts-ignore: decorator
@external('host', 'warnError') export declare function hostWarnError(error: u32): void;

/** A host function (TAG_BUILTIN) or userdata with this handle was freed. Called while the collector sweeps: must not come back into the core. */
// @ts-ignore: decorator
@external('host', 'release') export declare function hostRelease(tag: u32, handle: u32): void;

/** The memory has grown. Called wherever something is allocated: must not come back into the core. */
// @ts-ignore: decorator
@external('host', 'grown') export declare function hostGrown(): void;

/** A full collection found something to tidy up for the JIT (VM_DEAD_OWNERS), which it may do now, or later. No trace is under way in this run. */
// @ts-ignore: decorator
@external('host', 'tidyTraces') export declare function hostTidyTraces(): void;

/**
 * Calls the running thread's hook. @param event HOOK_* @param line -1 for none @param first, count locals of the active function that are
 * handed over
 */
// @ts-ignore: decorator
@external('host', 'callHook') export declare function hostCallHook(event: u32, line: i32, first: u32, count: u32): void;

/** Raises "C stack overflow" unless the host's own stack has enough room to go on for a while (RESERVE in host-stack.ts). */
// @ts-ignore: decorator
@external('host', 'checkStack') export declare function hostCheckStack(): void;

/** The next piece of the source that is compiled (a string object), 0 at its end. Lua runs meanwhile. */
// @ts-ignore: decorator
@external('host', 'readPiece') export declare function hostReadPiece(): u32;

/**
 * Calls the host function with this handle. Same convention as a builtin, and BUILTIN_WAIT, BUILTIN_NUMBER. @param offset `base` within the stack
 * @param numbers which of the first two arguments are numbers that are handed over by value, as bits @param first, second these
 */
// @ts-ignore: decorator
@external('host', 'callHost') export declare function hostCall(handle: u32, base: u32, count: i32, offset: u32, numbers: u32, first: f64, second: f64): i32;

/**
 * Writes bytes to a file; without (0, 0) what it holds back. Before that the host gives up what was read ahead. @returns negative after a failure, of
 * which hostFileFailure tells
 */
// @ts-ignore: decorator
@external('host', 'fileOutput') export declare function hostFileOutput(file: u32, bytes: u32, length: u32): i32;
/** Reads bytes to the end of a file's input buffer. @returns how many; 0 at the end, negative after a failure */
// @ts-ignore: decorator
@external('host', 'fileInput') export declare function hostFileInput(file: u32): i32;
/** Results of a builtin whose reading or writing failed: nil, message, number. @returns 3 */
// @ts-ignore: decorator
@external('host', 'fileFailure') export declare function hostFileFailure(base: u32): i32;
/** Closes a file whose end was reached. */
// @ts-ignore: decorator
@external('host', 'fileClose') export declare function hostFileClose(file: u32): void;

/** C's fmod, which Wasm has no instruction for; it is exact. */
// @ts-ignore: decorator
@external('host', 'fmod') export declare function hostFmod(x: f64, y: f64): f64;
/** Seed material for math.randomseed() and hashes. */
// @ts-ignore: decorator
@external('host', 'entropy') export declare function hostEntropy(): u32;
