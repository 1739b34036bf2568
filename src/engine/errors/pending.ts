/**
 * The error that is under way, whose value is in THREAD_ERROR: how an exception becomes one on its way into Lua, and how it becomes a
 * LuaError on its way to the host, with text, code and traceback.
 */
import { LIMIT_NONE, LIMIT_STACK, TAG_STRING, THREAD_ERROR, THREAD_FRAME, UNCATCHABLE_ABORT, UNCATCHABLE_LIMIT, VM_UNCATCHABLE } from '../../bytecode/layout.ts';
import { CORE_THROW } from './messages.ts';
import { LuaError, MoontraceError } from './errors.ts';
import type { LuaInput, LuaValue, ValueConverter } from '../lua-value.ts';
import { isHostError, isInstance, textOfHost } from '../host-values.ts';
import { isStackOverflow, outOfHost } from '../host-stack.ts';
import { LIMIT_KINDS, LIMIT_MESSAGES, LimitReached, type Limits, limitNumber } from '../state/limits.ts';
import type { Access } from '../access.ts';
import type { StackPort } from '../stack-port.ts';
import type { Traceback } from './traceback.ts';
import { decodeText, encodeText, fromByteString, toByteString } from '../text.ts';

/** What the pending error needs of its machine. */
export interface ErrorHost extends StackPort {
  readonly access: Access;
  readonly limits: Limits;
  readonly traceback: Traceback;
  readonly values: ValueConverter;
}

const STACK_OVERFLOW = 'stack overflow';

/** Machines of the errors that have left one: only there they come back as what they were. */
const origins = new WeakMap<LuaError, ErrorHost>();
/** Those that ended a call with limits of its own: for whoever called it they are errors like all others. */
const disowned = new WeakSet<LuaError>();

export class PendingError {
  readonly #machine: ErrorHost;
  /** Runs the function below one argument at the top of the stack, and whatever it calls. @returns false after an error, which is now the pending one */
  readonly #callWithOne: () => boolean;
  /** Taken before the frames were cut. */
  #traceback = '';
  /** Traceback of a LuaError that a host function let through: it begins further inside than the frames that are left. */
  #innerTraceback: string | undefined;

  constructor(machine: ErrorHost, callWithOne: () => boolean) {
    this.#machine = machine;
    this.#callWithOne = callWithOne;
    // There must be a text for a limit even when there is no memory for one with a position.
    for (const text of [STACK_OVERFLOW, ...Object.values(LIMIT_MESSAGES)]) machine.slots.nameString(text);
  }

