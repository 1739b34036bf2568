/**
 * THE layout of what threads that share a VM agree on, in the VM's own memory (VM_SHARED): indices of 32-bit cells. All are read and written by Atomics, but for
 * those that belong to the holder of the lock.
 *
 *   lock      the holder's word (0 = free) | LOCK_CONTENDED     ticket   the last one drawn
 *   clients   CLIENT_SIZE cells for each thread that is attached: thread | ticket | uses | call
 */
import { VM_CLIENT, VM_DEAD_OWNER_COUNT, VM_GLOBALS, VM_MAIN_THREAD, VM_SHARED, VM_STATE_END } from '../../bytecode/layout.ts';

const FIRST = VM_SHARED >>> 2;

export const LOCK = FIRST;
export const LAST_TICKET = FIRST + 1;
/** Clients that there have been at one time. */
export const CLIENT_COUNT = FIRST + 2;
/** What has become of the VM: STATE_*. */
export const STATE = FIRST + 3;
export const STATE_OPEN = 0;
export const STATE_CLOSED = 1;
/** What its last holder left behind is no sound heap. */
export const STATE_BROKEN = 2;

// ---- Of the holder of the lock
/** Non-zero: the holder is at work. Its client + 1. Who finds it so has taken the lock over from a thread that is gone. */
export const AT_WORK = VM_CLIENT >>> 2;
/** Bits of the libraries that there are (api/shared/libraries.ts). */
export const LIBRARIES = FIRST + 5;
/** Compiled code (code.ts): the version of the list of what is published, its first block, the last place of the core's table that was taken. */
export const CODE_VERSION = FIRST + 208;
export const CODE_LIST = FIRST + 209;
export const LAST_SLOT = FIRST + 210;
/** Times that all compiled code had to go: each thread throws its own away. */
export const FLUSHES = FIRST + 211;
/** Places whose threads are gone, and that somebody who has the VM is to clear. */
export const TO_CLEAR = FIRST + 212;
/** Owners of pins that have died, as VM_DEAD_OWNERS, never set back. */
export const DEAD_OWNERS = VM_DEAD_OWNER_COUNT >>> 2;
/** The client that had it last + 1: nothing has changed since, for that one. */
export const LAST_CLIENT = FIRST + 213;
/** Fuel left: a float of 64 bits, by its address. */
export const FUEL_ADDRESS = VM_SHARED + 24;
/** Handles of functions and objects that were freed by another thread than theirs (releases.ts): a block, its capacity, how many. */
export const RELEASES = FIRST + 8;
export const RELEASE_CAPACITY = FIRST + 9;
export const RELEASE_COUNT = FIRST + 10;
/** A call of a host function on another thread (served-calls.ts): its steps are counted; the function, the offset of its arguments, how many, what came of it. */
export const CALL_SIGNAL = FIRST + 11;
export const CALL_HANDLE = FIRST + 12;
export const CALL_BASE = FIRST + 13;
export const CALL_COUNT = FIRST + 14;
export const CALL_RESULT = FIRST + 15;

const CLIENTS = FIRST + 16;
const CLIENT_SIZE = 4;
/** Threads that can be attached at one time. */
export const MAX_CLIENTS = 48;

/** The thread, never 0; 0 for a free place, GONE for one whose thread is known to be no more. */
export const clientThread = (client: number): number => CLIENTS + client * CLIENT_SIZE;
export const GONE = -1;
/** The ticket by which it waits for the lock, 0 if it does not. */
export const clientTicket = (client: number): number => CLIENTS + client * CLIENT_SIZE + 1;
/** What is asked of it (served-calls.ts). */
export const clientCall = (client: number): number => CLIENTS + client * CLIENT_SIZE + 3;
/** Times that the place was taken: words of the lock tell apart who had it. */
export const clientUses = (client: number): number => CLIENTS + client * CLIENT_SIZE + 2;

/** Whether there is a VM in a memory that threads share: who has made one was its first client, and left it these two objects. Not whether its heap is sound. */
export function holdsSharedVm(memory: WebAssembly.Memory): boolean {
  const { buffer } = memory;
  if (Object.prototype.toString.call(buffer) !== '[object SharedArrayBuffer]' || buffer.byteLength <= VM_STATE_END) return false;
  const cells = new Int32Array(buffer);
  const count = Atomics.load(cells, CLIENT_COUNT);
  const objects = [VM_GLOBALS, VM_MAIN_THREAD].map((address) => Atomics.load(cells, address >>> 2) >>> 0);
  return count > 0 && count <= MAX_CLIENTS && objects.every((object) => object > VM_STATE_END && object < buffer.byteLength);
}
