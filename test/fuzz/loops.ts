/** Random loops: numeric for of both kinds and at the borders of both, while, repeat, generic for. All of them end. */
import type { Context } from './context.ts';
import type { StatementGenerator } from './statements.ts';
import { type Block, block, pinned, type Statement, statement } from './tree.ts';

/** Start, limit and step; at most `rounds` rounds are wanted, a guard ends the loop where the bounds do not. */
interface Range {
  readonly text: string;
  readonly type: 'int' | 'float' | 'num';
}

export class LoopGenerator {
  constructor(readonly statements: StatementGenerator) {}

  make(context: Context): Statement[] {
    const { random } = this.statements;
    const wanted = context.loopDepth === 0 ? random.integer(20, 90) : random.integer(2, 40);
    const rounds = [wanted, 12, 3].find((n) => context.canSpend(n * 6));
    if (rounds === undefined) return [];
    return random.weighted<() => Statement[]>([
      [8, () => this.#counted(rounds, context)],
      [3, () => this.#atBorder(rounds, context)],
      [2, () => this.#float(rounds, context)],
      [3, () => this.#while(rounds, context)],
      [2, () => this.#repeat(rounds, context)],
      [context.scope.arrays.length > 0 ? 3 : 0, () => this.#ipairs(context)],
      [context.scope.dictionaries.length + context.scope.records.length > 0 ? 2 : 0, () => this.#pairs(context)],
      [1, () => this.#iterator(rounds, context)],
    ])();
  }

  /** The body with a label at its end that `goto` can continue at. */
  #body(rounds: number, context: Context, declare: (inner: Context) => void): Block {
    const { random } = this.statements;
    const label = random.chance(0.4) ? this.statements.freshName('continue') : undefined;
    const inner = context.loop(rounds, label);
    declare(inner);
    const body = this.statements.fill(random.integer(1, 5), inner);
    return label === undefined ? body : block(...body.statements, pinned(`::${label}::`));
  }

  #counted(rounds: number, context: Context): Statement[] {
    const { random, expressions } = this.statements;
    const name = this.statements.freshName('i');
    const text = random.pick<() => string>([
      () => `1, ${rounds}`,
      () => `1, ${rounds}`,
      () => `0, ${rounds - 1}`,
      () => `${rounds}, 1, -1`,
      () => `${-rounds}, ${rounds}, 2`,
      () => `1, ${rounds * 3}, 3`,
      () => `${-rounds * 2}, -1, 2`,
      () => `1, ${rounds}.75`,
      () => `${rounds * 5}, 3, -5`,
    ])();
    const body = this.#body(rounds, context, (inner) => inner.scope.variables.push({ name, type: 'int', assignable: random.chance(0.1) }));
    // A limit that only run time knows.
    if (random.chance(0.15)) {
      return [statement(`for ${name} = 1, `, expressions.make('int', 1, context), ` % ${rounds} do`, body, 'end')];
    }
    return [statement(`for ${name} = ${text} do`, body, 'end')];
  }

  #atBorder(rounds: number, context: Context): Statement[] {
    const { random } = this.statements;
    const name = this.statements.freshName('i');
    const guard = this.statements.freshName('guard');
    const range = random.pick<Range>([
      { text: `math.maxinteger - ${rounds}, math.maxinteger`, type: 'int' },
      { text: `math.mininteger + ${rounds}, math.mininteger, -1`, type: 'int' },
      { text: `math.mininteger, math.maxinteger, 1 << ${random.integer(57, 62)}`, type: 'int' },
      { text: 'math.maxinteger, math.mininteger, math.mininteger', type: 'int' },
      { text: `math.maxinteger - ${rounds * 3}, math.huge, 4`, type: 'int' },
      { text: '1, math.huge', type: 'int' },
      { text: '-1, -math.huge, -7', type: 'int' },
      { text: '1, -2^70', type: 'int' },
      { text: '1, 0/0', type: 'int' },
      { text: '2^53 - 5, 2^53 + 40', type: 'float' },
      { text: '-2^53 + 3, -2^53 - 40, -1', type: 'float' },
      { text: '0.0, math.huge, 1e307', type: 'float' },
      { text: '1.0, 0/0', type: 'float' },
      { text: '-0.0, 9', type: 'float' },
      { text: `1, ${rounds}, 1.0`, type: 'float' },
      { text: 'math.maxinteger + 0.0, math.huge, 2048.0', type: 'float' },
    ]);
    const body = this.#body(rounds, context, (inner) => inner.scope.variables.push({ name, type: range.type, assignable: false }));
    const limited = block(pinned(`${guard} = ${guard} + 1 if ${guard} > ${rounds} then break end`), ...body.statements);
    return [pinned(`local ${guard} = 0`), statement(`for ${name} = ${range.text} do`, limited, 'end')];
  }

  #float(rounds: number, context: Context): Statement[] {
    const { random } = this.statements;
    const name = this.statements.freshName('x');
    const text = random.pick([
      `1.0, ${rounds}`,
      `0, ${rounds / 4}, 0.25`,
      `${rounds / 2}, 0.5, -0.5`,
      `-1.5, ${rounds - 1.5}, 1`,
      `0.1, ${rounds / 10}, 0.1`,
    ]);
    const body = this.#body(rounds, context, (inner) => inner.scope.variables.push({ name, type: 'float', assignable: false }));
    return [statement(`for ${name} = ${text} do`, body, 'end')];
  }

  #while(rounds: number, context: Context): Statement[] {
    const { random, expressions } = this.statements;
    const name = this.statements.freshName('w');
    const body = this.#body(rounds, context, (inner) => inner.scope.variables.push({ name, type: 'int', assignable: false }));
    const counted = block(pinned(`${name} = ${name} + 1`), ...body.statements);
    const condition = random.chance(0.4) ? [' and ', expressions.make('bool', 1, context)] : [];
    return [pinned(`local ${name} = 0`), statement(`while ${name} < ${rounds}`, ...condition, ' do', counted, 'end')];
  }

  #repeat(rounds: number, context: Context): Statement[] {
    const { random, expressions } = this.statements;
    const name = this.statements.freshName('r');
    const inner = context.loop(rounds, undefined);
    inner.scope.variables.push({ name, type: 'int', assignable: false });
    const body = this.statements.fill(random.integer(1, 4), inner);
    const counted = block(pinned(`${name} = ${name} + 1`), ...body.statements);
    const condition = random.chance(0.4) ? [' or ', expressions.make('bool', 1, inner)] : [];
    return [pinned(`local ${name} = 0`), statement('repeat', counted, `until ${name} >= ${rounds}`, ...condition)];
  }

  /** ipairs over a sequence; the body may append to it, which the guard bounds. */
  #ipairs(context: Context): Statement[] {
    const { random } = this.statements;
    const array = random.pick(context.scope.arrays);
    const rounds = 40;
    if (!context.canSpend(rounds * 4)) return [];
    const [index, value] = [this.statements.freshName('i'), this.statements.freshName('e')];
    const body = this.#body(rounds, context, (inner) => {
      inner.scope.variables.push({ name: index, type: 'int', assignable: false }, { name: value, type: array.element, assignable: false });
    });
    const limited = block(pinned(`if ${index} > ${rounds} then break end`), ...body.statements);
    return [statement(`for ${index}, ${value} in ipairs(${array.name}) do`, limited, 'end')];
  }

  /** pairs: what the body computes must not depend on the order. */
  #pairs(context: Context): Statement[] {
    const { random } = this.statements;
    const { dictionaries, records } = context.scope;
    if (!context.canSpend(60)) return [];
    context.spend(60);
    const name = random.pick([...dictionaries, ...records]);
    const sum = this.statements.freshName('sum');
    const body = block(
      statement(`${sum} = ${sum} + 1`),
      statement(`if math.type(v) == "integer" then ${sum} = ${sum} + v * 3 end`),
      statement(`if type(k) == "string" then ${sum} = ${sum} + #k * 1000 else ${sum} = ${sum} + 100 end`),
      ...(dictionaries.includes(name) ? [statement(`if math.type(k) == "integer" and k % 7 == 2 then ${name}[k] = nil else ${name}[k] = v + 1 end`)] : []),
    );
    const walk = statement(`for k, v in ${random.chance(0.3) ? `next, ${name}` : `pairs(${name})`} do`, body, 'end');
    context.scope.variables.push({ name: sum, type: 'int', assignable: true });
    return [pinned(`local ${sum} = 0`), walk];
  }

  /** A closure as iterator, or a stateless function, with one or two values. */
  #iterator(rounds: number, context: Context): Statement[] {
    const { random } = this.statements;
    const [key, value] = [this.statements.freshName('k'), this.statements.freshName('e')];
    const body = this.#body(rounds, context, (inner) => {
      inner.scope.variables.push({ name: key, type: 'int', assignable: false }, { name: value, type: 'float', assignable: false });
    });
    const state = this.statements.freshName('at');
    if (random.chance(0.5)) {
      return [
        pinned(`local ${state} = 0`),
        statement(`for ${key}, ${value} in function() ${state} = ${state} + 1 if ${state} <= ${rounds} then return ${state}, ${state} / 4 end end do`, body, 'end'),
      ];
    }
    return [statement(`for ${key}, ${value} in function(limit, k) if k < limit then return k + 1, k * 0.5 end end, ${rounds}, 0 do`, body, 'end')];
  }
}
