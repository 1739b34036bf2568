/** What the JIT's core needs of its host and of the VM: reads of the VM's memory, answers of the trace manager, and giving up. */

// ---- Giving up

// @ts-ignore: decorator
@external('host', 'abort')
declare function hostAbort(reason: i32, detail: usize): void;
// @ts-ignore: decorator
@external('host', 'fail')
declare function hostFail(message: usize): void;

/** Gives the recording up: the host throws, nothing here goes on. @param reason Abort */
export function abortRecording(reason: i32, detail: string = ''): void {
  hostAbort(reason, changetype<usize>(detail));
  unreachable();
}

/** A fault of the JIT itself. */
export function refuse(message: string): void {
  hostFail(changetype<usize>(message));
  unreachable();
}

/** AssemblyScript's own checks (an index out of its range, a null). */
export function fail(message: string | null, file: string | null, line: u32, column: u32): void {
  refuse(`${message === null ? 'fault' : message} (${file === null ? '' : file}:${line}:${column})`);
}

// ---- The VM's memory

// @ts-ignore: decorator
@external('heap', 'load32')
export declare function load32(address: u32): u32;
// @ts-ignore: decorator
@external('heap', 'load8')
export declare function load8(address: u32): u32;
// @ts-ignore: decorator
@external('heap', 'load64')
export declare function load64(address: u32): i64;
// @ts-ignore: decorator
@external('heap', 'loadFloat')
export declare function loadFloat(address: u32): f64;
// @ts-ignore: decorator
@external('heap', 'store32')
export declare function store32(address: u32, value: u32): void;
// @ts-ignore: decorator
@external('heap', 'store64')
export declare function store64(address: u32, value: i64): void;
/** Raw get of a short string: the value is copied to the slot. */
// @ts-ignore: decorator
@external('heap', 'tableGetString')
export declare function tableGetString(table: u32, key: u32, slot: u32): void;
/** Raw get of the key in a slot: the value is copied to the slot. */
// @ts-ignore: decorator
@external('heap', 'tableGet')
export declare function tableGet(table: u32, keySlot: u32, slot: u32): void;

/** Executes the next instruction of the program. @returns RUN_* */
// @ts-ignore: decorator
@external('heap', 'step')
export declare function step(): u32;

// ---- The trace manager

/** Is there compiled code of the whole function, or is there soon? 0 or 1 */
// @ts-ignore: decorator
@external('manager', 'isCompiled')
export declare function isCompiled(proto: u32): i32;
/** A function has a loop and should not be inlined. @returns 1 if it is going to be compiled by itself */
// @ts-ignore: decorator
@external('manager', 'wantFunction')
export declare function wantFunction(proto: u32): i32;
/** Is it known that a prototype has many closures, so that a trace should not depend on one of them? 0 or 1 */
// @ts-ignore: decorator
@external('manager', 'isPolymorphic')
export declare function isPolymorphic(proto: u32, closure: u32): i32;
/** Keeps an object alive as long as the trace. */
// @ts-ignore: decorator
@external('manager', 'pin')
export declare function pin(object: u32): void;
