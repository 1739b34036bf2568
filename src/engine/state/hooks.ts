/**
 * Hooks (debug.sethook; manual, section 4.7). The core's hooked form of the interpreter calls in here at each event of a thread that has
 * a hook; the hook function is entered as by any host function, so it can raise errors but not yield.
 *
 * The registry's table _HOOKKEY holds the functions by thread. While a hook or a finaliser runs, hooks of its thread are stopped: no hook
 * calls a hook, and what the hook does runs at full speed.
 */
import { HOST_FRAME_BUILTINS } from '../../bytecode/host-places.ts';
import { SCRATCH_NO_HOOK, SCRATCH_THREAD } from '../../bytecode/host-scratch.ts';
import {
  FRAME_KIND_WAIT, FRAME_KIND_WRAP, FRAME_TOP, FRAME_VARARGS, HOOK_MASK_CALL, HOOK_MASK_COUNT, HOOK_MASK_LINE, HOOK_MASK_RETURN, HOOK_RETURN, SLOT_SIZE, TAG_BUILTIN, TAG_TABLE, TAG_THREAD,
  THREAD_HOOK_LEFT, THREAD_HOOK_MASK, THREAD_HOOK_PERIOD, THREAD_HOOK_SET, THREAD_HOOK_STOPS, VM_REGISTRY,
} from '../../bytecode/layout.ts';
import type { HostTable } from '../host-table.ts';
import type { StackPort } from '../stack-port.ts';

/** Names of the events, by HOOK_*. */
const EVENTS = ['call', 'return', 'line', 'count', 'tail call'] as const;
const MASKS = { c: HOOK_MASK_CALL, r: HOOK_MASK_RETURN, l: HOOK_MASK_LINE } as const;
const TABLE_NAME = '_HOOKKEY';

export interface Hook {
  /** Slot of the function. */
  readonly func: number;
  /** Letters of the events as in debug.sethook. */
  readonly mask: string;
  /** Instructions between count events, 0 = none. */
  readonly period: number;
}

/** Values that a call or return hands over: locals of the active function. */
export interface Transfer {
  /** Index of the first, as debug.getlocal counts. */
  readonly first: number;
  readonly count: number;
}

/** What hooks need of their machine. */
export interface HookHost extends StackPort {
  readonly host: HostTable;
  /** Calls the function below `count` arguments at the top of the stack as a hook; its results are dropped. @throws LuaError */
  callHook(count: number): void;
}

export class Hooks {
  readonly #machine: HookHost;
  #transfer: Transfer | undefined;

  constructor(machine: HookHost) {
    this.#machine = machine;
  }

  /** What the event of the running hook hands over. */
  get transfer(): Transfer | undefined {
    return this.#transfer;
  }

  /** The table of the functions by thread; its keys are weak. */
  #table(): number {
    const { slots, core, memory } = this.#machine;
    const registry = memory.load(VM_REGISTRY);
    slots.getField(registry, TABLE_NAME, SCRATCH_THREAD);
    if (slots.tag(SCRATCH_THREAD) === TAG_TABLE) return slots.pointer(SCRATCH_THREAD);
    const table = core.newTable(0, 1);
    slots.setObject(SCRATCH_THREAD, TAG_TABLE, table);
    slots.setField(registry, TABLE_NAME, SCRATCH_THREAD);
    slots.setText(SCRATCH_THREAD, 'k');
    slots.setField(table, '__mode', SCRATCH_THREAD);
    core.setMetatable(table, table);
    return table;
  }

  /**
   * Sets or removes (undefined) the hook of a thread, for the builtin whose arguments are at `base`.
   * @returns what the builtin has to return: the interpreter must look again in which form it runs
   */
  set(base: number, thread: number, hook: Hook | undefined): number {
    const { slots, core, memory } = this.#machine;
    slots.setNil(SCRATCH_NO_HOOK);
    const table = this.#table();
    slots.setObject(SCRATCH_THREAD, TAG_THREAD, thread);
    core.tableSet(table, SCRATCH_THREAD, hook?.func ?? SCRATCH_NO_HOOK);
    let mask = 0;
    for (const [letter, bit] of Object.entries(MASKS)) if (hook?.mask.includes(letter)) mask |= bit;
    if (hook !== undefined && hook.period > 0) mask |= HOOK_MASK_COUNT;
    const before = memory.load(thread + THREAD_HOOK_SET);
    memory.store(thread + THREAD_HOOK_SET, mask);
    memory.store(thread + THREAD_HOOK_PERIOD, mask & HOOK_MASK_COUNT ? (hook?.period ?? 0) : 0);
    memory.store(thread + THREAD_HOOK_LEFT, memory.load(thread + THREAD_HOOK_PERIOD));
    if (memory.load(thread + THREAD_HOOK_STOPS) > 0) return 0;
    memory.store(thread + THREAD_HOOK_MASK, mask);
    if (thread !== this.#machine.frames.thread) return 0;
    // Where no hook was, the interpreter did not know that this function's return would be an event.
    return before === 0 && mask !== 0 ? core.finishHookingBuiltin(base) : 0;
  }

  /** The hook of a thread. @param result slot for the function */
  get(thread: number, result: number): Pick<Hook, 'mask' | 'period'> | undefined {
    const { slots, core, memory } = this.#machine;
    const mask = memory.load(thread + THREAD_HOOK_SET);
    if (mask === 0) return undefined;
    const table = this.#table();
    slots.setObject(SCRATCH_THREAD, TAG_THREAD, thread);
    core.tableGet(table, SCRATCH_THREAD, result);
    const letters = Object.entries(MASKS).map(([letter, bit]) => (mask & bit ? letter : ''));
    return { mask: letters.join(''), period: memory.load(thread + THREAD_HOOK_PERIOD) };
  }

  /**
   * Calls the running thread's hook, for the core.
   * @param line -1 for none @param first, count values handed over @throws LuaError what the hook raises
   */
  call(event: number, line: number, first: number, count: number): void {
    const machine = this.#machine;
    const { slots, core, memory, frames } = machine;
    const { thread } = frames;
    const top = machine.stackOffset(machine.top);
    machine.top = Math.max(machine.top, memory.load(frames.current + FRAME_TOP));
    const func = machine.pushSlot();
    if (this.get(thread, func) === undefined || !slots.isFunction(func)) {
      machine.top = machine.stackAddress(top);
      return;
    }
    if (event === HOOK_RETURN) this.#restoreFunction();
    slots.setText(machine.pushSlot(), EVENTS[event] ?? '');
    const argument = machine.pushSlot();
    if (line < 0) slots.setNil(argument);
    else slots.setSafeInteger(argument, line);
    const outer = this.#transfer;
    this.#transfer = count === 0 ? undefined : { first, count };
    core.stopHooks(thread);
    try {
      machine.callHook(2);
    } finally {
      core.allowHooks(thread);
      this.#transfer = outer;
      machine.top = machine.stackAddress(top);
    }
  }

  /** A builtin that leaves a frame of its own has lost its function: its results lie where it was. */
  #restoreFunction(): void {
    const { slots, frames } = this.#machine;
    const { current } = frames;
    if (frames.isLua(current)) return;
    const kind = frames.kind(current);
    const pointer = kind === FRAME_KIND_WRAP || kind === FRAME_KIND_WAIT ? this.#machine.memory.load(current + FRAME_VARARGS) : this.#machine.host.pointer(HOST_FRAME_BUILTINS + kind);
    const func = frames.base(current) - SLOT_SIZE;
    if (pointer !== 0 && slots.isNil(func)) slots.setObject(func, TAG_BUILTIN, pointer);
  }
}
