/**
 * Reads the frames of the running thread: which functions are active, where, and in which order. Shared by error messages, tracebacks
 * and the debug library. See "Frame" in layout.ts.
 */
import { aOf, opOf, WORD } from '../../bytecode/instruction.ts';
import {
  CLOSURE_PROTO, FRAME_BASE, FRAME_CLOSURE, FRAME_CONSTANTS, FRAME_FLAG_HOOK, FRAME_FLAG_TAIL, FRAME_KIND, FRAME_KIND_CLOSE, FRAME_KIND_COLLECT,
  FRAME_KIND_ENTRY, FRAME_KIND_FINALIZER, FRAME_KIND_HANDLER, FRAME_KIND_PCALL, FRAME_KIND_RESUME, FRAME_KIND_WRAP,
  FRAME_KIND_COROUTINE, FRAME_KIND_WAIT, FRAME_KIND_XPCALL, FRAME_KIND_YIELD, FRAME_PC, FRAME_SIZE, FRAME_TOP, PROTO_CODE, PROTO_FLAG_LIBRARY, PROTO_FLAGS, PROTO_LINES, PROTO_SOURCE,
  SLOT_SIZE, TAG_BUILTIN, THREAD_BUILTIN, THREAD_FRAME, THREAD_FRAMES, THREAD_STACK, THREAD_TOP, VM_SOURCE_NAME, VM_THREAD,
} from '../../bytecode/layout.ts';
import { Op } from '../../bytecode/opcode-table.ts';
import type { Slots } from '../slots.ts';
import { toByteString } from '../text.ts';
import type { VariableNames } from './variable-names.ts';

/** An active function. */
export interface Activation {
  /** Slot that holds the function; 0 for the host below all frames. */
  readonly func: number;
  /** Frame of a Lua function; 0 for builtins and host functions. */
  readonly frame: number;
  /** Frame below, which called it (not necessarily a Lua function's). */
  readonly caller: number;
  /** Reached by a tail call: the caller is unknown. */
  readonly isTail: boolean;
  /** A hook is running for it. */
  readonly isHooked: boolean;
  /** End of the slots that belong to it. */
  readonly limit: number;
}

export type Visitor = (activation: Activation) => boolean | 'pass';

/** Frames at the bottom that are never passed over: more than a traceback shows. */
const KEPT_FRAMES = 64;

/** Where a generic for calls its iterator, from its first register on. */
const ITERATOR_COPY = 4 * SLOT_SIZE;

export class Frames {
  readonly #slots: Slots;
  readonly #variables: VariableNames;

  constructor(slots: Slots, variables: VariableNames) {
    this.#slots = slots;
    this.#variables = variables;
  }

