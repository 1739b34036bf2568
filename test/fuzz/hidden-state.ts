/**
 * What programs rely on without naming it: metatables of types that have none by nature, the environment, variables that only debug.getlocal
 * looks at, keys that `next` does not know.
 */
import type { Context } from './context.ts';
import type { StatementGenerator } from './statements.ts';
import { block, type Expression, pinned, type Statement, statement } from './tree.ts';

/** A value of each type, and how its metatable is reached. */
const VALUES = ['true', 'nil', '0', 'print'];
const FIELDS = [
  '__index = function(_, k) return k end', '__index = { field = 3 }', '__tostring = function(v) return "<" .. type(v) .. ">" end', '__call = function(_, a) return a end',
  '__len = function() return 6 end', '__unm = function() return "unm" end', '__concat = function() return "joined" end', '__add = function() return 8 end',
  '__lt = function() return true end', '__le = function() return false end', '__idiv = function() return 9 end', '__band = function() return 5 end',
];
const TEXT = '(tostring(x):gsub("0x%x+", "address"))';
const USES = [TEXT, 'x.field', '#x', '-x', 'x .. "a"', 'x + 1', 'x < x', 'x // x', 'x & x', 'x(4)', 'x == x', 'x[1]'];

export class HiddenStateGenerator {
  constructor(readonly statements: StatementGenerator) {}

  make(context: Context): Statement[] {
    const { random } = this.statements;
    return random.weighted<() => Statement[]>([
      [3, () => this.#metatable(context)],
      [3, () => this.#use(context)],
      [2, () => this.#locals(context)],
      [2, () => this.#environment(context)],
      [1, () => this.#next(context)],
    ])();
  }

  #rarely(context: Context, ...parts: (string | Expression)[]): Statement {
    if (context.loopDepth === 0) return statement(...parts);
    return statement('if ', this.statements.expressions.rareCondition(context), ' then ', ...parts, ' end');
  }

  #metatable(context: Context): Statement[] {
    const { random } = this.statements;
    const field = random.pick(FIELDS);
    const value = random.pick(VALUES);
    return [
      this.#rarely(
        context,
        ...random.pick<(string | Expression)[]>([
          [`debug.setmetatable(${value}, { ${field}, ${random.pick(FIELDS)} })`],
          [`debug.setmetatable(${value}, nil)`],
          [`do local m = debug.getmetatable(${value}) if m then m.${field} end end`],
          [`do local m = debug.getmetatable(${value}) if m then m.${/^\w+/.exec(field)![0]} = nil end end`],
          [`getmetatable("").${random.pick(['__tostring = function(s) return "S" .. #s end', '__tostring = nil', '__call = function(s, a) return #s end', '__call = nil'])}`],
        ]),
      ),
    ];
  }

  #use(context: Context): Statement[] {
    if (!context.canSpend(4)) return [];
    context.spend(4);
    const { random } = this.statements;
    const value = random.pick<() => Expression | string>([
      () => this.statements.expressions.make('dyn', 0, context), () => this.statements.expressions.leaf('bool', context), () => random.pick(VALUES), () => this.statements.expressions.leaf('num', context),
    ])();
    const target = context.scope.variables.find((variable) => variable.type === 'dyn' && variable.assignable);
    const use = ['pcall(function(x) return ', random.pick(USES), ' end, ', value, ')'];
    if (target === undefined || random.chance(0.5)) return [this.#rarely(context, 'emit("use", ', ...use, ')')];
    return [statement('do local x = ', value, ` if type(x) ~= "table" then ${target.name} = ${TEXT} end end`)];
  }

  #locals(context: Context): Statement[] {
    const unused = this.statements.freshName('u');
    const value = this.statements.expressions.make(this.statements.random.pick(['int', 'float', 'dyn'] as const), 1, context);
    return [statement(`local ${unused} = `, value), this.#rarely(context, 'locals()')];
  }

  #environment(context: Context): Statement[] {
    const { random } = this.statements;
    const rounds = [40, 6].find((n) => context.canSpend(n * 4));
    if (rounds === undefined) return [];
    context.spend(rounds * 4);
    const int = (): Expression => this.statements.expressions.make('int', 1, context);
    const change = random.pick([
      '_ENV = { outer = _ENV.outer, hidden = 2 * i }', '_ENV = setmetatable({ hidden = i }, { __index = outer })', 'hidden = nil', 'other = (other or 0) + hidden', '_ENV.hidden = i',
    ]);
    const body = block(pinned('hidden = (hidden or 7) + i'), statement(`if i % ${random.integer(2, 9)} == 0 then ${change} end`), statement('sum = sum + (hidden or 1)'));
    return [statement('do local sum, outer = ', int(), ', _ENV', block(statement('local _ENV = setmetatable({ outer = _ENV }, { __index = _ENV })'), statement(`for i = 1, ${rounds} do`, body, 'end'), statement('outer.emit("hidden", sum)')), 'end')];
  }

  #next(context: Context): Statement[] {
    const { random } = this.statements;
    const table = random.pick([...context.scope.dictionaries, ...context.scope.arrays.map(({ name }) => name), '{ 1, 2, x = 3 }']);
    // Not an integer behind the elements: it is a key of the table as long as there is room for it, which is each implementation's own affair.
    const key = random.pick<() => readonly (Expression | string)[]>([() => ['tostring(', this.statements.expressions.key(0, context), ')'], () => ['nil'], () => ['"x"'], () => ['{}']])();
    return [this.#rarely(context, `emit("next", (pcall(next, ${table}, `, ...key, ')))')];
  }
}
