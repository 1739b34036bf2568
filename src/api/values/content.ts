/**
 * Arrays, plain objects, Maps and typed arrays of the host, as Lua tables: what is to be built is planned first, then built. The host's getters and
 * iterators all run while planning, before anything in the VM changes. What is met twice becomes one table, so cycles stay cycles. Nothing recurses.
 */
import { SCRATCH_KEY, SCRATCH_VALUE } from '../../bytecode/host-scratch.ts';
import { TAG_TABLE } from '../../bytecode/layout.ts';
import { callHost } from '../boundary.ts';
import { MoontraceError } from '../../engine/errors/errors.ts';
import { isBytes } from '../../engine/host-values.ts';
import type { LuaInput } from '../../engine/lua-value.ts';
import type { Machine } from '../../engine/machine.ts';

/** Longer arrays are asked which elements they have: they may have a few in a great many. */
const DENSE_LENGTH = 1 << 20;

/** A table to be. */
class TablePlan {
  readonly #isOne = true;
  /** undefined for an array, whose keys are 1, 2, ... */
  keys: unknown[] | undefined;
  values: unknown[] = [];
  /** Its address while it is built. */
  table = 0;

  get size(): number {
    return this.values.length;
  }

  /** As instanceof, but asks no proxy. */
  static is(value: unknown): value is TablePlan {
    return typeof value === 'object' && value !== null && #isOne in value && value.#isOne;
  }
}

/** Tables to be built; the first is the one that was asked for. */
export type ContentPlan = readonly TablePlan[];

const isNumericArray = (value: object): value is ArrayLike<number | bigint> => ArrayBuffer.isView(value) && !(value instanceof DataView) && !isBytes(value);

/** An object without a class; of another window, too. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf'));
}

/** Does it go in as a table, by its content? Asks proxies, which may throw. */
export const isContent = (value: object): boolean => isPlain(value) || Array.isArray(value) || value instanceof Map || isNumericArray(value);

class Planner {
  readonly plans: TablePlan[] = [];
  readonly #contents: object[] = [];
  /** What there is a plan for; made when something is nested. */
  #known: Map<object, TablePlan> | undefined;

  plan(root: object): ContentPlan {
    this.#add(root);
    for (let i = 0; i < this.plans.length; i++) this.#read(this.plans[i] as TablePlan, this.#contents[i] as object);
    return this.plans;
  }

  #add(content: object): TablePlan {
    const plan = new TablePlan();
    this.plans.push(plan);
    this.#contents.push(content);
    return plan;
  }

  #planOf(content: object): TablePlan {
    this.#known ??= new Map([[this.#contents[0] as object, this.plans[0] as TablePlan]]);
    let plan = this.#known.get(content);
    if (plan === undefined) {
      plan = this.#add(content);
      this.#known.set(content, plan);
    }
    return plan;
  }

  #read(plan: TablePlan, content: object): void {
    if (Array.isArray(content)) return this.#readArray(plan, content);
    if (isNumericArray(content)) plan.values = Array.from(content);
    else if (content instanceof Map) this.#readMap(plan, content);
    else {
      const keys = Object.keys(content);
      plan.keys = keys;
      for (let i = 0; i < keys.length; i++) plan.values.push(this.#planned((content as Record<string, unknown>)[keys[i] as string]));
    }
  }

  #readArray(plan: TablePlan, content: readonly unknown[]): void {
    if (content.length <= DENSE_LENGTH) {
      for (let i = 0; i < content.length; i++) plan.values.push(this.#planned(content[i]));
      return;
    }
    plan.keys = [];
    for (const [key, value] of Object.entries(content)) {
      if (!/^\d+$/.test(key)) continue;
      plan.keys.push(Number(key) + 1);
      plan.values.push(this.#planned(value));
    }
  }

  #readMap(plan: TablePlan, content: ReadonlyMap<unknown, unknown>): void {
    plan.keys = [];
    for (const [key, value] of content) {
      if (key === undefined || key === null || Number.isNaN(key)) throw new MoontraceError('bad-value', `a table cannot have ${key} for a key`);
      plan.keys.push(this.#planned(key));
      plan.values.push(this.#planned(value));
    }
  }

  #planned(value: unknown): unknown {
    return typeof value === 'object' && value !== null && isContent(value) ? this.#planOf(value) : value;
  }
}

/** @param content anything but content gives its enumerable properties @throws MoontraceError bad-value @internal */
export const planContent = (content: object): ContentPlan => callHost('bad-value', 'content', () => new Planner().plan(content));

/**
 * Builds what is planned; no collection comes between.
 * @param into a table that is filled in place of a new one @returns the table's address, which nothing roots @internal
 */
export function buildContent(machine: Machine, plan: ContentPlan, into = 0): number {
  const { core } = machine;
  for (const table of plan) table.table = table === plan[0] && into !== 0 ? into : core.newTable(table.keys === undefined ? table.size : 0, table.keys === undefined ? 0 : table.size);
  for (const { table, keys, values } of plan) {
    for (let i = 0; i < values.length; i++) {
      if (keys === undefined) machine.slots.setSafeInteger(SCRATCH_KEY, i + 1);
      else put(machine, SCRATCH_KEY, keys[i]);
      put(machine, SCRATCH_VALUE, values[i]);
      core.tableSet(table, SCRATCH_KEY, SCRATCH_VALUE);
    }
  }
  return plan[0]?.table ?? 0;
}

function put(machine: Machine, slot: number, value: unknown): void {
  if (TablePlan.is(value)) machine.slots.setObject(slot, TAG_TABLE, value.table);
  else machine.values.toLua(slot, value as LuaInput);
}

/** Takes all out of a table, as raw assignments of nil do. @internal */
export function clearTable(machine: Machine, table: number): void {
  const { core, slots } = machine;
  slots.setNil(SCRATCH_KEY);
  while (core.tableNext(table, SCRATCH_KEY, SCRATCH_KEY)) {
    slots.setNil(SCRATCH_VALUE);
    core.tableSet(table, SCRATCH_KEY, SCRATCH_VALUE);
  }
}
