/**
 * Reads where a program stands from its frames in linear memory. Nothing of the core is called and nothing is changed, so it may be done at any time, in the
 * middle of the core, too. A place is known by the address of its instruction.
 */
import { BUILTINS, fullName } from '../../bytecode/builtin-table.ts';
import { opOf } from '../../bytecode/instruction.ts';
import {
  BUILTIN_HANDLE, BUILTIN_ID, BUILTIN_NAME, CLOSURE_PROTO, FRAME_CLOSURE, FRAME_FLAG_TAIL, FRAME_KIND, FRAME_PC, FRAME_SIZE, PROTO_LINE_DEFINED, PROTO_SOURCE, STRING_BYTES,
  STRING_LENGTH, TAG_BUILTIN, THREAD_BUILTIN, THREAD_FRAME, THREAD_FRAMES, THREAD_RESUMER, VM_THREAD,
} from '../../bytecode/layout.ts';
import { OPCODES } from '../../bytecode/opcode-table.ts';
import type { Machine } from '../machine.ts';
import { decodeText, encodeText, fromByteString, toByteString } from '../text.ts';
import type { ProfileFrame } from './profile.ts';

/** Frames of a stack that are read, from the innermost on. */
const MAX_DEPTH = 200;
/** Bytes of a chunk's name that are kept; LUA_IDSIZE. */
const MAX_NAME = 4096;
const ID_SIZE = 60;

/** Where builtins of the core are that read and write. */
const IO_MODULE = 'lib/io';

/** What is at an address, to notice when the memory serves for something else. */
interface Origin {
  readonly owner: number;
  readonly detail: number;
}

export class StackReader {
  /** All places met, by their numbers. */
  readonly frames: ProfileFrame[] = [];
  readonly #origins: Origin[] = [];
  readonly #numbers = new Map<number, number>();
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** The builtin that runs on top of the current frame, 0 if there is none. */
  get builtin(): number {
    return this.#builtinOf(this.#load(VM_THREAD));
  }

