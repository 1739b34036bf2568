/** Random statements: assignments, branches, table operations, calls, errors inside pcall. Loops are in loops.ts. */
import { Context } from './context.ts';
import { ControlGenerator } from './control.ts';
import { ExpressionGenerator } from './expressions.ts';
import { HiddenStateGenerator } from './hidden-state.ts';
import { LoopGenerator } from './loops.ts';
import { OldObjectsGenerator } from './old-objects.ts';
import type { Random } from './random.ts';
import { type Block, block, type Expression, expression, isConstant, printExpression, type Statement, statement } from './tree.ts';
import type { ArrayVariable, ValueType, Variable } from './types.ts';

/** Strings are cut to this length whenever they are stored, so that they do not grow without bounds. */
const longestString = 60;
const longestArray = 200;

export class StatementGenerator {
  readonly expressions: ExpressionGenerator;
  readonly #control: ControlGenerator;
  readonly #hiddenState: HiddenStateGenerator;
  readonly #loops: LoopGenerator;
  readonly #oldObjects: OldObjectsGenerator;
  #names = 0;

  constructor(readonly random: Random) {
    this.expressions = new ExpressionGenerator(random);
    this.#control = new ControlGenerator(this);
    this.#hiddenState = new HiddenStateGenerator(this);
    this.#loops = new LoopGenerator(this);
    this.#oldObjects = new OldObjectsGenerator(this);
  }

  freshName(prefix: string): string {
    this.#names++;
    return `${prefix}${this.#names}`;
  }