  get #slot(): number {
    return this.#machine.frames.thread + THREAD_ERROR;
  }

  // ---- On the way in

  /** Notes an exception out of the core or the JIT. @throws MoontraceError if it was no Lua error: the machine is broken */
  storeFromEngine(error: unknown): void {
    const { access } = this.#machine;
    if (access.failure !== undefined) throw access.failure;
    if (error === CORE_THROW) return this.#noteLimit();
    if (isInstance(error, LimitReached)) return this.#storeLimitReached(error);
    if (isStackOverflow(error)) return this.#storeLimit(STACK_OVERFLOW, LIMIT_STACK);
    throw this.#fail(error);
  }

  #fail(error: unknown): MoontraceError {
    const { access, memory, frames } = this.#machine;
    return access.fail(`${textOfHost(error)} in frame ${memory.load(frames.thread + THREAD_FRAME)}`, error);
  }

  /** Notes an exception out of the host, as a Lua value; or that the program must end, whatever was thrown. @throws what broke the machine */
  storeFromHost(error: unknown): void {
    const { access, slots, values } = this.#machine;
    if (access.failure !== undefined) throw access.failure;
    if (access.isStopping) {
      slots.setNil(this.#slot);
      return this.#forbidCatching(UNCATCHABLE_LIMIT);
    }
    if (error === CORE_THROW) return;
    if (isInstance(error, LimitReached)) return this.#storeLimitReached(error);
    if (isStackOverflow(error)) return this.#storeLimit(STACK_OVERFLOW, LIMIT_STACK);
    slots.setLimit(this.#slot, LIMIT_NONE);
    if (this.#isOwn(error)) {
      values.toLua(this.#slot, error.value);
      slots.setLimit(this.#slot, disowned.has(error) ? LIMIT_NONE : limitNumber(error.code));
      this.#innerTraceback = toByteString(encodeText(error.traceback)) || undefined;
      return this.#noteLimit();
    }
    try {
      values.toLua(this.#slot, error as LuaInput);
    } catch (refusal) {
      if (!(refusal instanceof MoontraceError)) throw refusal;
      values.toLua(this.#slot, new MoontraceError(refusal.code, refusal.detail, { cause: error }));
    }
  }

  /** Has the error left this machine before? */
  #isOwn(error: unknown): error is LuaError {
    return origins.get(error as LuaError) === this.#machine;
  }

  #storeLimitReached({ kind, message }: LimitReached): void {
    this.#storeLimit(message, limitNumber(kind));
  }

  /** @param text one that the constructor has made sure of */
  #storeLimit(text: string, limit: number): void {
    const { frames, slots } = this.#machine;
    try {
      slots.setText(this.#slot, `${frames.position(frames.current)}${text}`);
    } catch (error) {
      if (error !== CORE_THROW) throw error;
      slots.setObject(this.#slot, TAG_STRING, slots.nameString(text));
    }
    slots.setLimit(this.#slot, limit);
    this.#noteLimit();
  }

  /** Sees to it that Lua does not catch the error of a limit that it must not. */
  #noteLimit(): void {
    const { limits, slots } = this.#machine;
    const kind = LIMIT_KINDS[slots.limit(this.#slot) - 1];
    if (kind === undefined || limits.isCatchable(kind)) return;
    if (kind === 'abort') limits.noteAbort(true);
    // A program that wants to go may want its variables to be closed before.
    const isClosing = kind === 'abort' || (kind === 'exit' && this.#machine.memory.load(VM_UNCATCHABLE) === UNCATCHABLE_ABORT);
    this.#forbidCatching(isClosing ? UNCATCHABLE_ABORT : UNCATCHABLE_LIMIT);
  }

  #forbidCatching(how: number): void {
    const { memory } = this.#machine;
    if (memory.load(VM_UNCATCHABLE) === 0) this.#traceback = '';
    memory.store(VM_UNCATCHABLE, how);
  }

  /** Whether a host function that caught CORE_THROW may keep the error. */
  isCatchable(): boolean {
    this.#noteLimit();
    return this.#machine.memory.load(VM_UNCATCHABLE) === 0;
  }

  /** Takes the traceback while the frames are there, if the error is going to leave to the host. */
  noteTraceback(): void {
    const { core, memory, traceback } = this.#machine;
    const isStopped = memory.load(VM_UNCATCHABLE) !== 0;
    // What stopped the program passes many entries on its way; the first time says most.
    if (isStopped ? this.#traceback === '' : core.leavesToHost() !== 0) this.#traceback = this.#innerTraceback ?? traceback.text(0);
    this.#innerTraceback = undefined;
  }

  /** There is none: the error was raised outside of all functions, or a message handler had its turn. */
  dropTraceback(): void {
    this.#traceback = '';
  }

  // ---- On the way out

  /** What is thrown by an operation of the host's, for an exception that ended it. Nothing of it is left in the VM. */
  leave(error: unknown): LuaError | MoontraceError {
    const { access } = this.#machine;
    if (access.failure !== undefined) return access.failure;
    if (error instanceof LuaError || error instanceof MoontraceError) return error;
    if (error === CORE_THROW) {
      this.dropTraceback();
      return this.take();
    }
    const exhausted = outOfHost(error);
    if (exhausted === undefined) return this.#fail(error);
    const message = exhausted === 'stack' ? STACK_OVERFLOW : 'not enough memory';
    return new LuaError(message, { code: exhausted, value: message, traceback: '', cause: error });
  }

  /** An error has ended a call with limits of its own. @param reason the cause, if it was aborted @returns the error */
  static disown<Failure>(error: Failure, reason: unknown): Failure {
    if (!(error instanceof LuaError)) return error;
    disowned.add(error);
    if (error.code === 'abort' && reason !== undefined) Object.defineProperty(error, 'cause', { value: reason, configurable: true, writable: true });
    return error;
  }

  /** The error is over for the VM. @returns it for the host */
  take(): LuaError | MoontraceError {
    const { access, memory, slots, values } = this.#machine;
    const isAborted = memory.load(VM_UNCATCHABLE) === UNCATCHABLE_ABORT;
    memory.store(VM_UNCATCHABLE, 0);
    if (access.isStopping) return access.failure ?? new MoontraceError('closed', 'close was called by what it ran');
    const limit = slots.limit(this.#slot);
    slots.setLimit(this.#slot, LIMIT_NONE);
    const value = values.toHost(this.#slot);
    const traceback = decodeText(fromByteString(this.#traceback));
    this.#traceback = '';
    const text = this.#text(value);
    if (text === undefined) return this.take();
    const code = LIMIT_KINDS[limit - 1] ?? (isAborted ? 'abort' : 'runtime');
    const error = new LuaError(code === 'exit' ? `os.exit(${text})` : text, { code, value, traceback, ...(isHostError(value) ? { cause: value } : {}) });
    origins.set(error, this.#machine);
    return error;
  }

  /**
   * The text as `lua` shows it; calls `__tostring`. @param value the error as the host sees it
   * @returns undefined if that met a limit, which is now the pending error
   */
  #text(value: LuaValue): string | undefined {
    const { slots, core } = this.#machine;
    const slot = this.#slot;
    if (slots.tag(slot) === TAG_STRING) return decodeText(slots.stringView(slots.pointer(slot)));
    if (slots.isNumber(slot)) return decodeText(slots.stringView(core.stringFromNumber(slot)));
    if (isHostError(value)) return textOfHost(value);
    const typeName = slots.typeName(slot);
    const text = this.#callTostring(slot);
    if (text === undefined && (this.#machine.access.isStopping || slots.limit(slot) !== LIMIT_NONE)) return undefined;
    return text ?? `(error object is a ${typeName} value)`;
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
