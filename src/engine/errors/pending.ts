/**
 * The error that is under way, whose value is in THREAD_ERROR: how an exception becomes one on its way into Lua, and how it becomes a
 * LuaError on its way to the host, with text, code and traceback.
 */
import { TAG_STRING, THREAD_ERROR, THREAD_FRAME, VM_MEMORY_MESSAGE, VM_UNCATCHABLE } from '../../bytecode/layout.ts';
import { CORE_THROW } from './messages.ts';
import { LuaError, type LuaErrorCode, MoontraceError } from '../../api/errors.ts';
import { type LimitKind, LimitReached } from '../state/limits.ts';
import type { Machine } from '../machine.ts';
import { decodeText, encodeText, fromByteString, toByteString } from '../text.ts';
import type { LuaInput, LuaValue } from '../../api/values.ts';

export class PendingError {
  readonly #machine: Machine;
  /** Runs the function below one argument at the top of the stack, and whatever it calls. @returns false after an error, which is now the pending one */
  readonly #callWithOne: () => boolean;
  /** The limit whose error is under way or was raised last, and the error's text. */
  #limit: { readonly kind: LimitKind; readonly text: string } | undefined;
  /** Taken before the frames were cut. */
  #traceback = '';
  /** Traceback of a LuaError that a host function let through: it begins further inside than the frames that are left. */
  #innerTraceback: string | undefined;

  constructor(machine: Machine, callWithOne: () => boolean) {
    this.#machine = machine;
    this.#callWithOne = callWithOne;
  }

  get #slot(): number {
    return this.#machine.frames.thread + THREAD_ERROR;
  }

  // ---- On the way in

  /** Notes an exception out of the core or the JIT. @throws MoontraceError if it was no Lua error */
  storeFromEngine(error: unknown): void {
    if (error === CORE_THROW) return this.#noteMemoryLimit();
    if (error instanceof LimitReached) return this.#storeLimit(error);
    if (isStackOverflow(error)) return this.#storeStackOverflow();
    if (error instanceof MoontraceError) throw error;
    const { memory, frames } = this.#machine;
    const detail = `${error instanceof Error ? error.message : error} in frame ${memory.load(frames.thread + THREAD_FRAME)}`;
    throw new MoontraceError('core-failure', detail, { cause: error });
  }

  /** Notes an exception out of a host function, as a Lua value. @throws failures of the engine in a nested run */
  storeFromHost(error: unknown): void {
    if (error === CORE_THROW) return;
    if (error instanceof LimitReached) return this.#storeLimit(error);
    if (isStackOverflow(error)) return this.#storeStackOverflow();
    if (error instanceof MoontraceError && error.code === 'core-failure') throw error;
    const { limits, values } = this.#machine;
    if (error instanceof LuaError) {
      if (isLimitKind(error.code) && !limits.isCatchable(error.code)) this.#forbidCatching();
      this.#innerTraceback = toByteString(encodeText(error.traceback)) || undefined;
      values.toLua(this.#slot, error.value);
    } else {
      values.toLua(this.#slot, error as LuaInput);
    }
  }

  #storeLimit({ kind, message }: LimitReached): void {
    const { frames, slots, limits } = this.#machine;
    const text = `${frames.position(frames.current)}${message}`;
    slots.setText(this.#slot, text);
    this.#limit = { kind, text: decodeText(fromByteString(text)) };
    if (!limits.isCatchable(kind)) this.#forbidCatching();
  }

  #storeStackOverflow(): void {
    const { frames, slots } = this.#machine;
    slots.setText(this.#slot, `${frames.position(frames.current)}stack overflow`);
  }

  #noteMemoryLimit(): void {
    const { limits, slots, memory } = this.#machine;
    if (limits.isCatchable('memory') || slots.tag(this.#slot) !== TAG_STRING || slots.pointer(this.#slot) !== memory.load(VM_MEMORY_MESSAGE)) return;
    this.#forbidCatching();
  }

  #forbidCatching(): void {
    this.#machine.memory.store(VM_UNCATCHABLE, 1);
  }

  /** Whether a host function that caught CORE_THROW may keep the error. */
  isCatchable(): boolean {
    this.#noteMemoryLimit();
    return this.#machine.memory.load(VM_UNCATCHABLE) === 0;
  }

  /** Takes the traceback while the frames are there, if the error is going to leave to the host. */
  noteTraceback(): void {
    const { frames, traceback } = this.#machine;
    if (frames.leavesToHost()) this.#traceback = this.#innerTraceback ?? traceback.text(0);
    this.#innerTraceback = undefined;
  }

  /** There is none: the error was raised outside of all functions, or a message handler had its turn. */
  dropTraceback(): void {
    this.#traceback = '';
  }

  // ---- On the way out

  /** The error is over for the VM. @returns it for the host */
  take(): LuaError {
    const { memory, values } = this.#machine;
    memory.store(VM_UNCATCHABLE, 0);
    const value = values.toHost(this.#slot);
    const cause = value instanceof Error ? value : undefined;
    const traceback = decodeText(fromByteString(this.#traceback));
    const text = this.#text(value);
    return new LuaError(text, { code: this.#codeOf(text), value, traceback, ...(cause === undefined ? {} : { cause }) });
  }

  #codeOf(text: string): LuaErrorCode {
    if (text === 'not enough memory') return 'memory';
    if (/^(.*:\d+: )?stack overflow$/.test(text)) return 'stack';
    return this.#limit?.text === text ? this.#limit.kind : 'runtime';
  }

  /** The text as `lua` shows it; calls `__tostring`. @param value the error as the host sees it */
  #text(value: LuaValue): string {
    const { slots, core } = this.#machine;
    const slot = this.#slot;
    if (slots.tag(slot) === TAG_STRING) return decodeText(slots.stringView(slots.pointer(slot)));
    if (slots.isNumber(slot)) return decodeText(slots.stringView(core.stringFromNumber(slot)));
    if (value instanceof Error) return value.message;
    const typeName = slots.typeName(slot);
    return this.#callTostring(slot) ?? `(error object is a ${typeName} value)`;
  }

  #callTostring(value: number): string | undefined {
    const machine = this.#machine;
    const { slots } = machine;
    const metatable = slots.metatable(value);
    if (metatable === 0) return undefined;
    const own = machine.pushSlot();
    const offset = machine.stackOffset(own);
    slots.getField(metatable, '__tostring', own);
    if (slots.isNil(own)) {
      machine.pop(1);
      return undefined;
    }
    slots.copy(machine.pushSlot(), value);
    if (!this.#callWithOne()) return undefined;
    const first = machine.stackAddress(offset);
    const text = first < machine.top && slots.tag(first) === TAG_STRING ? decodeText(slots.stringView(slots.pointer(first))) : undefined;
    machine.top = first;
    return text;
  }
}

const isLimitKind = (code: LuaErrorCode): code is LimitKind => code !== 'syntax' && code !== 'runtime';

/** Whether the host's own stack ran out. */
const isStackOverflow = (error: unknown): boolean => error instanceof RangeError && error.message.includes('call stack');
