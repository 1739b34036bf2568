/**
 * Arguments and results of host functions in their fast form: `count` arguments at `base`, results from `base - SLOT_SIZE` upward.
 * Checks raise as luaL_check* do. Argument numbers are 1-based.
 */
import { SCRATCH_NUMBER } from '../bytecode/host-scratch.ts';
import { SLOT_SIZE, STRING_BYTES, TAG_INT, TAG_LIGHT, TAG_STRING, TAG_TABLE } from '../bytecode/layout.ts';
import { HostFailure, type ProcessEnd } from '../hosts/environment.ts';
import type { Machine } from '../engine/machine.ts';
import { fromByteString, toByteString } from '../engine/text.ts';

/** Bytes of a string that pass through the host's hands between two looks at the limits. */
const PIECE = 1 << 16;

/** Pieces of a byte string. */
const piecesOfText = (text: string): Generator<Uint8Array> => pieces(text.length, (from, to) => fromByteString(text.slice(from, to)));

function* pieces(length: number, piece: (from: number, to: number) => Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < length; at += PIECE) yield piece(at, Math.min(at + PIECE, length));
}

export class Arguments {
  readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Slot of an argument, whether it was passed or not. */
  slot(base: number, n: number): number {
    return base + (n - 1) * SLOT_SIZE;
  }

  isAbsent(base: number, count: number, n: number): boolean {
    return n > count || this.machine.slots.isNil(this.slot(base, n));
  }

  typeError(base: number, count: number, n: number, expected: string): never {
    const slot = this.slot(base, n);
    const isLight = n <= count && this.machine.slots.tag(slot) === TAG_LIGHT;
    const actual = n > count ? 'no value' : isLight ? 'light userdata' : this.machine.slots.describeType(slot);
    return this.machine.errors.throwArgument(n, `${expected} expected, got ${actual}`);
  }

  checkAny(count: number, n: number): void {
    if (n > count) this.machine.errors.throwArgument(n, 'value expected');
  }

  /** A string argument as a byte string; numbers are converted. */
  checkText(base: number, count: number, n: number): string {
    const { slots, core } = this.machine;
    const slot = this.slot(base, n);
    if (n <= count && slots.tag(slot) === TAG_STRING) return this.#textOf(slot);
    if (n <= count && slots.isNumber(slot)) return slots.stringText(core.stringFromNumber(slot));
    return this.typeError(base, count, n, 'string');
  }

  /** The string in a slot; its length is paid for. */
  #textOf(slot: number): string {
    let text = '';
    for (const piece of this.#piecesOf(slot)) text += piece;
    return text;
  }

