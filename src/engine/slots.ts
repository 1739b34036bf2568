/**
 * Value slots and strings of a VM as the host reads and writes them: the only code on the host's side that knows how a value
 * lies in memory. Slots and objects are byte addresses; nothing here roots an object.
 */
import { SCRATCH_TYPE_NAME } from '../bytecode/host-scratch.ts';
import {
  SLOT_LINK, SLOT_TAG, STRING_BYTES, STRING_LENGTH, TABLE_METATABLE, TAG_BUILTIN, TAG_CLOSURE, TAG_FALSE, TAG_FLOAT, TAG_INT, TAG_LIGHT, TAG_NIL,
  TAG_STRING, TAG_TABLE, TAG_THREAD, TAG_TRUE, TAG_USERDATA, USERDATA_METATABLE, VM_TEXT_SCRATCH, VM_TYPE_METATABLES,
} from '../bytecode/layout.ts';
import type { CoreExports } from './core-module.ts';
import type { Memory } from './memory.ts';
import { decodeTextStrictly, encodeText, fromByteString, toByteString } from './text.ts';

/** Strings up to this length pass through VM_TEXT_SCRATCH on their way in. */
const SCRATCH_TEXT = 1000;

/** Basic type names by tag (manual, section 2.1). */
const TYPE_NAMES: Readonly<Record<number, string>> = {
  [TAG_NIL]: 'nil', [TAG_FALSE]: 'boolean', [TAG_TRUE]: 'boolean', [TAG_INT]: 'number', [TAG_FLOAT]: 'number', [TAG_LIGHT]: 'userdata',
  [TAG_STRING]: 'string', [TAG_TABLE]: 'table', [TAG_CLOSURE]: 'function', [TAG_BUILTIN]: 'function', [TAG_USERDATA]: 'userdata',
  [TAG_THREAD]: 'thread',
};

/** Up to here it is faster to look at each character than to call the encoder or decoder of the host. */
const SHORT_TEXT = 32;
/** Bytes of a `__name` that messages show: to take them from the VM is not to be stopped. */
const LONGEST_TYPE_NAME = 1 << 16;

function asciiText(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte > 127) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

export class Slots {
  readonly memory: Memory;
  readonly core: CoreExports;
  /** Strings that the engine asks for again and again, by text. They are pinned. */
  readonly #names = new Map<string, number>();

  constructor(memory: Memory, core: CoreExports) {
    this.memory = memory;
    this.core = core;
  }

  tag(slot: number): number {
    return this.memory.load(slot + SLOT_TAG);
  }

  /** Address of the object, or the light userdata's number. */
  pointer(slot: number): number {
    return this.memory.load(slot);
  }

  integer(slot: number): bigint {
    return this.memory.i64[slot >>> 3] as bigint;
  }

  /** The integer in a slot, if a number of the host's can be it: undefined beyond 2^53. */
  safeInteger(slot: number): number | undefined {
    const words = this.memory.i32;
    const low = words[slot >>> 2] as number;
    const high = words[(slot >>> 2) + 1] as number;
    if (high === low >> 31) return low;
    const value = high * 4294967296 + (low >>> 0);
    return high >= -0x200000 && high < 0x200000 && value !== Number.MIN_SAFE_INTEGER - 1 ? value : undefined;
  }

  float(slot: number): number {
    return this.memory.f64[slot >>> 3] as number;
  }

  isNil(slot: number): boolean {
    return this.tag(slot) === TAG_NIL;
  }

  isFalsy(slot: number): boolean {
    return this.tag(slot) < TAG_TRUE;
  }

  isNumber(slot: number): boolean {
    const tag = this.tag(slot);
    return tag === TAG_INT || tag === TAG_FLOAT;
  }

  isFunction(slot: number): boolean {
    const tag = this.tag(slot);
    return tag === TAG_CLOSURE || tag === TAG_BUILTIN;
  }

  setNil(slot: number): void {
    this.memory.store(slot + SLOT_TAG, TAG_NIL);
  }

  setBoolean(slot: number, value: boolean): void {
    this.memory.store(slot + SLOT_TAG, value ? TAG_TRUE : TAG_FALSE);
  }

  setInteger(slot: number, value: bigint): void {
    this.memory.i64[slot >>> 3] = value;
    this.memory.store(slot + SLOT_TAG, TAG_INT);
  }

  /** An integer given as an integral JS number in the safe range. */
  setSafeInteger(slot: number, value: number): void {
    const words = this.memory.i32;
    words[slot >>> 2] = value | 0;
    words[(slot >>> 2) + 1] = value === (value | 0) ? value >> 31 : Math.floor(value / 4294967296);
    words[(slot + SLOT_TAG) >>> 2] = TAG_INT;
  }

  /** Which limit the error in a slot reports (LIMIT_*). */
  limit(slot: number): number {
    return this.memory.load(slot + SLOT_LINK);
  }

  setLimit(slot: number, limit: number): void {
    this.memory.store(slot + SLOT_LINK, limit);
  }

  setFloat(slot: number, value: number): void {
    this.memory.f64[slot >>> 3] = value;
    this.memory.store(slot + SLOT_TAG, TAG_FLOAT);
  }

