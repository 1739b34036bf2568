/**
 * Random expressions of a wanted type. They never fail, except where the generator of statements asks for one that does.
 *
 * NaN is never turned into text without a check, because the sign of a NaN, which lua5.4 prints, is left open by IEEE and by WebAssembly.
 * Powers are limited to exact ones for the same reason.
 */
import type { Random } from './random.ts';
import { AlikesGenerator } from './alikes.ts';
import { TextGenerator } from './text.ts';
import { type Expression, expression, isConstant, type Part } from './tree.ts';
import { fits, type FunctionVariable, type Scope, type ValueType } from './types.ts';

const integerBorders = [
  'math.maxinteger', 'math.mininteger', '9007199254740992', '9007199254740993', '-9007199254740993', '4294967296', '4294967295', '2147483647',
  '-2147483648', '255', '0x7fffffff', '-1', '0', '1', '63', '64', '0x9E3779B97F4A7C15', '(1 << 62)', '(math.maxinteger - 7)', '(math.mininteger + 9)',
];
const floatBorders = [
  '0.0', '-0.0', '1.0', '0.5', '-1.5', '1e15', '9007199254740992.0', '9223372036854775808.0', '-9223372036854775808.0', '1e308', '-1e308', '5e-324',
  '0.1', '3.0', '1e100', 'math.huge', '-math.huge', '(0/0)', '2147483648.5', '-3.75', '1e-7',
];
const words = ['""', '"a"', '"moon"', '"trace"', '"x\\0y"', '"0x10"', '"12"', '"-7.5"', '"a much longer piece of text, past forty bytes"', '"\\xff"', '"k1"'];

/** What an expression may use, and whether it may call. */
export interface ExpressionContext {
  readonly scope: Scope;
  readonly variadic: boolean;
  /** A function that may be called here, or undefined when there is no budget left. The caller accounts for its work. */
  takeFunction(result: ValueType): FunctionVariable | undefined;
}

export class ExpressionGenerator {
  readonly alikes: AlikesGenerator;
  readonly #text: TextGenerator;

  constructor(readonly random: Random) {
    this.alikes = new AlikesGenerator(this);
    this.#text = new TextGenerator(this);
  }

  make(type: ValueType, depth: number, context: ExpressionContext): Expression {
    if (depth <= 0 || this.random.chance(0.12)) return this.leaf(type, context);
    switch (type) {
      case 'int':
        return this.#integer(depth - 1, context);
      case 'float':
        return this.#float(depth - 1, context);
      case 'num':
        return this.#number(depth - 1, context);
      case 'str':
        return this.#string(depth - 1, context);
      case 'bool':
        return this.#boolean(depth - 1, context);
      case 'dyn':
        return this.#dynamic(depth - 1, context);
    }
  }

  /** A literal or a variable. */
  leaf(type: ValueType, context: ExpressionContext): Expression {
    const fitting = context.scope.variables.filter((variable) => fits(variable.type, type));
    // Later variables are those of inner loops: prefer them.
    if (fitting.length > 0 && this.random.chance(0.75)) {
      const from = this.random.chance(0.5) ? Math.max(0, fitting.length - 3) : 0;
      return expression(type, this.random.pick(fitting.slice(from)).name);
    }
    return expression(type, this.literal(type));
  }

  literal(type: ValueType): string {
    const random = this.random;
    switch (type) {
      case 'int':
        return random.chance(0.25) ? random.pick(integerBorders) : String(random.integer(-3, 20));
      case 'float':
        return random.chance(0.4) ? random.pick(floatBorders) : `${random.integer(-8, 40)}.${random.pick(['0', '5', '25', '125', '1'])}`;
      case 'num':
        return this.literal(random.chance(0.5) ? 'int' : 'float');
      case 'str':
        return random.pick(words);
      case 'bool':
        return random.pick(['true', 'false']);
      case 'dyn':
        return random.chance(0.2) ? 'nil' : this.literal(random.pick(['int', 'float', 'str', 'bool'] as const));
    }
  }