  *#piecesOf(slot: number): Generator<string> {
    const { machine } = this;
    const string = machine.slots.pointer(slot);
    const length = machine.slots.stringLength(string);
    for (let at = 0; at < length; at += PIECE) {
      const end = Math.min(at + PIECE, length);
      machine.payBytes(end - at);
      yield toByteString(machine.slots.stringView(string).subarray(at, end));
    }
  }

  /** As checkText, for what may be long: as one text it would take too long to make. */
  pieces(base: number, count: number, n: number): Iterable<string> {
    this.checkString(base, count, n);
    return this.#piecesOf(this.slot(base, n));
  }

  /** A string argument as it is, which costs nothing however long it is; a number is converted in place. @returns the string object */
  checkString(base: number, count: number, n: number): number {
    const { slots, core } = this.machine;
    const slot = this.slot(base, n);
    if (n <= count && slots.isNumber(slot)) slots.setObject(slot, TAG_STRING, core.stringFromNumber(slot));
    return n <= count && slots.tag(slot) === TAG_STRING ? slots.pointer(slot) : this.typeError(base, count, n, 'string');
  }

  /** A text argument as C reads it, which is what options and modes are: it ends at a zero byte. */
  optionalName(base: number, count: number, n: number): string | undefined {
    return this.optionalText(base, count, n)?.split('\0', 1)[0];
  }

  optionalText(base: number, count: number, n: number): string | undefined {
    return this.isAbsent(base, count, n) ? undefined : this.checkText(base, count, n);
  }

  /** A number argument as a float; numeric strings are converted. */
  checkNumber(base: number, count: number, n: number): number {
    const { slots, core } = this.machine;
    const slot = this.slot(base, n);
    if (n > count || !core.toNumber(slot, SCRATCH_NUMBER)) return this.typeError(base, count, n, 'number');
    return slots.tag(SCRATCH_NUMBER) === TAG_INT ? Number(slots.integer(SCRATCH_NUMBER)) : slots.float(SCRATCH_NUMBER);
  }

  /** An integer argument; floats and numeric strings with an integer value are converted. */
  checkInteger(base: number, count: number, n: number): bigint {
    const { slots, errors } = this.machine;
    const value = this.checkNumber(base, count, n);
    if (slots.tag(SCRATCH_NUMBER) === TAG_INT) return slots.integer(SCRATCH_NUMBER);
    if (!Number.isInteger(value) || value < -(2 ** 63) || value >= 2 ** 63) errors.throwArgument(n, 'number has no integer representation');
    return BigInt(value);
  }

  optionalInteger(base: number, count: number, n: number, otherwise: bigint): bigint {
    return this.isAbsent(base, count, n) ? otherwise : this.checkInteger(base, count, n);
  }

  /** Address of a table argument. */
  checkTable(base: number, count: number, n: number): number {
    const { slots } = this.machine;
    const slot = this.slot(base, n);
    if (n > count || slots.tag(slot) !== TAG_TABLE) this.typeError(base, count, n, 'table');
    return slots.pointer(slot);
  }

  /** An option out of a list (luaL_checkoption). */
  checkOption<Option extends string>(base: number, count: number, n: number, options: readonly Option[], otherwise: Option): Option {
    const text = this.optionalName(base, count, n) ?? otherwise;
    const option = options.find((candidate) => candidate === text);
    return option ?? this.machine.errors.throwArgument(n, `invalid option '${text}'`);
  }

  // ---- Results. Each returns the number of results, for `return` in a host function.

  none(): number {
    return 0;
  }

  nil(base: number): number {
    this.machine.slots.setNil(base - SLOT_SIZE);
    return 1;
  }

  boolean(base: number, value: boolean): number {
    this.machine.slots.setBoolean(base - SLOT_SIZE, value);
    return 1;
  }

  float(base: number, value: number): number {
    this.machine.slots.setFloat(base - SLOT_SIZE, value);
    return 1;
  }

  integer(base: number, value: number | bigint): number {
    this.machine.slots.setInteger(base - SLOT_SIZE, BigInt(value));
    return 1;
  }

  bytes(base: number, value: Uint8Array): number {
    if (value.length <= PIECE) {
      this.machine.spendBytes(value.length);
      this.machine.slots.setString(base - SLOT_SIZE, value);
      return 1;
    }
    return this.#string(base, value.length, pieces(value.length, (from, to) => value.subarray(from, to)));
  }

  /** @param value a byte string */
  text(base: number, value: string): number {
    return value.length <= PIECE ? this.bytes(base, fromByteString(value)) : this.#string(base, value.length, piecesOfText(value));
  }

  /** The string in a slot, then a text. @param value a byte string */
  appended(base: number, slot: number, value: string): number {
    const { slots } = this.machine;
    const string = slots.pointer(slot);
    const length = slots.stringLength(string);
    if (length + value.length <= PIECE) return this.text(base, slots.stringText(string) + value);
    function* bytes(): Generator<Uint8Array> {
      yield* pieces(length, (from, to) => slots.stringView(string).subarray(from, to));
      yield* piecesOfText(value);
    }
    return this.#string(base, length + value.length, bytes());
  }

  /** A text that may be long, made twice: so all of it is in the VM's memory alone. @param texts the same byte strings each time */
  streamed(base: number, texts: () => Iterable<string>): number {
    let length = 0;
    let first: string | undefined;
    for (const text of texts()) {
      length += text.length;
      first ??= text;
    }
    if (length === (first?.length ?? 0)) return this.text(base, first ?? '');
    if (length <= PIECE) return this.text(base, [...texts()].join(''));
    function* bytes(): Generator<Uint8Array> {
      for (const text of texts()) yield* piecesOfText(text);
    }
    return this.#string(base, length, bytes());
  }

  /** @param length more than PIECE @param bytes pieces that are good until the next is asked for */
  #string(base: number, length: number, bytes: Iterable<Uint8Array>): number {
    const { machine } = this;
    const string = machine.core.newLongString(length);
    let at = string + STRING_BYTES;
    for (const piece of bytes) {
      machine.memory.storeBytes(at, piece);
      at += piece.length;
      machine.payBytes(piece.length);
    }
    return this.object(base, TAG_STRING, string);
  }

  object(base: number, tag: number, pointer: number): number {
    this.machine.slots.setObject(base - SLOT_SIZE, tag, pointer);
    return 1;
  }

  /** nil and a message, as functions report failures they do not raise. */
  failure(base: number, message: string): number {
    this.text(base + SLOT_SIZE, message);
    this.nil(base);
    return 2;
  }

  /** How a process ended: true or nil, the kind of end, its code (luaL_execresult). */
  processEnd(base: number, { kind, code }: ProcessEnd): number {
    if (kind === 'exit' && code === 0) this.boolean(base, true);
    else this.nil(base);
    this.machine.slots.setText(base, kind);
    this.machine.slots.setInteger(base + SLOT_SIZE, BigInt(code));
    return 3;
  }

  /**
   * Runs an operation on the outside world; its failure becomes nil, "prefix: message", number (luaL_fileresult).
   * @param prefix file name, '' for none
   */
  attempt(base: number, prefix: string, operation: () => number): number {
    try {
      return operation();
    } catch (error) {
      if (!(error instanceof HostFailure)) throw error;
      this.failure(base, prefix === '' ? error.message : `${prefix}: ${error.message}`);
      this.machine.slots.setInteger(base + SLOT_SIZE, BigInt(error.errorNumber));
      return 3;
    }
  }
}