  /** Whether the program stands at the head of a loop that has compiled code. */
  get isAtCompiledLoop(): boolean {
    const { frames } = this.#machine;
    const frame = frames.current;
    return frames.isLua(frame) && OPCODES[opOf(this.#load(this.#load(frame + FRAME_PC)))]?.name.endsWith('_JIT') === true;
  }

  /** Whether a builtin is a function of the host. */
  isHost(builtin: number): boolean {
    return this.#load(builtin + BUILTIN_ID) === 0;
  }

  /** Whether a function runs that may wait for something: one of the host's, or input and output. */
  get mayWait(): boolean {
    const { builtin } = this;
    if (builtin === 0) return false;
    const id = this.#load(builtin + BUILTIN_ID);
    return id === 0 || BUILTINS[id - 1]?.module === IO_MODULE;
  }

  /** Numbers of the places that are active, the innermost first, over all threads that wait for each other. */
  read(): number[] {
    const stack: number[] = [];
    for (let thread = this.#load(VM_THREAD); thread !== 0; thread = this.#load(thread + THREAD_RESUMER)) {
      const builtin = this.#builtinOf(thread);
      if (builtin !== 0) stack.push(this.#numberOfBuiltin(builtin));
      const bottom = this.#load(thread + THREAD_FRAMES);
      for (let frame = this.#load(thread + THREAD_FRAME); frame > bottom && stack.length < MAX_DEPTH; frame -= FRAME_SIZE) {
        if (this.#load(frame + FRAME_CLOSURE) !== 0) stack.push(this.#numberOf(frame, bottom));
      }
    }
    return stack;
  }

  #load(address: number): number {
    return this.#machine.memory.load(address);
  }

  #builtinOf(thread: number): number {
    const { slots } = this.#machine;
    const slot = this.#load(thread + THREAD_BUILTIN);
    return slot !== 0 && slots.tag(slot) === TAG_BUILTIN ? slots.pointer(slot) : 0;
  }

  #numberOfBuiltin(builtin: number): number {
    const name = this.#load(builtin + BUILTIN_NAME);
    return this.#numberAt(builtin, { owner: name, detail: this.#load(builtin + BUILTIN_HANDLE) }, () => {
      const known = BUILTINS[this.#load(builtin + BUILTIN_ID) - 1];
      const text = known !== undefined ? fullName(known) : name === 0 ? '?' : fromBytes(this.#bytes(name));
      return { name: text, source: '', chunk: '', line: 0, lineDefined: 0 };
    });
  }

  /** @param bottom the frame below all of its thread */
  #numberOf(frame: number, bottom: number): number {
    const { frames, functionNames } = this.#machine;
    const closure = this.#load(frame + FRAME_CLOSURE);
    const original = functionNames.originalOf(closure);
    // A library function that is written in Lua.
    if (original !== closure) return this.#numberOfBuiltin(original);
    const proto = this.#load(closure + CLOSURE_PROTO);
    return this.#numberAt(this.#load(frame + FRAME_PC), { owner: proto, detail: this.#load(proto + PROTO_SOURCE) }, () => {
      const name = this.#nameOf(frame, bottom);
      if (frames.isBuiltinPrototype(proto)) return { name: name ?? '?', source: '', chunk: '', line: 0, lineDefined: 0 };
      const chunk = this.#bytes(this.#load(proto + PROTO_SOURCE));
      return { name, source: fromBytes(titleOf(chunk)), chunk: fromBytes(chunk), line: Math.max(frames.lineAt(proto, frames.pc(frame)), 0), lineDefined: this.#load(proto + PROTO_LINE_DEFINED) };
    });
  }

  /** The number of the place at an address. */
  #numberAt(address: number, origin: Origin, describe: () => ProfileFrame): number {
    const known = this.#numbers.get(address);
    const old = known === undefined ? undefined : this.#origins[known];
    if (known !== undefined && old?.owner === origin.owner && old.detail === origin.detail) return known;
    this.#origins.push(origin);
    this.#numbers.set(address, this.frames.push(describe()) - 1);
    return this.frames.length - 1;
  }

  /** What the caller calls the function of a frame. */
  #nameOf(frame: number, bottom: number): string | undefined {
    const { frames, variables } = this.#machine;
    const caller = frame - FRAME_SIZE;
    const kind = this.#load(frame + FRAME_KIND);
    if ((kind & FRAME_FLAG_TAIL) !== 0 || (kind & 0xff) !== 0 || caller <= bottom || !frames.isLua(caller)) return undefined;
    const variable = variables.calleeName(frames.prototype(caller), frames.pc(caller));
    return variable?.kind === 'metamethod' ? `__${variable.name}` : variable?.name;
  }

  /** The beginning of a string, as a byte string. */
  #bytes(string: number): string {
    if (string === 0) return '=?';
    const { memory } = this.#machine;
    return toByteString(memory.viewBytes(string + STRING_BYTES, Math.min(memory.load(string + STRING_LENGTH), MAX_NAME)));
  }
}

/** A chunk's name as messages show it. */
export const chunkTitle = (chunk: string): string => fromBytes(titleOf(toByteString(encodeText(chunk))));

const fromBytes = (text: string): string => decodeText(fromByteString(text));

/** luaO_chunkid, from and to a byte string. */
function titleOf(chunk: string): string {
  if (chunk.startsWith('=')) return chunk.slice(1, ID_SIZE);
  if (chunk.startsWith('@')) return chunk.length <= ID_SIZE ? chunk.slice(1) : `...${chunk.slice(4 - ID_SIZE)}`;
  const room = ID_SIZE - 15;
  const line = chunk.slice(0, room).split('\n', 1)[0] as string;
  return `[string "${line}${chunk.length >= room || line.length < chunk.length ? '...' : ''}"]`;
}
