/**
 * Objects that are there from the start and get fields, elements and metatables only later, in loops, while others of the same shapes come and go. What a
 * trace stores into an object that the collector has done with must not be missed: the mode *collecting* is after that.
 */
import type { Context } from './context.ts';
import type { StatementGenerator } from './statements.ts';
import { block, type Expression, pinned, type Statement, statement } from './tree.ts';

/** Declares the array `name` of objects. */
export function declareOldObjects(name: string, count: number): Statement[] {
  return [pinned(`local ${name} = {} for i = 1, ${count} do ${name}[i] = { id = i } end`)];
}

export function reportOldObjects(name: string): Statement[] {
  return [statement(`do local h = 0 for i = 1, #${name} do h = h * 31 + fold(${name}[i], 1) end emit("${name}", h) end`)];
}

export class OldObjectsGenerator {
  constructor(readonly statements: StatementGenerator) {}

  make(name: string, context: Context): Statement[] {
    const { random } = this.statements;
    if (!context.canSpend(100)) return [];
    context.spend(100);
    const stores = Array.from({ length: random.integer(1, 3) }, () => statement(...this.#store(name, context)));
    const condition = random.chance(0.3) ? [statement('if ', this.statements.expressions.rareCondition(context), ' then break end')] : [];
    const loop = statement(`for i = 1, #${name} do local o = ${name}[i]`, block(...stores, ...condition), 'end');
    return random.chance(0.4) ? [this.#churn(), loop] : [loop];
  }

  /** Objects of the same sort that nobody keeps: the shapes they made die with them. */
  #churn(): Statement {
    const fields = Array.from({ length: this.statements.random.integer(1, 3) }, () => `o.${this.#field()} = i`);
    return statement(`for i = 1, ${this.statements.random.integer(3, 20)} do local o = { id = i } ${fields.join(' ')} end`);
  }

  #field(): string {
    return `f${this.statements.random.integer(1, 7)}`;
  }

  #value(name: string, context: Context): (string | Expression)[] {
    return this.statements.random.pick<() => (string | Expression)[]>([
      () => ['i'],
      () => [this.statements.expressions.make('int', 1, context)],
      () => ['"s" .. i'],
      () => ['{ i }'],
      () => ['{ x = i, "y" }'],
      () => ['function() return i end'],
      () => [`${name}[i * 7 % #${name} + 1]`],
      () => [`o.${this.#field()}`],
      () => ['i / 2'],
      () => ['nil'],
    ])();
  }

  #store(name: string, context: Context): (string | Expression)[] {
    const { random } = this.statements;
    const field = this.#field();
    const value = (): (string | Expression)[] => this.#value(name, context);
    return random.weighted<() => (string | Expression)[]>([
      [6, () => [`o.${field} = `, ...value()]],
      [2, () => [`o.${field}, o.${this.#field()} = `, ...value(), ', ', ...value()]],
      [2, () => [`if not o.${field} then o.${field} = `, ...value(), ' end']],
      [1, () => [`rawset(o, "${field}", `, ...value(), ')']],
      [2, () => ['if #o < 5 then o[#o + 1] = { i } end']],
      [1, () => ['if #o < 5 then table.insert(o, "e" .. i) end']],
      [1, () => ['if #o > 0 then o[1] = function() return i end end']],
      [1, () => ['o["d" .. i % 5] = ', ...value()]],
      [1, () => ['o[i % 3 + 0.5] = ', ...value()]],
      [1, () => ['setmetatable(o, { __index = { tag = i } })']],
      [1, () => [`setmetatable(o, getmetatable(${name}[1]))`]],
      [1, () => ['setmetatable(o, nil)']],
      [1, () => [`${name}[i] = { id = i, ${field} = `, ...value(), ' }']],
      [1, () => [`local g = o.g or {} o.g = g g.${field} = `, ...value()]],
    ])();
  }
}
