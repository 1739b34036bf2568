/** What the core imports from the host. The only file with @external declarations. */

/** Throws the preallocated JS exception; the error value is in the running thread's THREAD_ERROR. Never returns. */
// @ts-ignore: decorator
@external('host', 'throwError') export declare function hostThrowError(): void;

/**
 * Builds the message of an operand error with variable names, stores it in THREAD_ERROR and throws. Never returns.
 * @param kind OPERAND_ERROR_* of errors/raise.ts
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

/** VM_BUDGET is used up inside a library function: fills it, or raises what stops the program. */
// @ts-ignore: decorator
@external('host', 'refill') export declare function hostRefill(): void;
/** Issues the warning "error in __gc (message)" for the error in a slot. Does not throw. */
// @ts-ignore: decorator
@external('host', 'warnError') export declare function hostWarnError(error: u32): void;

/** A host function (TAG_BUILTIN) or userdata with this handle was freed. Called while the collector sweeps: must not come back into the core. */
// @ts-ignore: decorator
@external('host', 'release') export declare function hostRelease(tag: u32, handle: u32): void;

/**
 * Calls the running thread's hook. @param event HOOK_* @param line -1 for none @param first, count locals of the active function that are
 * handed over
 */
// @ts-ignore: decorator
@external('host', 'callHook') export declare function hostCallHook(event: u32, line: i32, first: u32, count: u32): void;

/** Calls the host function with this handle. Same convention as a builtin. */
// @ts-ignore: decorator
@external('host', 'callHost') export declare function hostCall(handle: u32, base: u32, count: i32): i32;

/**
 * Formats a float. @param conversion ASCII of a, A, e, E, f, F, g, G  @param precision digits, -1 = none given
 * @param flags bit 0 '-', 1 '+', 2 ' ', 3 '#', 4 '0'  @param width minimum width  @returns bytes written at `out` (room: 512)
 */
// @ts-ignore: decorator
@external('host', 'formatFloat') export declare function hostFormatFloat(out: u32, value: f64, conversion: i32, flags: i32, width: i32, precision: i32): i32;

/** Parses a decimal float numeral that was already checked for its form. */
// @ts-ignore: decorator
@external('host', 'parseFloat') export declare function hostParseFloat(text: u32, length: u32): f64;

/** Math functions Wasm has no instruction for. Results are the host's. */
// @ts-ignore: decorator
@external('host', 'pow') export declare function hostPow(x: f64, y: f64): f64;
// @ts-ignore: decorator
@external('host', 'fmod') export declare function hostFmod(x: f64, y: f64): f64;
// @ts-ignore: decorator
@external('host', 'exp') export declare function hostExp(x: f64): f64;
// @ts-ignore: decorator
@external('host', 'log') export declare function hostLog(x: f64): f64;
// @ts-ignore: decorator
@external('host', 'log2') export declare function hostLog2(x: f64): f64;
// @ts-ignore: decorator
@external('host', 'log10') export declare function hostLog10(x: f64): f64;
// @ts-ignore: decorator
@external('host', 'sin') export declare function hostSin(x: f64): f64;
// @ts-ignore: decorator
@external('host', 'cos') export declare function hostCos(x: f64): f64;
// @ts-ignore: decorator
@external('host', 'tan') export declare function hostTan(x: f64): f64;
// @ts-ignore: decorator
@external('host', 'asin') export declare function hostAsin(x: f64): f64;
// @ts-ignore: decorator
@external('host', 'acos') export declare function hostAcos(x: f64): f64;
// @ts-ignore: decorator
@external('host', 'atan2') export declare function hostAtan2(y: f64, x: f64): f64;
/** Seed material for math.randomseed() and hashes. */
// @ts-ignore: decorator
@external('host', 'entropy') export declare function hostEntropy(): u32;
