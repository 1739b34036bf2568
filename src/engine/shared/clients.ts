/** Who is attached to a shared VM: one place for each thread and handle (cells.ts). */
import { MoontraceError } from '../errors/errors.ts';
import { CLIENT_COUNT, clientCall, clientThread, clientUses, MAX_CLIENTS } from './cells.ts';

/** Takes a place. @param thread a number that tells the thread from others, not 0 or -1 @throws MoontraceError busy if all are taken */
export function takePlace(cells: Int32Array, thread: number): number {
  for (let client = 0; client < MAX_CLIENTS; client++) {
    if (Atomics.compareExchange(cells, clientThread(client), 0, thread) !== 0) continue;
    Atomics.add(cells, clientUses(client), 1);
    Atomics.store(cells, clientCall(client), 0);
    for (let count = Atomics.load(cells, CLIENT_COUNT); count <= client; ) count = Atomics.compareExchange(cells, CLIENT_COUNT, count, client + 1);
    return client;
  }
  throw new MoontraceError('busy', `no more than ${MAX_CLIENTS} handles can be attached at one time`);
}

/** Gives a place back. */
export function leavePlace(cells: Int32Array, client: number): void {
  Atomics.store(cells, clientThread(client), 0);
}

/** Places that are taken. */
export function countPlaces(cells: Int32Array): number {
  let taken = 0;
  for (let client = 0; client < Atomics.load(cells, CLIENT_COUNT); client++) if (Atomics.load(cells, clientThread(client)) > 0) taken++;
  return taken;
}
