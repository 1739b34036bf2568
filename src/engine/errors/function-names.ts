/** What an active function is called: by the instruction that called it, or by the loaded library that holds it. */
import { HOST_COMPANIONS } from '../../bytecode/host-places.ts';
import { SCRATCH_FUNCTION, SCRATCH_LIBRARY } from '../../bytecode/host-scratch.ts';
import {
  PROTO_LINE_DEFINED, SLOT_SIZE, TAG_BUILTIN, TAG_CLOSURE, TAG_STRING, TAG_TABLE, VM_REGISTRY,
} from '../../bytecode/layout.ts';
import type { Activation, Frames } from './frames.ts';
import type { HostTable } from '../host-table.ts';
import type { Slots } from '../slots.ts';
import type { VariableName, VariableNames } from './variable-names.ts';

/** Functions of loaded libraries that are looked at for a name. */
const MAX_ENTRIES = 20_000;

/** What a finaliser is called, whoever allocated when it was time. */
const FINALIZER: VariableName = { kind: 'metamethod', name: '__gc' };

export class FunctionNames {
  readonly #slots: Slots;
  readonly #frames: Frames;
  readonly #variables: VariableNames;
  readonly #host: HostTable;

  constructor(slots: Slots, host: HostTable, frames: Frames, variables: VariableNames) {
    this.#slots = slots;
    this.#host = host;
    this.#frames = frames;
    this.#variables = variables;
  }

  /** From now on the closure at `companion` goes by the name of the builtin at `builtin`. */
  addCompanion(companion: number, builtin: number): void {
    const { core } = this.#slots;
    const table = this.#host.table(HOST_COMPANIONS);
    this.#slots.setObject(SCRATCH_FUNCTION, TAG_CLOSURE, companion);
    this.#slots.setObject(SCRATCH_LIBRARY, TAG_BUILTIN, builtin);
    core.tableSet(table, SCRATCH_FUNCTION, SCRATCH_LIBRARY);
  }

  /** The function a closure stands for: the builtin whose companion it is, else itself. */
  originalOf(func: number): number {
    const companions = this.#host.pointer(HOST_COMPANIONS);
    if (companions === 0) return func;
    this.#slots.setObject(SCRATCH_FUNCTION, TAG_CLOSURE, func);
    this.#slots.core.tableGet(companions, SCRATCH_FUNCTION, SCRATCH_FUNCTION);
    return this.#slots.tag(SCRATCH_FUNCTION) === TAG_BUILTIN ? this.#slots.pointer(SCRATCH_FUNCTION) : func;
  }

  /** Name by the calling instruction; undefined if the caller is not a Lua function or was left by a tail call. */
  calledName(activation: Activation): VariableName | undefined {
    const { caller, isTail } = activation;
    if (isTail || caller === 0) return undefined;
    if (this.#frames.isHookEntry(caller)) return { kind: 'hook', name: '?' };
    if (this.#frames.callsFinalizers(caller)) return FINALIZER;
    if (!this.#frames.isLua(caller) || this.#frames.isBuiltinFrame(caller)) return undefined;
    return this.#variables.calleeName(this.#frames.prototype(caller), this.#frames.pc(caller));
  }

  /** What a frame that is about to call something calls; undefined for library functions, which have no variables to show. */
  nameOfCall(frame: number): VariableName | undefined {
    if (this.#frames.callsFinalizers(frame)) return FINALIZER;
    if (!this.#frames.isLua(frame) || this.#frames.isBuiltinFrame(frame)) return undefined;
    return this.#variables.calleeName(this.#frames.prototype(frame), this.#frames.pc(frame));
  }

  /** Name under which a loaded library holds the function in a slot, e.g. `string.rep`, `print`; undefined if none does. */
  globalName(func: number): string | undefined {
    const slots = this.#slots;
    if (!slots.isFunction(func)) return undefined;
    const module = SCRATCH_LIBRARY;
    const entry = SCRATCH_FUNCTION;
    const wanted = this.originalOf(slots.pointer(func));
    slots.getField(slots.memory.load(VM_REGISTRY), '_LOADED', module);
    if (slots.tag(module) !== TAG_TABLE) return undefined;
    const loaded = slots.pointer(module);
    let entries = 0;
    slots.setNil(module);
    while (++entries <= MAX_ENTRIES && slots.core.tableNext(loaded, module, module)) {
      if (slots.tag(module) !== TAG_STRING || slots.tag(module + SLOT_SIZE) !== TAG_TABLE) continue;
      const library = slots.pointer(module + SLOT_SIZE);
      slots.setNil(entry);
      while (slots.core.tableNext(library, entry, entry)) {
        // A program may put as many functions there as it likes.
        if (++entries > MAX_ENTRIES) return undefined;
        if (slots.tag(entry) !== TAG_STRING || !slots.isFunction(entry + SLOT_SIZE) || slots.pointer(entry + SLOT_SIZE) !== wanted) continue;
        const name = slots.stringText(slots.pointer(entry));
        const libraryName = slots.stringText(slots.pointer(module));
        return libraryName === '_G' ? name : `${libraryName}.${name}`;
      }
    }
    return undefined;
  }

  /** As a traceback describes an active function: "function 'string.rep'", "local 'f'", "main chunk", "function <file:line>". */
  describe(activation: Activation): string {
    const global = this.globalName(activation.func);
    if (global !== undefined) return `function '${global}'`;
    const called = this.calledName(activation);
    if (called !== undefined) return `${called.kind} '${called.name}'`;
    if (activation.frame === 0 || this.#frames.isBuiltinFrame(activation.frame)) return '?';
    const proto = this.#frames.prototype(activation.frame);
    const line = this.#slots.memory.load(proto + PROTO_LINE_DEFINED);
    return line === 0 ? 'main chunk' : `function <${this.#frames.shortSource(proto)}:${line}>`;
  }
}
