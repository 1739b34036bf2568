/**
 * Where the collector keeps its state between two steps: addresses in VM_COLLECTOR (the phase itself is VM_COLLECT_PHASE, its first word).
 */
import { VM_COLLECTOR } from '../../bytecode/layout';

/** Gray objects, linked by the *_GCLIST field of their tag. */
export const GC_GRAY: u32 = VM_COLLECTOR + 4;
/** Threads and weak tables reached: they stay gray, and are looked at (again) in the atomic phase. */
export const GC_GRAY_AGAIN: u32 = VM_COLLECTOR + 8;
/** Shapes reached in this cycle, by SHAPE_GCLIST, and how many; shapes there are. */
export const GC_MARKED_SHAPES: u32 = VM_COLLECTOR + 12;
export const GC_MARKED_SHAPE_COUNT: u32 = VM_COLLECTOR + 16;
export const GC_SHAPE_COUNT: u32 = VM_COLLECTOR + 20;
/** Prototypes visited in this cycle, by PROTO_GCLIST. */
export const GC_MARKED_PROTOS: u32 = VM_COLLECTOR + 24;
/** Weak tables, by TABLE_GCLIST: with weak values, with weak keys (ephemerons), with both. Only in the atomic phase. */
export const GC_WEAK_VALUES: u32 = VM_COLLECTOR + 28;
export const GC_EPHEMERONS: u32 = VM_COLLECTOR + 32;
export const GC_ALL_WEAK: u32 = VM_COLLECTOR + 36;
/** Nodes of ephemerons whose keys have been reached, by the link of their value's slot. */
export const GC_WOKEN: u32 = VM_COLLECTOR + 120;
/** Threads with open upvalues, by THREAD_UPVALUE_THREADS. */
export const GC_UPVALUE_THREADS: u32 = VM_COLLECTOR + 40;
/** The large table that is being marked in slices, how far (collector-slice.ts). */
export const GC_SLICED_TABLE: u32 = VM_COLLECTOR + 44;
export const GC_SLICED_INDEX: u32 = VM_COLLECTOR + 48;
export const GC_SLICED_DICT: u32 = VM_COLLECTOR + 52;
/** The sweep's place: size class, next large object. */
export const GC_SWEEP_CLASS: u32 = VM_COLLECTOR + 56;
export const GC_SWEEP_LARGE: u32 = VM_COLLECTOR + 60;
/** Bytes in use that are not known to be garbage: measured in the atomic phase, falling while sweeping. */
export const GC_ESTIMATE: u32 = VM_COLLECTOR + 64;
/** End of the slots in use of the running thread at this collection point; 0: as its frame says. */
export const GC_LIVE_TOP: u32 = VM_COLLECTOR + 68;
/** Objects registered to be finalised: raw vector of pointers in the order of registration, capacity, count. */
export const GC_FINALIZABLE: u32 = VM_COLLECTOR + 72;
/** Dead ones whose finalisers are to be called: raw ring of pointers, capacity (power of two), first, count. */
export const GC_PENDING: u32 = VM_COLLECTOR + 84;
/** Reasons for which the collector does not run, besides VM_COLLECTOR_STOPPED: GC_IN_FINALIZER, GC_CLOSING. */
export const GC_INHIBITED: u32 = VM_COLLECTOR + 100;
export const GC_IN_FINALIZER: u32 = 1;
export const GC_CLOSING: u32 = 2;
/** Debug builds: pieces of work done under stress. */
export const GC_STRESS_COUNT: u32 = VM_COLLECTOR + 108;
/** Private to finalizer-call.ts: a builtin finaliser is being called; the last collection was at a point where the registers in use are known. */
export const GC_PRECISE: u32 = VM_COLLECTOR + 112;
export const GC_FINALIZER_LOOP: u32 = VM_COLLECTOR + 104;
/** Bytes in use at which the next step was to be done: what is allocated beyond is to be made up for, too. */
export const GC_DUE_AT: u32 = VM_COLLECTOR + 116;