  /** An operator and its right operand. lua5.4 compiles `x - 0` as `x + 0`, which differs for -0.0: nothing constant is subtracted from what may be a float. */
  operation(right: Expression): readonly [string, Expression] {
    return [this.random.pick(isConstant(right) ? [' + ', ' * '] : [' + ', ' - ', ' + ', ' * ']), right];
  }

  /** An index into a sequence that is in range whatever the integer. */
  index(array: string, depth: number, context: ExpressionContext): Expression {
    return expression('int', this.make('int', depth, context), ` % #${array} + 1`);
  }

  /** A call with arguments of the right types, now and then one too many or one too few where that is harmless. */
  call(target: FunctionVariable, depth: number, context: ExpressionContext): Expression {
    const parts: Part[] = [`${target.name}(`];
    target.parameters.forEach((type, index) => {
      if (index > 0) parts.push(', ');
      parts.push(this.make(type, depth, context));
    });
    const extra = target.variadic ? this.random.integer(0, 3) : this.random.chance(0.1) ? 1 : 0;
    for (let i = 0; i < extra; i++) parts.push(parts.length > 1 ? ', ' : '', this.make('int', 0, context));
    parts.push(')');
    return expression(target.result, ...parts);
  }

  #integer(depth: number, context: ExpressionContext): Expression {
    const { random } = this;
    const int = (): Expression => this.make('int', depth, context);
    const { arrays, records, objects, alikes, dictionaries } = context.scope;
    const integerArrays = arrays.filter((array) => array.element === 'int');
    const target = random.chance(0.15) ? context.takeFunction('int') : undefined;
    if (target) return this.call(target, Math.min(depth, 1), context);
    return random.weighted<() => Expression>([
      [6, () => expression('int', '(', int(), random.pick([' + ', ' - ', ' * ', ' + ', ' - ']), int(), ')')],
      [2, () => expression('int', '(', int(), random.pick([' // ', ' % ']), random.pick(['3', '-3', '7', '16', '-1', '1', '10', 'math.maxinteger', 'math.mininteger']), ')')],
      [1, () => expression('int', '(', int(), random.pick([' // ', ' % ']), '(', int(), ' | 1))')],
      [3, () => expression('int', '(', int(), random.pick([' & ', ' | ', ' ~ ']), int(), ')')],
      [2, () => expression('int', '(', int(), random.pick([' << ', ' >> ']), random.chance(0.5) ? String(random.integer(-3, 66)) : int(), ')')],
      [1, () => expression('int', random.pick(['-', '~']), '(', int(), ')')],
      [1, () => expression('int', '#', this.#parenthesised('str', depth, context))],
      [1, () => expression('int', '(math.tointeger(', this.make('num', depth, context), ') or ', this.literal('int'), ')')],
      [1, () => expression('int', '(', this.#parenthesised('str', depth, context), ':byte(', int(), ' % 5) or ', this.literal('int'), ')')],
      [1, () => expression('int', '(', this.make('bool', depth, context), ' and ', int(), ' or ', int(), ')')],
      [1, () => expression('int', `math.${random.pick(['max', 'min'])}(`, int(), ', ', int(), ')')],
      [1, () => expression('int', `math.abs(`, int(), ')')],
      [arrays.length > 0 ? 1 : 0, () => expression('int', `#${random.pick(arrays).name}`)],
      [integerArrays.length > 0 ? 5 : 0, () => this.#arrayRead('int', random.pick(integerArrays).name, depth, context)],
      [records.length > 0 ? 3 : 0, () => expression('int', `${random.pick(records)}.x`)],
      [records.length > 0 ? 1 : 0, () => expression('int', `(${random.pick(records)}.opt or `, this.literal('int'), ')')],
      [dictionaries.length > 0 ? 2 : 0, () => expression('int', `(${random.pick(dictionaries)}[`, this.key(depth, context), '] or ', this.literal('int'), ')')],
      [objects.length > 0 ? 2 : 0, () => this.#objectInteger(random.pick(objects), depth, context)],
      [alikes.length > 0 ? 2 : 0, () => this.alikes.integer(random.pick(alikes), depth, context)],
      [context.variadic ? 3 : 0, () => expression('int', random.pick(["select('#', ...)", '#{...}', '((...) or 4)', "((select(2, ...)) or 9)"]))],
      [1, () => expression('int', `select('#', `, this.make('dyn', 0, context), ', ', this.make('dyn', 0, context), ')')],
      [2, () => this.#text.integer(depth, context)],
    ])();
  }

  #arrayRead(type: ValueType, name: string, depth: number, context: ExpressionContext): Expression {
    return expression(type, `${name}[`, this.index(name, Math.min(depth, 1), context), ']');
  }

  #objectInteger(name: string, depth: number, context: ExpressionContext): Expression {
    const { random } = this;
    const int = (): Expression => this.make('int', Math.min(depth, 1), context);
    return random.pick<() => Expression>([
      () => expression('int', `${name}:get(`, int(), ')'),
      () => expression('int', `${name}:scale(`, int(), ', ', int(), ')'),
      () => expression('int', `(${name} ${random.pick(['+', '-', '*', '&', '|', '~'])} `, int(), ').v'),
      () => expression('int', `(`, int(), ` ${random.pick(['+', '-', '*', '~'])} ${name}).v`),
      () => expression('int', `#${name}`),
      () => expression('int', `(-${name}).v`),
      () => expression('int', `${name}.missing`),
      () => expression('int', `${name}(`, int(), ')'),
      () => expression('int', `${name}.v`),
      () => expression('int', `(${name} // `, int(), ').v'),
    ])();
  }

  #float(depth: number, context: ExpressionContext): Expression {
    const { random } = this;
    const float = (): Expression => this.make('float', depth, context);
    const number = (): Expression => this.make('num', depth, context);
    const { records } = context.scope;
    const floatArrays = context.scope.arrays.filter((array) => array.element === 'float');
    const target = random.chance(0.12) ? context.takeFunction('float') : undefined;
    if (target) return this.call(target, Math.min(depth, 1), context);
    return random.weighted<() => Expression>([
      [6, () => expression('float', '(', float(), random.pick([' + ', ' - ', ' * ', ' / ']), float(), ')')],
      [4, () => expression('float', '(', float(), ...this.operation(number()), ')')],
      [2, () => expression('float', '(', number(), random.pick([' + ', ' - ', ' * ']), float(), ')')],
      [2, () => expression('float', '(', this.make('int', depth, context), ' / ', this.make('int', depth, context), ')')],
      [2, () => expression('float', '(', float(), random.pick([' // ', ' % ']), float(), ')')],
      [1, () => expression('float', '(', float(), random.pick([' // ', ' % ']), this.make('int', depth, context), ')')],
      [1, () => expression('float', '-', this.#parenthesised('float', depth, context))],
      [1, () => expression('float', 'math.sqrt(', number(), ')')],
      [1, () => expression('float', 'math.abs(', float(), ')')],
      [1, () => expression('float', '(2 ^ (', this.make('int', depth, context), ' % 40))')],
      [1, () => expression('float', `math.${random.pick(['max', 'min'])}(`, float(), ', ', float(), ')')],
      [1, () => expression('float', '(', this.make('bool', depth, context), ' and ', float(), ' or ', float(), ')')],
      [records.length > 0 ? 3 : 0, () => expression('float', `${random.pick(records)}.y`)],
      [floatArrays.length > 0 ? 5 : 0, () => this.#arrayRead('float', random.pick(floatArrays).name, depth, context)],
    ])();
  }

  #number(depth: number, context: ExpressionContext): Expression {
    const { random } = this;
    const number = (): Expression => this.make('num', depth, context);
    const { records, arrays } = context.scope;
    const numberArrays = arrays.filter((array) => array.element === 'num');
    const dynamicArrays = arrays.filter((array) => array.element === 'dyn');
    const dynamic = context.scope.variables.filter((variable) => variable.type === 'dyn');
    const target = random.chance(0.12) ? context.takeFunction('num') : undefined;
    if (target) return this.call(target, Math.min(depth, 1), context);
    return random.weighted<() => Expression>([
      [3, () => this.make('int', depth, context)],
      [3, () => this.make('float', depth, context)],
      [6, () => expression('num', '(', number(), ...this.operation(number()), ')')],
      [1, () => expression('num', '(', number(), random.pick([' // ', ' % ']), random.pick(['2', '-7', '0.5', '3.0']), ')')],
      [1, () => expression('num', '-', this.#parenthesised('num', depth, context))],
      [1, () => expression('num', `math.${random.pick(['max', 'min'])}(`, number(), ', ', number(), ')')],
      [2, () => expression('num', `math.${random.pick(['floor', 'ceil'])}(`, number(), ')')],
      [1, () => expression('num', '(', this.make('bool', depth, context), ' and ', number(), ' or ', number(), ')')],
      [1, () => expression('num', '("', random.pick(['10', '0x1p2', ' 7 ', '2.5', '-3']), '" ', random.pick(['+', '*', '-']), ' ', number(), ')')],
      [1, () => expression('num', '(tonumber(', this.make('str', depth, context), ') or ', number(), ')')],
      [records.length > 0 ? 3 : 0, () => expression('num', `${random.pick(records)}.n`)],
      [numberArrays.length > 0 ? 5 : 0, () => this.#arrayRead('num', random.pick(numberArrays).name, depth, context)],
      [dynamicArrays.length > 0 ? 3 : 0, () => expression('num', 'num(', this.#arrayRead('dyn', random.pick(dynamicArrays).name, depth, context), ')')],
      [dynamic.length > 0 ? 2 : 0, () => this.#narrowed(random.pick(dynamic).name)],
    ])();
  }

  #narrowed(name: string): Expression {
    return expression('num', `(math.type(${name}) and ${name} or ${this.literal('num')})`);
  }

  #string(depth: number, context: ExpressionContext): Expression {
    const { random } = this;
    const string = (): Expression => this.make('str', depth, context);
    const int = (): Expression => this.make('int', Math.min(depth, 1), context);
    const { records, objects } = context.scope;
    const target = random.chance(0.12) ? context.takeFunction('str') : undefined;
    if (target) return this.call(target, Math.min(depth, 1), context);
    return random.weighted<() => Expression>([
      [5, () => expression('str', '(', string(), ' .. ', string(), ')')],
      [3, () => expression('str', '(', string(), ' .. ', int(), ')')],
      [1, () => expression('str', '(', string(), ' .. show(', this.make('num', depth, context), '))')],
      [3, () => expression('str', this.#parenthesised('str', depth, context), ':sub(', int(), ' % 7 - 2, ', int(), ' % 9 - 3)')],
      [1, () => expression('str', 'string.char(97 + ', int(), ' % 26)')],
      [1, () => expression('str', this.#parenthesised('str', 0, context), ':rep(', int(), ' % 3)')],
      [1, () => expression('str', 'tostring(', int(), ')')],
      [8, () => this.#text.string(depth, context)],
      [1, () => expression('str', this.#parenthesised('str', depth, context), random.pick([':upper()', ':lower()', ':reverse()']))],
      [1, () => expression('str', '(', this.make('bool', depth, context), ' and ', string(), ' or ', string(), ')')],
      [1, () => expression('str', 'type(', this.make('dyn', depth, context), ')')],
      [1, () => expression('str', 'show(', this.make('dyn', depth, context), ')')],
      [records.length > 0 ? 2 : 0, () => expression('str', `${random.pick(records)}.s`)],
      [objects.length > 0 ? 1 : 0, () => expression('str', `(${random.pick(objects)} .. `, string(), ')')],
    ])();
  }

  #boolean(depth: number, context: ExpressionContext): Expression {
    const { random } = this;
    const { arrays, objects, dictionaries } = context.scope;
    const compare = (type: ValueType): Expression =>
      expression('bool', '(', this.make(type, depth, context), random.pick([' < ', ' <= ', ' > ', ' >= ', ' == ', ' ~= ']), this.make(type, depth, context), ')');
    return random.weighted<() => Expression>([
      [6, () => this.rareCondition(context)],
      [4, () => compare('int')],
      [3, () => compare('float')],
      [3, () => compare('num')],
      [2, () => compare('str')],
      [2, () => expression('bool', '(', this.make('bool', depth, context), random.pick([' and ', ' or ']), this.make('bool', depth, context), ')')],
      [1, () => expression('bool', 'not ', this.make('bool', depth, context))],
      [1, () => expression('bool', '(', this.make('dyn', depth, context), random.pick([' == ', ' ~= ']), this.make('dyn', depth, context), ')')],
      [1, () => expression('bool', '(type(', this.make('dyn', depth, context), `) == ${random.pick(['"string"', '"number"', '"nil"', '"boolean"'])})`)],
      [1, () => expression('bool', '(math.type(', this.make('num', depth, context), `) == ${random.pick(['"integer"', '"float"'])})`)],
      [1, () => expression('bool', 'math.ult(', this.make('int', depth, context), ', ', this.make('int', depth, context), ')')],
      [arrays.length > 0 ? 1 : 0, () => expression('bool', `(${random.pick(arrays).name}[`, this.make('int', depth, context), '] == nil)')],
      [dictionaries.length > 0 ? 1 : 0, () => expression('bool', `(${random.pick(dictionaries)}[`, this.key(depth, context), '] ~= nil)')],
      [objects.length > 1 ? 1 : 0, () => expression('bool', `(${random.pick(objects)} ${random.pick(['==', '<', '<=', '~=', '>'])} ${random.pick(objects)})`)],
    ])();
  }

  /** True once, rarely or regularly: what makes side exits and side traces. */
  rareCondition(context: ExpressionContext): Expression {
    const { random } = this;
    const operand = this.leaf('int', context);
    return random.pick<() => Expression>([
      () => expression('bool', '(', operand, ` % ${random.integer(2, 19)} == ${random.integer(0, 3)})`),
      () => expression('bool', '(', operand, ` == ${random.integer(2, 60)})`),
      () => expression('bool', '(', operand, ` ${random.pick(['<', '>', '<=', '>='])} ${random.integer(2, 60)})`),
      () => expression('bool', '(', operand, ` & ${random.pick([1, 2, 3, 4, 7, 8])} == 0)`),
    ])();
  }

  #dynamic(depth: number, context: ExpressionContext): Expression {
    const { random } = this;
    const dynamicArrays = context.scope.arrays.filter((array) => array.element === 'dyn');
    if (dynamicArrays.length > 0 && random.chance(0.3)) return this.#arrayRead('dyn', random.pick(dynamicArrays).name, depth, context);
    if (random.chance(0.2)) return expression('dyn', '(', this.make('bool', depth, context), random.pick([' and ', ' or ']), this.make('dyn', depth, context), ')');
    return this.make(random.pick(['int', 'float', 'num', 'str', 'bool'] as const), depth, context);
  }

  /** A key of a dictionary: never nil, never NaN, not too many different ones. */
  key(depth: number, context: ExpressionContext): Expression {
    const { random } = this;
    return random.weighted<() => Expression>([
      [4, () => expression('int', this.make('int', Math.min(depth, 1), context), ' % 23')],
      [1, () => expression('int', this.make('int', Math.min(depth, 1), context), ' % 11 - 5')],
      [2, () => expression('str', '"k" .. ', this.make('int', 0, context), ' % 13')],
      [1, () => expression('float', this.make('int', 0, context), ' % 9 / 2')],
      [1, () => expression('dyn', random.pick(['true', 'false', '1e300', '"name"', '2^53', '-0.0', 'math.mininteger', 'math.huge']))],
    ])();
  }

  #parenthesised(type: ValueType, depth: number, context: ExpressionContext): Expression {
    return expression(type, '(', this.make(type, depth, context), ')');
  }
}
