/** Tables as values of the host: `toJS`. Raw, without recursion, and nothing is lost: what has no place in an object is refused. */
import { SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE } from '../../bytecode/host-scratch.ts';
import { TAG_FLOAT, TAG_INT, TAG_STRING, TAG_TABLE } from '../../bytecode/layout.ts';
import { MoontraceError } from '../../engine/errors/errors.ts';
import type { Machine } from '../../engine/machine.ts';
import { checkOptions, isNumber } from '../check-options.ts';
import type { ObjectOfLua } from './reference.ts';

export interface ToJsOptions {
  /** Levels of tables that are converted; deeper ones stay handles. All by default. */
  readonly depth?: number;
  /** Whether tables that are no arrays become Maps, which have any keys: `false` (default), `true`, or `'where-needed'`: where an object would lose something. */
  readonly maps?: boolean | 'where-needed';
}

/** @throws MoontraceError bad-option */
export const checkToJsOptions = (given: unknown): ToJsOptions =>
  checkOptions<ToJsOptions>(given, {
    depth: isNumber((value) => value >= 1, 'a number of levels from 1 expected'),
    maps: (value) => (typeof value === 'boolean' || value === 'where-needed' ? undefined : `true, false or 'where-needed' expected`),
  });

type Container = unknown[] | Record<string, unknown> | Map<unknown, unknown>;

class Conversion {
  readonly #machine: Machine;
  readonly #options: ToJsOptions;
  /** By address: what became of each table. */
  readonly #made = new Map<number, Container>();
  /** Whether a key of the table under way is a number: then two may have one name. */
  #hasNumbers = false;
  readonly #todo: { readonly pointer: number; readonly target: Container; readonly level: number }[] = [];

  constructor(machine: Machine, options: ToJsOptions) {
    this.#machine = machine;
    this.#options = options;
  }

  convert(pointer: number): Container {
    const result = this.#containerOf(pointer, 1);
    for (const { pointer: table, target, level } of this.#todo) this.#fill(table, target, level);
    return result;
  }

  #containerOf(pointer: number, level: number): Container {
    let made = this.#made.get(pointer);
    if (made === undefined) {
      made = this.#isSequence(pointer) ? [] : this.#isMap(pointer) ? new Map() : {};
      this.#made.set(pointer, made);
      this.#todo.push({ pointer, target: made, level });
    }
    return made;
  }

  /** Goes through a table's pairs, which are in the slots of an access, until told to stop. @returns whether it came to the end */
  #eachPair(table: number, visit: () => boolean): boolean {
    const { core, slots } = this.#machine;
    slots.setNil(SCRATCH_ACCESS_KEY);
    while (core.tableNext(table, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_KEY)) if (!visit()) return false;
    return true;
  }

  /** Are all keys integers from 1 to the table's border? */
  #isSequence(table: number): boolean {
    const { core, slots } = this.#machine;
    const length = core.tableLength(table);
    return length > 0n && this.#eachPair(table, () => {
      if (slots.tag(SCRATCH_ACCESS_KEY) !== TAG_INT) return false;
      const key = slots.integer(SCRATCH_ACCESS_KEY);
      return key >= 1n && key <= length;
    });
  }

  #isMap(table: number): boolean {
    const { maps = false } = this.#options;
    if (maps !== 'where-needed') return maps;
    const names = new Set<string>();
    return !this.#eachPair(table, () => {
      const name = this.#name();
      return name !== undefined && !names.has(name) && names.add(name) !== undefined;
    });
  }

  /** The name of a property for the key of a pair; undefined if there is none. */
  #name(): string | undefined {
    const { slots, values } = this.#machine;
    const tag = slots.tag(SCRATCH_ACCESS_KEY);
    if (tag !== TAG_STRING && tag !== TAG_INT && tag !== TAG_FLOAT) return undefined;
    const key = values.toHost(SCRATCH_ACCESS_KEY);
    return typeof key === 'object' ? undefined : String(key);
  }

  #fill(table: number, target: Container, level: number): void {
    const { core, slots, values } = this.#machine;
    this.#hasNumbers = false;
    slots.setNil(SCRATCH_ACCESS_KEY);
    while (core.tableNext(table, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_KEY)) {
      const value = this.#value(level);
      if (Array.isArray(target)) target[Number(slots.integer(SCRATCH_ACCESS_KEY)) - 1] = value;
      else if (target instanceof Map) target.set(values.toHost(SCRATCH_ACCESS_KEY), value);
      else this.#define(target, value);
    }
  }

  #value(level: number): unknown {
    const { slots, values } = this.#machine;
    const isConverted = slots.tag(SCRATCH_ACCESS_VALUE) === TAG_TABLE && level < (this.#options.depth ?? Number.POSITIVE_INFINITY);
    return isConverted ? this.#nested(slots.pointer(SCRATCH_ACCESS_VALUE), level + 1) : values.toHost(SCRATCH_ACCESS_VALUE);
  }

  /** The container of a table met at a pair, whose key must still be there afterwards. */
  #nested(pointer: number, level: number): Container {
    const known = this.#made.get(pointer);
    if (known !== undefined) return known;
    const { slots } = this.#machine;
    const own = this.#machine.pushSlot();
    slots.copy(own, SCRATCH_ACCESS_KEY);
    const made = this.#containerOf(pointer, level);
    slots.copy(SCRATCH_ACCESS_KEY, own);
    this.#machine.pop(1);
    return made;
  }

  /** `__proto__` is a name as any other. */
  #define(target: Record<string, unknown>, value: unknown): void {
    const name = this.#name();
    if (name === undefined) throw new MoontraceError('bad-value', `an object cannot have a ${this.#machine.slots.typeName(SCRATCH_ACCESS_KEY)} for a key: toJS({ maps: true })`);
    this.#hasNumbers ||= this.#machine.slots.tag(SCRATCH_ACCESS_KEY) !== TAG_STRING;
    if (this.#hasNumbers && Object.hasOwn(target, name)) throw new MoontraceError('bad-value', `two keys of a table read '${name}': toJS({ maps: true })`);
    if (name !== '__proto__') target[name] = value;
    else Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  }
}

/** The content of a table, within an operation of the API. @throws MoontraceError bad-value @internal */
export const tableToJs = ({ machine, pointer }: ObjectOfLua, options: ToJsOptions): unknown => new Conversion(machine, options).convert(pointer);
