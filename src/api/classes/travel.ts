/**
 * Instances of classes with `save` and `load`, in a VM that threads share: an instance is of one thread, but what `save` gives of it lies in the VM's memory, and where another
 * thread comes to it, `load` makes one of its own, which is the instance from then on. What was used in an operation is saved at its end.
 */
import { HOST_INSTANCES } from '../../bytecode/host-places.ts';
import { SCRATCH_KEY, SCRATCH_VALUE } from '../../bytecode/host-scratch.ts';
import { TAG_STRING, TAG_USERDATA, USERDATA_HANDLE } from '../../bytecode/layout.ts';
import { isBytes, plainBytes } from '../../engine/host-values.ts';
import type { Machine } from '../../engine/machine.ts';
import type { SharedSession } from '../../engine/shared/session.ts';
import { decodeText, encodeText } from '../../engine/text.ts';
import { callHost } from '../boundary.ts';

/** What of a class is needed. */
interface TravellingClass {
  readonly name: string;
  readonly save: ((instance: object) => unknown) | undefined;
  readonly load: ((data: unknown) => object) | undefined;
}

/** How a state is written: its first byte. */
const JSON_TEXT = 0x6a;
const BYTES = 0x62;

export class TravellingInstances {
  readonly #machine: Machine;
  readonly #session: SharedSession;
  /** Those used in this operation, by userdata. */
  readonly #used = new Map<number, { readonly object: object; readonly plan: TravellingClass }>();

  constructor(machine: Machine, session: SharedSession) {
    this.#machine = machine;
    this.#session = session;
    session.onPass = () => {
      if (this.#used.size > 0) this.#saveAll();
    };
  }

  /** An instance may be going to change. */
  use(userdata: number, object: object, plan: TravellingClass): void {
    if (plan.save !== undefined) this.#used.set(userdata, { object, plan });
  }

  /** It is none of Lua's any more. */
  forget(userdata: number): void {
    this.#used.delete(userdata);
    this.#store(userdata, undefined);
  }

  #saveAll(): void {
    for (const [userdata, { object, plan }] of this.#used) {
      // Freed meanwhile, or another thread's by now.
      if (this.#machine.hostObjects.userdataOf(object) !== userdata || this.#machine.core.isDeadObject(userdata) !== 0) continue;
      try {
        this.#store(userdata, packed(plan.save?.(object)));
      } catch {
        // It stays with this thread: others are told so when they come to it.
      }
    }
    this.#used.clear();
  }

  /** The instance of a userdata that is none of this thread's, made of what was saved; undefined if nothing was. @throws MoontraceError bad-value with what `load` throws as cause */
  fetch(userdata: number, plan: TravellingClass): object | undefined {
    const { core, host, hostObjects, memory, slots } = this.#machine;
    if (plan.load === undefined) return undefined;
    slots.setObject(SCRATCH_KEY, TAG_USERDATA, userdata);
    core.tableGet(host.table(HOST_INSTANCES), SCRATCH_KEY, SCRATCH_VALUE);
    if (slots.tag(SCRATCH_VALUE) !== TAG_STRING) return undefined;
    const state = slots.stringView(slots.pointer(SCRATCH_VALUE)).slice();
    const { load, name } = plan;
    const instance = callHost('bad-value', `load of ${name}`, () => load(unpacked(state)));
    const before = memory.load(userdata + USERDATA_HANDLE);
    const handle = hostObjects.lendObject(instance, userdata);
    if (before === 0) core.setUserdataHandle(userdata, handle);
    else {
      memory.store(userdata + USERDATA_HANDLE, handle);
      this.#session.noteRelease(TAG_USERDATA, before);
    }
    return instance;
  }

  #store(userdata: number, state: Uint8Array | undefined): void {
    const { core, host, slots } = this.#machine;
    const isThere = host.pointer(HOST_INSTANCES) !== 0;
    if (!isThere && state === undefined) return;
    const states = host.table(HOST_INSTANCES);
    if (!isThere) {
      const metatable = core.newTable(0, 1);
      slots.setText(SCRATCH_VALUE, 'k');
      slots.setField(metatable, '__mode', SCRATCH_VALUE);
      core.setMetatable(states, metatable);
    }
    if (state === undefined) slots.setNil(SCRATCH_VALUE);
    else slots.setString(SCRATCH_VALUE, state);
    slots.setObject(SCRATCH_KEY, TAG_USERDATA, userdata);
    core.tableSet(states, SCRATCH_KEY, SCRATCH_VALUE);
  }
}

function packed(data: unknown): Uint8Array {
  const bytes = isBytes(data) ? (plainBytes(data) ?? new Uint8Array()) : encodeText(JSON.stringify(data) ?? '');
  const state = new Uint8Array(bytes.length + 1);
  state[0] = isBytes(data) ? BYTES : JSON_TEXT;
  state.set(bytes, 1);
  return state;
}

function unpacked(state: Uint8Array): unknown {
  const bytes = state.subarray(1);
  if (state[0] === BYTES) return bytes;
  return bytes.length === 0 ? undefined : JSON.parse(decodeText(bytes));
}
