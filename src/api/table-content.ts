/**
 * What `newTable` is given, as tables to be built: plain objects, arrays and Maps become tables, at any depth; one that is met twice becomes one table.
 * The host's getters and iterators all run here, before anything in the VM changes.
 */
import { SLOT_SIZE, TAG_TABLE } from '../bytecode/layout.ts';
import { callHost } from './boundary.ts';
import { MoontraceError } from '../engine/errors/errors.ts';
import type { LuaInput } from '../engine/lua-value.ts';
import type { Machine } from '../engine/machine.ts';

/** What a table is filled from. Nested plain objects, arrays and Maps become tables, too; cycles are refused. */
export type TableContent = readonly LuaInput[] | Readonly<Record<string, LuaInput>> | ReadonlyMap<LuaInput, LuaInput>;

type Entry = readonly [key: LuaInput | TablePlan, value: LuaInput | TablePlan];

export class TablePlan {
  readonly entries: Entry[] = [];
  /** Address of the table made by it. */
  table = 0;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

class Planner {
  readonly #plans = new Map<object, TablePlan>();
  /** Those whose entries are being read: meeting one of them again is a cycle. */
  readonly #open = new Set<TablePlan>();

  plan(content: object): TablePlan {
    const known = this.#plans.get(content);
    if (known !== undefined) {
      if (this.#open.has(known)) throw new MoontraceError('bad-value', 'a cycle of objects');
      return known;
    }
    const plan = new TablePlan();
    this.#plans.set(content, plan);
    this.#open.add(plan);
    if (Array.isArray(content)) Array.from(content as ArrayLike<unknown>).forEach((value, i) => plan.entries.push([i + 1, this.#convert(value)]));
    else if (content instanceof Map) for (const [key, value] of content as Map<unknown, unknown>) plan.entries.push([this.#convert(key), this.#convert(value)]);
    else for (const [key, value] of Object.entries(content)) plan.entries.push([key, this.#convert(value)]);
    this.#open.delete(plan);
    return plan;
  }

  #convert(value: unknown): LuaInput | TablePlan {
    if (typeof value !== 'object' || value === null) return value as LuaInput;
    return Array.isArray(value) || value instanceof Map || isPlain(value) ? this.plan(value) : value;
  }
}

/** @throws MoontraceError bad-argument, bad-value */
export function planTable(content: TableContent | undefined): TablePlan {
  if (content === undefined) return new TablePlan();
  if (typeof content !== 'object' || content === null) throw new MoontraceError('bad-argument', 'content: an array, an object or a Map expected');
  return callHost('bad-value', 'content', () => new Planner().plan(content));
}

/** Builds the table at the top of the machine's stack, where it is kept alive. @returns its address */
export function buildTable(machine: Machine, plan: TablePlan): number {
  const { core, slots } = machine;
  const own = machine.stackOffset(machine.pushSlot());
  const put = (value: LuaInput | TablePlan): void => {
    if (!(value instanceof TablePlan)) machine.pushValue(value);
    else if (value.table === 0) buildTable(machine, value);
    else machine.pushObject(TAG_TABLE, value.table);
  };
  slots.setNil(machine.stackAddress(own));
  plan.table = core.newTable(0, 0);
  slots.setObject(machine.stackAddress(own), TAG_TABLE, plan.table);
  for (const [key, value] of plan.entries) {
    put(key);
    put(value);
    core.tableSet(plan.table, machine.top - 2 * SLOT_SIZE, machine.top - SLOT_SIZE);
    machine.pop(2);
  }
  return plan.table;
}