  /** A block of about `count` statements; the context's scope receives what it declares. */
  fill(count: number, context: Context): Block {
    const statements: Statement[] = [];
    for (let i = 0; i < count && context.canSpend(1); i++) {
      context.spend(1);
      statements.push(...this.#one(context));
    }
    return block(...statements);
  }

  /** An expression cut to size if it is a string: what may be stored. */
  stored(type: ValueType, depth: number, context: Context): Expression {
    const value = this.expressions.make(type, depth, context);
    return type === 'str' ? expression('str', '(', value, `):sub(-${longestString})`) : value;
  }

  #one(context: Context): Statement[] {
    const { random } = this;
    const { scope } = context;
    const assignable = scope.variables.filter((variable) => variable.assignable);
    const inLoop = context.loopDepth > 0;
    const mayNest = context.blockDepth < 6;
    return random.weighted<() => Statement[]>([
      [4, () => this.#declare(context)],
      [assignable.length > 0 ? 5 : 0, () => [this.#assign(random.pick(assignable), context)]],
      [assignable.length > 0 && inLoop ? 10 : 1, () => this.#accumulate(assignable, context)],
      [assignable.length > 1 ? 2 : 0, () => this.#multiple(assignable, context)],
      [mayNest ? (inLoop ? 6 : 2) : 0, () => [this.#branch(context)]],
      [mayNest && context.loopDepth < 3 ? (inLoop ? 4 : 9) : 0, () => this.#loops.make(context)],
      [scope.arrays.length > 0 ? 6 : 0, () => this.#array(random.pick(scope.arrays), context)],
      [scope.records.length > 0 ? 4 : 0, () => this.#record(context)],
      [scope.dictionaries.length > 0 ? 3 : 0, () => this.#dictionary(context)],
      [scope.objects.length > 0 ? 2 : 0, () => this.#object(context)],
      [scope.alikes.length > 0 ? 3 : 0, () => [this.expressions.alikes.statement(random.pick(scope.alikes), context)]],
      [scope.oldObjects.length > 0 ? 4 : 0, () => this.#oldObjects.make(random.pick(scope.oldObjects), context)],
      [scope.functions.length > 0 ? 2 : 0, () => this.#call(context)],
      [2, () => [this.#emit(context)]],
      [1, () => [this.#failure(context)]],
      [mayNest ? 3 : 0, () => this.#control.make(context)],
      [context.hidesState ? 3 : 0, () => this.#hiddenState.make(context)],
      [context.canBreak ? 1 : 0, () => [statement('if ', this.expressions.rareCondition(context), ' then break end')]],
      [context.continueLabel ? 2 : 0, () => [statement('if ', this.expressions.rareCondition(context), ` then goto ${context.continueLabel} end`)]],
      [mayNest ? 1 : 0, () => [statement('do', this.fill(random.integer(1, 3), context.nested()), 'end')]],
      [context.blockDepth < 3 ? 1 : 0, () => this.#closure(context)],
    ])();
  }

  #declare(context: Context): Statement[] {
    if (context.scope.variables.length > 40) return [this.#emit(context)];
    const type = this.random.weighted<ValueType>([[5, 'int'], [4, 'float'], [3, 'num'], [2, 'str'], [1, 'bool'], [2, 'dyn']]);
    const name = this.freshName('v');
    const value = this.stored(type, 2, context);
    // A constant must not be 0 for the compiler either: see `operation` of the expressions.
    const constant = this.random.chance(0.1) && (!isConstant(value) || /^\W*[1-9"]/.test(printExpression(value)));
    const made = statement(`local ${name}${constant ? ' <const>' : ''} = `, value);
    context.scope.variables.push({ name, type, assignable: !constant });
    return [made];
  }

  #assign(variable: Variable, context: Context): Statement {
    return statement(`${variable.name} = `, this.stored(variable.type, 3, context));
  }

  #accumulate(assignable: readonly Variable[], context: Context): Statement[] {
    const variable = this.random.pick(assignable.length > 0 ? assignable : context.scope.variables);
    const { name, type } = variable;
    const value = (): Expression => this.expressions.make(type, 2, context);
    switch (type) {
      case 'int':
      case 'float':
      case 'num':
        return [statement(`${name} = ${name}`, ...this.expressions.operation(value()))];
      case 'str':
        return [statement(`${name} = (${name} .. `, value(), `):sub(-${longestString})`)];
      case 'bool':
        return [statement(`${name} = not ${name}`)];
      case 'dyn':
        return [statement(`if type(${name}) == "number" then ${name} = ${name} + `, this.expressions.make('num', 1, context), ` else ${name} = `, this.stored('dyn', 1, context), ' end')];
    }
  }

  #multiple(assignable: readonly Variable[], context: Context): Statement[] {
    const first = this.random.pick(assignable);
    const same = assignable.filter((variable) => variable.type === first.type && variable !== first);
    const second = same.length > 0 ? this.random.pick(same) : undefined;
    if (!second) return [this.#assign(first, context)];
    if (this.random.chance(0.5)) return [statement(`${first.name}, ${second.name} = ${second.name}, ${first.name}`)];
    return [statement(`${first.name}, ${second.name} = `, this.stored(first.type, 2, context), ', ', this.stored(second.type, 1, context))];
  }

  #branch(context: Context): Statement {
    const { random } = this;
    const condition = (): Expression => (random.chance(0.5) ? this.expressions.rareCondition(context) : this.expressions.make('bool', 2, context));
    const body = (): Block => this.fill(random.integer(1, 3), context.nested());
    if (random.chance(0.5)) return statement('if ', condition(), ' then', body(), 'end');
    if (random.chance(0.6)) return statement('if ', condition(), ' then', body(), 'else', body(), 'end');
    return statement('if ', condition(), ' then', body(), 'elseif ', condition(), ' then', body(), 'else', body(), 'end');
  }

  /**
   * Changes a sequence without making holes, since # of a table with holes is left open. So no element is nil, and the value, whose evaluation may call a
   * function that shortens the sequence, is evaluated before the index.
   */
  #array(array: ArrayVariable, context: Context): Statement[] {
    const { random } = this;
    const { name, element } = array;
    const index = (depth = 1): Expression => this.expressions.index(name, depth, context);
    const withValue = (...store: (string | Expression)[]): Statement[] => {
      const value = this.stored(element, 2, context);
      return [statement('do local e = ', ...(element === 'dyn' ? ['(', value, ') or false'] : [value]), ' ', ...store, ' end')];
    };
    return random.pick<() => Statement[]>([
      () => withValue(`${name}[`, index(), '] = e'),
      () => withValue(`${name}[`, index(), '] = e'),
      () => withValue(`if #${name} < ${longestArray} then ${name}[#${name} + 1] = e end`),
      () => withValue(`if #${name} < ${longestArray} then table.insert(${name}, `, ...(random.chance(0.3) ? [index(), ', '] : []), 'e) end'),
      () => [statement(`if #${name} > 3 then ${name}[#${name}] = nil end`)],
      () => [statement(`if #${name} > 3 then table.remove(${name}`, ...(random.chance(0.3) ? [', ', index()] : []), ') end')],
      () => {
        const [i, j] = [index(0), index(0)];
        return [statement(`${name}[`, i, `], ${name}[`, j, `] = ${name}[`, j, `], ${name}[`, i, ']')];
      },
    ])();
  }

  #record(context: Context): Statement[] {
    const { random } = this;
    const name = random.pick(context.scope.records);
    const other = random.pick(context.scope.records);
    const value = (type: ValueType): Expression => this.stored(type, 2, context);
    return random.pick<() => Statement[]>([
      () => [statement(`${name}.x = `, value('int'))],
      () => [statement(`${name}.x = ${name}.x + `, value('int'))],
      () => [statement(`${name}.y = ${other}.y + `, value('float'))],
      () => [statement(`${name}.n = `, value('num'))],
      () => [statement(`${name}.s = `, value('str'))],
      () => [statement('if ', this.expressions.rareCondition(context), ` then ${name}.opt = `, value('int'), ' end')],
      () => [statement('if ', this.expressions.rareCondition(context), ` then ${name}.opt = nil end`)],
      () => [statement('if ', this.expressions.rareCondition(context), ` then ${name} = { `, random.chance(0.5) ? 'n = ' : 'x = 1, n = ', value('num'), ', s = "new", y = ', value('float'), ', x = ', value('int'), ' } end')],
    ])();
  }

  #dictionary(context: Context): Statement[] {
    const name = this.random.pick(context.scope.dictionaries);
    const key = this.expressions.key(2, context);
    if (this.random.chance(0.2)) return [statement(`${name}[`, key, '] = nil')];
    if (this.random.chance(0.4)) return [statement(`${name}[`, key, `] = (${name}[`, key, '] or 0) + ', this.expressions.make('int', 1, context))];
    return [statement(`${name}[`, key, '] = ', this.expressions.make('int', 2, context))];
  }

  #object(context: Context): Statement[] {
    const { random } = this;
    const name = random.pick(context.scope.objects);
    const int = (): Expression => this.expressions.make('int', 1, context);
    return random.pick<() => Statement[]>([
      () => [statement(`${name}:scale(`, int(), ', ', int(), ')')],
      () => [statement(`${name} = ${name} ${random.pick(['+', '-', '*', '~'])} `, int())],
      () => [statement(`${name}.v = ${name}:get(`, int(), ')')],
      () => [statement(`${name}.fresh${random.integer(1, 3)} = `, int())],
      () => [statement('if ', this.expressions.rareCondition(context), ` then ${name}.get = function(self, k) return self.v - k end end`)],
      () => [statement('if ', this.expressions.rareCondition(context), ` then ${name}.get = nil end`)],
      () => [statement('if ', this.expressions.rareCondition(context), ` then function Class:get(k) return self.v ~ k end end`)],
    ])();
  }

  #call(context: Context): Statement[] {
    const target = context.takeFunction('dyn');
    if (!target) return [this.#emit(context)];
    const call = this.expressions.call(target, 2, context);
    const receivers = context.scope.variables.filter((variable) => variable.assignable && variable.type === target.result);
    if (receivers.length === 0 || this.random.chance(0.3)) return [statement(call)];
    const receiver = this.random.pick(receivers).name;
    return [target.result === 'str' ? statement(`${receiver} = (`, call, `):sub(-${longestString})`) : statement(`${receiver} = `, call)];
  }

  /** Prints some variables; inside a loop only in few of its rounds. */
  #emit(context: Context): Statement {
    const label = this.freshName('e');
    const values = [this.expressions.make(this.random.pick(['int', 'float', 'num', 'str', 'dyn'] as const), 1, context), this.expressions.leaf('dyn', context)];
    const call = expression('dyn', `emit("${label}", `, values[0] ?? '', ', ', values[1] ?? '', ')');
    return context.loopDepth > 0 ? statement('if ', this.expressions.rareCondition(context), ' then ', call, ' end') : statement(call);
  }

  /** Something that fails, or may fail, inside a pcall. The message is printed. */
  #failure(context: Context): Statement {
    const { random } = this;
    const { scope } = context;
    const value = (type: ValueType): Expression => this.expressions.make(type, 1, context);
    const name = scope.variables.length > 0 ? random.pick(scope.variables).name : 'nothing';
    const failing = random.pick<() => (string | Expression)[]>([
      () => ['return ', value('int'), random.pick([' // ', ' % ']), '(', value('int'), ' & 1)'],
      () => ['return ', value('dyn'), random.pick([' + ', ' .. ', ' < ', ' & ', ' // ']), value('dyn')],
      () => [`return ${name}.field`],
      () => [`return ${name}.field.deeper`],
      () => [`return ${name}()`],
      () => [`return #${name}`],
      () => [`return -${name}`],
      () => ['return ', value('float'), ' | ', value('int')],
      () => ['return undefinedGlobal + ', value('num')],
      () => ['error({ code = ', value('int'), ' })'],
      () => ['error(', value('dyn'), random.pick(['', ', 0', ', 2']), ')'],
      () => ['local t = {} t[', random.pick(['nil', '0/0']), '] = ', value('int')],
      () => ['for i = ', value('int'), ', 10, 0 do end'],
      () => ['for i = 1, ', random.pick(['"x"', 'nil', '{}']), ' do end'],
      () => ['return ("x"):rep(-1) < ', value('int')],
      () => ['return math.floor(', random.pick(['{}', '"z"', 'nil']), ')'],
      () => ['return setmetatable(1, {})'],
      () => ['return string.rep()'],
      () => ['return ', value('int'), ' < ', value('str')],
      () => ['local a = ', value('dyn'), ' return a.x.y'],
    ])();
    const parts = ['emit("pcall", pcall(function() ', ...failing, ' end))'];
    return context.loopDepth > 0 ? statement('if ', this.expressions.rareCondition(context), ' then ', ...parts, ' end') : statement(...parts);
  }

  /** A closure over the variables here, called at once or later. It may change them. */
  #closure(context: Context): Statement[] {
    const name = this.freshName('c');
    const inner = context.nested();
    inner.scope.variables.push({ name: 'p', type: 'int', assignable: true });
    const before = context.state.work;
    const body = new Context(this.random, inner.scope, { limit: 12, work: 0, variadic: false }, 1, 1, 5, false, undefined);
    const statements = this.fill(this.random.integer(1, 2), body);
    const result = this.expressions.make('int', 2, body);
    context.state.work = before;
    const made = statement(`local function ${name}(p)`, block(...statements.statements, statement('return ', result)), 'end');
    context.scope.functions.push({ name, parameters: ['int'], result: 'int', work: body.state.work + 2, variadic: false });
    return [made];
  }
}