  setObject(slot: number, tag: number, pointer: number): void {
    const words = this.memory.u32;
    words[slot >>> 2] = pointer;
    words[(slot >>> 2) + 1] = 0;
    words[(slot + SLOT_TAG) >>> 2] = tag;
  }

  copy(to: number, from: number): void {
    const words = this.memory.u32;
    words[to >>> 2] = words[from >>> 2] as number;
    words[(to >>> 2) + 1] = words[(from >>> 2) + 1] as number;
    words[(to + SLOT_TAG) >>> 2] = words[(from + SLOT_TAG) >>> 2] as number;
  }

  /** The bytes of a string object, as a view: valid until the core runs or allocates. */
  stringView(string: number): Uint8Array {
    return this.memory.viewBytes(string + STRING_BYTES, this.memory.load(string + STRING_LENGTH));
  }

  stringLength(string: number): number {
    return this.memory.load(string + STRING_LENGTH);
  }

  stringText(string: number): string {
    return toByteString(this.stringView(string));
  }

  /** A string as text of the host's if its bytes are UTF-8, else a copy of them. */
  hostText(string: number): string | Uint8Array {
    const length = this.memory.load(string + STRING_LENGTH);
    if (length <= SHORT_TEXT) {
      const start = (string + STRING_BYTES) >>> 0;
      const text = asciiText(this.memory.u8, start, start + length);
      if (text !== undefined) return text;
    }
    const bytes = this.stringView(string);
    return decodeTextStrictly(bytes) ?? bytes.slice();
  }

  /** Writes text of the host's as a string: its UTF-8 bytes. */
  setHostText(slot: number, text: string): void {
    this.setObject(slot, TAG_STRING, this.#newAscii(text) ?? this.newString(encodeText(text)));
  }

  /** The string of a short text of ASCII alone, whose bytes are written where the core reads them. */
  #newAscii(text: string): number | undefined {
    const { length } = text;
    if (length > SHORT_TEXT) return undefined;
    const bytes = this.memory.u8;
    for (let i = 0; i < length; i++) {
      const char = text.charCodeAt(i);
      if (char > 127) return undefined;
      bytes[VM_TEXT_SCRATCH + i] = char;
    }
    return this.core.newString(VM_TEXT_SCRATCH, length);
  }

  /** A string object with these bytes. */
  newString(bytes: Uint8Array): number {
    const { core, memory } = this;
    if (bytes.length <= SCRATCH_TEXT) {
      memory.storeBytes(VM_TEXT_SCRATCH, bytes);
      return core.newString(VM_TEXT_SCRATCH, bytes.length);
    }
    const string = core.newLongString(bytes.length);
    memory.storeBytes(string + STRING_BYTES, bytes);
    return string;
  }

  setString(slot: number, bytes: Uint8Array): void {
    this.setObject(slot, TAG_STRING, this.newString(bytes));
  }

  /** @param text a byte string */
  setText(slot: number, text: string): void {
    this.setString(slot, fromByteString(text));
  }

  /** The interned string of a short name; stays alive with the VM. @param name a byte string of at most MAX_SHORT_STRING bytes */
  nameString(name: string): number {
    let string = this.#names.get(name);
    if (string === undefined) {
      string = this.newString(fromByteString(name));
      this.core.pinObject(string);
      this.#names.set(name, string);
    }
    return string;
  }

  /** table[name] := the value in `slot`, raw. */
  setField(table: number, name: string, slot: number): void {
    this.core.tableSetString(table, this.nameString(name), slot);
  }

  /** `result` := table[name], raw. */
  getField(table: number, name: string, result: number): void {
    this.core.tableGetString(table, this.nameString(name), result);
  }

  /** Metatable of the value in a slot, 0 if it has none. */
  metatable(slot: number): number {
    const tag = this.tag(slot);
    if (tag === TAG_TABLE) return this.memory.load(this.pointer(slot) + TABLE_METATABLE);
    if (tag === TAG_USERDATA) return this.memory.load(this.pointer(slot) + USERDATA_METATABLE);
    return this.memory.load(VM_TYPE_METATABLES + 4 * tag);
  }

  /** Basic type name, as Lua's `type`. */
  typeName(slot: number): string {
    return TYPE_NAMES[this.tag(slot)] ?? 'no value';
  }

  /** Type name for errors of operations: `__name` counts for tables and userdata only (luaT_objtypename). */
  operandType(slot: number): string {
    const tag = this.tag(slot);
    return tag === TAG_TABLE || tag === TAG_USERDATA ? this.describeType(slot) : this.typeName(slot);
  }

  /** Type name for errors of arguments: the metatable's `__name`, if there is one; of a very long one its beginning. */
  describeType(slot: number): string {
    const metatable = this.metatable(slot);
    if (metatable !== 0) {
      this.getField(metatable, '__name', SCRATCH_TYPE_NAME);
      if (this.tag(SCRATCH_TYPE_NAME) === TAG_STRING) return toByteString(this.stringView(this.pointer(SCRATCH_TYPE_NAME)).subarray(0, LONGEST_TYPE_NAME));
    }
    return this.typeName(slot);
  }
}
