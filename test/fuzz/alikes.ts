/**
 * Objects with a metatable of their own each that all have the same `__index`, as `setmetatable(o, { __index = Kind })` makes them; some
 * of the metatables change later. The engine lets such objects share shapes (src/core/objects/metatable-equivalence.ts).
 */
import type { ExpressionContext, ExpressionGenerator } from './expressions.ts';
import { type Expression, expression, pinned, type Statement, statement } from './tree.ts';

/** Elements of the array of objects that a program starts with. */
const count = 3;

/** Declares the kind, its constructor, and the array `name` of objects. */
export function declareAlikes(name: string): Statement[] {
  return [
    'local Kind = { get = function(self, a) return self.v ~ a end, tag = 3 }',
    'local function alike(v) return setmetatable({ v = v }, { __index = Kind }) end',
    `local ${name} = { ${Array.from({ length: count }, (_, i) => `alike(${i})`).join(', ')} }`,
  ].map((line) => pinned(line));
}

/** Prints the objects of the array, and whose metatables are the same. */
export function reportAlikes(name: string): Statement[] {
  const dumps = Array.from({ length: count }, (_, i) => statement(`dump("${name}", ${name}[${i + 1}])`));
  return [...dumps, statement(`emit("${name}", getmetatable(${name}[1]) == getmetatable(${name}[2]), getmetatable(${name}[1]) == getmetatable(${name}[3]))`)];
}

export class AlikesGenerator {
  constructor(readonly expressions: ExpressionGenerator) {}

  integer(name: string, depth: number, context: ExpressionContext): Expression {
    const int = (): Expression => this.expressions.make('int', Math.min(depth, 1), context);
    const one = (): Expression => this.#one(name, context);
    return this.expressions.random.pick<() => Expression>([
      () => expression('int', one(), ':get(', int(), ')'),
      () => expression('int', one(), ':get(', int(), ')'),
      () => expression('int', 'alike(', int(), '):get(', int(), ')'),
      () => expression('int', one(), '.tag'),
      () => expression('int', one(), '.v'),
      () => expression('int', '(', one(), '.w or ', int(), ')'),
      () => expression('int', '(getmetatable(', one(), ') == getmetatable(', one(), ') and 1 or ', int(), ')'),
    ])();
  }

  statement(name: string, context: ExpressionContext): Statement {
    const { random } = this.expressions;
    const int = (): Expression => this.expressions.make('int', 1, context);
    const one = (): Expression => this.#one(name, context);
    const rarely = (...parts: (string | Expression)[]): Statement => statement('if ', this.expressions.rareCondition(context), ' then ', ...parts, ' end');
    const index = random.pick(['Kind', '{ get = function(self, a) return a - self.v end, tag = 7 }', 'function(_, k) return Kind[k] end']);
    return random.pick<() => Statement>([
      () => statement(one(), '.v = ', int()),
      () => statement(one(), '.v = ', one(), ':get(', int(), ')'),
      () => statement(one(), '.w = ', int()),
      () => rarely(one(), '.w = nil'),
      () => statement(`${name}[`, this.#place(context), '] = alike(', int(), ')'),
      () => statement('do local o = alike(', int(), ') o.w = o:get(', int(), `) ${name}[`, this.#place(context), '] = o end'),
      () => rarely('Kind.tag = ', int()),
      () => rarely('function Kind:get(a) return a + self.v end'),
      () => rarely('getmetatable(', one(), `).__index = ${index}`),
      () => rarely('getmetatable(', one(), ').__newindex = function(t, k, v) rawset(t, k, v and v + 1) end'),
      () => rarely('setmetatable(', one(), ', getmetatable(', one(), '))'),
      () => rarely('rawset(getmetatable(', one(), '), "note", ', int(), ')'),
    ])();
  }

  #place(context: ExpressionContext): Expression {
    return expression('int', this.expressions.make('int', 1, context), ` % ${count} + 1`);
  }

  #one(name: string, context: ExpressionContext): Expression {
    return expression('dyn', `${name}[`, this.#place(context), ']');
  }
}