  #load(address: number): number {
    return this.#slots.memory.load(address);
  }

  get thread(): number {
    return this.#load(VM_THREAD);
  }

  /** The current frame, or the bottom frame. */
  get current(): number {
    return this.#load(this.thread + THREAD_FRAME);
  }

  isLua(frame: number): boolean {
    return frame !== 0 && this.#load(frame + FRAME_CLOSURE) !== 0;
  }

  base(frame: number): number {
    return this.#load(frame + FRAME_BASE);
  }

  /** Prototype of a Lua frame. */
  prototype(frame: number): number {
    return this.#load(this.#load(frame + FRAME_CLOSURE) + CLOSURE_PROTO);
  }

  /** Byte offset of the current instruction of a Lua frame in its code. */
  pc(frame: number): number {
    return this.#load(frame + FRAME_PC) - this.#load(this.prototype(frame) + PROTO_CODE);
  }

  /** Source line of an instruction; -1 if it is not known. */
  lineAt(proto: number, pc: number): number {
    const lines = this.#load(proto + PROTO_LINES);
    return lines === 0 ? -1 : (this.#slots.memory.i32[(lines + (pc / WORD) * 4) >>> 2] as number);
  }

  /** As messages show it. */
  shortSource(proto: number): string {
    const length = this.#slots.core.sourceName(this.#load(proto + PROTO_SOURCE));
    return toByteString(this.#slots.memory.viewBytes(VM_SOURCE_NAME, length));
  }

  isBuiltinPrototype(proto: number): boolean {
    return (this.#load(proto + PROTO_FLAGS) & PROTO_FLAG_LIBRARY) !== 0;
  }

  /** FRAME_KIND_* of a frame. */
  kind(frame: number): number {
    return this.#load(frame + FRAME_KIND) & 0xff;
  }

  /** A frame that calls finalisers. */
  callsFinalizers(frame: number): boolean {
    const kind = this.kind(frame);
    return kind === FRAME_KIND_FINALIZER || kind === FRAME_KIND_COLLECT;
  }

  /** An entry frame of the host by which it runs a hook. */
  isHookEntry(frame: number): boolean {
    return (this.#load(frame + FRAME_KIND) & FRAME_FLAG_HOOK) !== 0;
  }

  isBuiltinFrame(frame: number): boolean {
    return this.isLua(frame) && this.isBuiltinPrototype(this.prototype(frame));
  }

  /** The frame whose position an error raised by the running builtin gets: its caller's, where a Lua-written library function counts as builtin. */
  get reportingFrame(): number {
    let frame = this.current;
    if (this.#load(this.thread + THREAD_BUILTIN) === 0) return frame;
    if (this.#callsProgram(frame)) return frame;
    while (this.isBuiltinFrame(frame)) frame -= FRAME_SIZE;
    return frame;
  }

  /**
   * Does a Lua-written library function stand at a call of what the program gave it (a comparator, a replacement function, a metamethod)? Functions are in
   * locals, which have no names there; the library's own helpers are upvalues.
   */
  #callsProgram(frame: number): boolean {
    if (!this.isBuiltinFrame(frame)) return false;
    const called = this.#variables.calleeName(this.prototype(frame), this.pc(frame));
    return called === undefined || called.kind === 'metamethod';
  }

  /**
   * "chunk:line:" with a space behind, or '' if the frame is not a Lua function's (luaL_where).
   * @param isRuntimeError with line -1 where it is not known, instead of '' (luaG_addinfo)
   */
  position(frame: number, isRuntimeError = false): string {
    if (!this.isLua(frame)) return '';
    const proto = this.prototype(frame);
    if (this.isBuiltinPrototype(proto)) return '';
    const line = this.lineAt(proto, this.pc(frame));
    return line < 0 && !isRuntimeError ? '' : `${this.shortSource(proto)}:${line}: `;
  }

  /** Whether the current frame's own instruction runs, not a builtin that it called. */
  get runsInstruction(): boolean {
    return this.#load(this.thread + THREAD_BUILTIN) === 0;
  }

  /** Slot of the builtin that runs on top of the current frame of a thread, or has just reported an error; 0 if there is none. */
  runningBuiltin(thread = this.thread): number {
    const builtin = this.#load(thread + THREAD_BUILTIN);
    return builtin !== 0 ? builtin : this.#builtinCalledBy(this.#load(thread + THREAD_FRAME));
  }

  /**
   * Slot of the builtin at whose call a Lua frame stands, 0 if there is none: one that reported an error by its result is over, but
   * its caller still stands there.
   */
  #builtinCalledBy(frame: number): number {
    if (!this.isLua(frame)) return 0;
    const low = this.#load(this.#load(frame + FRAME_PC));
    const op = opOf(low);
    if (op !== Op.CALL && op !== Op.TAILCALL && op !== Op.TFORCALL) return 0;
    const func = this.base(frame) + aOf(low) + (op === Op.TFORCALL ? ITERATOR_COPY : 0);
    return this.#slots.tag(func) === TAG_BUILTIN ? func : 0;
  }

  /** Frame of the caller. A message handler counts as called by the instruction that failed, unless a builtin did. */
  #callerOf(frame: number): number {
    const below = frame - FRAME_SIZE;
    const isHandled = (this.#load(below + FRAME_KIND) & 0xff) === FRAME_KIND_HANDLER;
    return isHandled && this.#raiserBelow(below, this.thread) === 0 ? below - FRAME_SIZE : below;
  }

  /** Slot of the builtin whose error a message handler's frame handles, 0 if an instruction raised it. */
  #raiserBelow(handler: number, thread: number): number {
    const offset = this.#load(handler + FRAME_CONSTANTS);
    return offset !== 0 ? this.#load(thread + THREAD_STACK) + offset : this.#builtinCalledBy(handler - FRAME_SIZE);
  }

  /**
   * Active functions of a thread, innermost first; the host's outermost entry is not among them. A Lua-written library function stands
   * for all functions of the library it calls.
   * @param visit gets one after the other; false ends it
   * @param passed if there is one and `visit` answers 'pass': how many functions of the program that follow were passed over
   * @returns whether the end was reached
   */
  visitActivations(thread: number, visit: Visitor, passed?: (count: number) => void): boolean {
    const current = this.#load(thread + THREAD_FRAME);
    let isHooked = false;
    let isFirst = true;
    let limit = this.#load(thread + THREAD_TOP);
    /** @param top end of the slots in use, where that is known to be below those of the function it called */
    const add = (func: number, frame: number, caller: number, isTail: boolean, top = limit): boolean | 'pass' => {
      const isHelper = frame === 0 || this.isBuiltinFrame(frame);
      if (isHelper && this.isBuiltinFrame(caller) && !this.#callsProgram(caller)) return true;
      // The innermost frame of Lua code owns all its registers.
      const end = frame !== 0 && isFirst ? Math.max(limit, this.#load(frame + FRAME_TOP)) : Math.min(limit, top);
      const activation = { func, frame, caller, isTail, isHooked, limit: end };
      isFirst = false;
      isHooked = false;
      limit = func;
      return visit(activation);
    };
    const builtin = this.runningBuiltin(thread);
    if (builtin !== 0 && !add(builtin, 0, current, false)) return false;
    const bottom = this.#load(thread + THREAD_FRAMES);
    for (let frame = current; frame > bottom; frame -= FRAME_SIZE) {
      const caller = this.#callerOf(frame);
      const kind = this.#load(frame + FRAME_KIND);
      const func = this.base(frame) - SLOT_SIZE;
      const isTail = (kind & FRAME_FLAG_TAIL) !== 0;
      if (this.isLua(frame)) {
        const wish = add(func, frame, caller, isTail);
        if (!wish) return false;
        if (wish !== 'pass' || passed === undefined) continue;
        const plain = this.#slots.core.countPlainFrames(frame - FRAME_SIZE, bottom + KEPT_FRAMES * FRAME_SIZE);
        passed(plain);
        frame -= plain * FRAME_SIZE;
        continue;
      }
      switch (kind & 0xff) {
        case FRAME_KIND_ENTRY: {
          isHooked = this.isHookEntry(frame);
          // Where a hook runs, what is below owns its registers up to here.
          if (isHooked) limit = func;
          const offset = this.#load(frame + FRAME_CONSTANTS);
          const called = this.#load(thread + THREAD_STACK) + offset;
          // A hook's stack does not begin where the arguments end; what the hook is told of is shown as that.
          if (offset !== 0 && !add(called, 0, caller, false, isHooked ? called + SLOT_SIZE : limit)) return false;
          break;
        }
        case FRAME_KIND_PCALL:
        case FRAME_KIND_XPCALL:
        case FRAME_KIND_RESUME:
        case FRAME_KIND_WRAP:
        case FRAME_KIND_CLOSE:
        case FRAME_KIND_YIELD:
        case FRAME_KIND_WAIT:
        case FRAME_KIND_COLLECT:
          if (!add(func, 0, caller, isTail, this.#load(frame + FRAME_TOP))) return false;
          break;
        case FRAME_KIND_HANDLER: {
          const raiser = this.#raiserBelow(frame, thread);
          if (raiser !== 0 && !add(raiser, 0, caller, false, raiser + SLOT_SIZE)) return false;
          break;
        }
      }
    }
    return true;
  }

  /** Does the host call the outermost function of a thread, and no coroutine.resume? */
  #isHosts(thread: number): boolean {
    return this.kind(this.#load(thread + THREAD_FRAMES)) !== FRAME_KIND_COROUTINE;
  }

  /** The same with the host at the end, which is the caller of the outermost function of its threads. */
  visitLevels(thread: number, visit: Visitor, passed?: (count: number) => void): void {
    if (this.visitActivations(thread, visit, passed) && this.#isHosts(thread)) visit({ func: 0, frame: 0, caller: 0, isTail: false, isHooked: false, limit: 0 });
  }

  /** The active function at a level of a thread, 0 = the innermost. The host below all counts. */
  levelAt(level: number, thread = this.thread): Activation | undefined {
    let left = level;
    let found: Activation | undefined;
    this.visitLevels(thread, (activation) => {
      if (left === 0) found = activation;
      return left-- > 0;
    });
    return level < 0 ? undefined : found;
  }
}
