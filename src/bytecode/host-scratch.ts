/**
 * THE list of the host's scratch slots (VM_HOST_SCRATCH), each with its owner. They are no roots and nobody else's: what an owner puts there is
 * good until it lets anything but the core's plain operations on values, tables and strings run.
 */
import { SLOT_SIZE, VM_HOST_SCRATCH } from './layout.ts';

const slot = (index: number): number => VM_HOST_SCRATCH + index * SLOT_SIZE;

/** stdlib/arguments.ts: a number argument, converted. */
export const SCRATCH_NUMBER = slot(0);
/** stdlib, api/values/content.ts, engine/host-table.ts: what is put into a table next, and under which key. */
export const SCRATCH_VALUE = slot(1);
export const SCRATCH_KEY = slot(2);
/** engine/state/close.ts: what is closed, and by which function. */
export const SCRATCH_CLOSED = slot(3);
export const SCRATCH_CLOSER = slot(4);
/** api: key and value of an access, one behind the other; a value on its way to the host. */
export const SCRATCH_ACCESS_KEY = slot(5);
export const SCRATCH_ACCESS_VALUE = slot(6);
/** engine/errors/function-names.ts: a library and one of its functions, as pairs of key and value. */
export const SCRATCH_LIBRARY = slot(7);
export const SCRATCH_FUNCTION = slot(9);
/** engine/state/hooks.ts: a thread as a key, and nil. */
export const SCRATCH_THREAD = slot(11);
export const SCRATCH_NO_HOOK = slot(12);
/** engine/slots.ts: the name of a type. */
export const SCRATCH_TYPE_NAME = slot(13);
/** jit/core/record: what a table holds, and the key it is asked for. */
export const SCRATCH_RECORDED = slot(14);
export const SCRATCH_RECORDED_KEY = slot(15);
