/** Waiting for a cell of shared memory by a promise: by `Atomics.waitAsync`, or by looking again and again where the host has not got that. */

/** How often the cell is looked at then, in milliseconds. */
const POLL = 1;

interface AsyncWait {
  readonly async: boolean;
  readonly value: Promise<string> | string;
}
/** Not in the types of ES2022. */
interface AsyncAtomics {
  readonly waitAsync?: (cells: Int32Array, index: number, value: number) => AsyncWait;
}

/** Until somebody notifies the cell, or it holds something else. It may be over for no reason. @param polls looks again rather than wait for a notification */
export async function waitAsync(cells: Int32Array, index: number, value: number, polls = false): Promise<void> {
  const wait = polls ? undefined : (Atomics as AsyncAtomics).waitAsync?.(cells, index, value);
  if (wait === undefined) {
    await new Promise<void>((resolve) => {
      const timer: unknown = setTimeout(resolve, POLL);
      if (!polls) (timer as { unref?(): void }).unref?.();
    });
  } else if (wait.async) await wait.value;
}
