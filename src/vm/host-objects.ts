/**
 * What the host lends to Lua: functions and objects behind small integer handles, which is all that linear memory ever sees.
 * A handle stays taken as long as the VM lives; the same object gets the same handle again.
 */

/** A host function in its fast form: reads arguments from slots, writes results from base - 16 upward, returns their number. */
export type RawHostFunction = (base: number, count: number) => number;

export class HostObjects {
  readonly #functions: RawHostFunction[] = [];
  readonly #objects: unknown[] = [undefined];
  readonly #handles = new Map<unknown, number>();

  addFunction(implementation: RawHostFunction): number {
    return this.#functions.push(implementation) - 1;
  }

  functionAt(handle: number): RawHostFunction | undefined {
    return this.#functions[handle];
  }

  /** Handle of an object, never 0. */
  addObject(object: unknown): number {
    let handle = this.#handles.get(object);
    if (handle === undefined) {
      handle = this.#objects.push(object) - 1;
      this.#handles.set(object, handle);
    }
    return handle;
  }

  objectAt(handle: number): unknown {
    return this.#objects[handle];
  }
}
