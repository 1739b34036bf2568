/**
 * Generates a program: data of every sort, a class with operators, a few functions, then a main part of loops, and at the end all state is printed.
 * The program is deterministic, ends soon, and fails only where it says so (or with an error that every engine must report alike).
 */
import { declareAlikes, reportAlikes } from './alikes.ts';
import { Context } from './context.ts';
import { declareOldObjects, reportOldObjects } from './old-objects.ts';
import { Random } from './random.ts';
import { StatementGenerator } from './statements.ts';
import { type Block, block, type Expression, pinned, type Statement, statement } from './tree.ts';
import { Scope, type ValueType } from './types.ts';

/** Statements that the main part executes at most, roughly. */
const mainWork = 30_000;
const functionWork = 60;

export function generateProgram(seed: number): Block {
  return new ProgramGenerator(new Random(seed)).make();
}

class ProgramGenerator {
  readonly #statements: StatementGenerator;
  readonly #scope = new Scope();
  readonly #out: Statement[] = [];
  readonly #hidesState: boolean;

  constructor(readonly random: Random) {
    this.#statements = new StatementGenerator(random);
    this.#hidesState = random.chance(0.25);
  }

  make(): Block {
    const { random } = this;
    this.#data();
    if (random.chance(0.6)) this.#class();
    if (random.chance(0.3)) this.#alikes();
    if (random.chance(0.3)) this.#oldObjects();
    for (let i = random.integer(0, 4); i > 0; i--) this.#function();
    if (random.chance(0.25)) this.#recursion();
    for (let i = random.integer(0, 2); i > 0; i--) this.#recursiveFunctions();
    const main = this.#context(mainWork, false);
    const body = this.#statements.fill(random.integer(4, 12), main);
    this.#out.push(...body.statements);
    if (random.chance(0.5)) this.#hotFunction();
    this.#report();
    return block(...this.#out);
  }

  #context(limit: number, variadic: boolean, scope = this.#scope): Context {
    return new Context(this.random, scope, { limit, work: 0, variadic, hidesState: this.#hidesState }, 1, 0, 0, false, undefined);
  }

  #value(type: ValueType, depth: number): Expression {
    return this.#statements.expressions.make(type, depth, this.#context(0, false));
  }

  #data(): void {
    const { random } = this;
    const scope = this.#scope;
    for (const type of ['int', 'int', 'float', 'num', 'str', 'bool', 'dyn'] as const) {
      if (random.chance(0.2)) continue;
      const name = this.#statements.freshName(random.chance(0.12) ? 'G' : 'v');
      this.#out.push(statement(name.startsWith('G') ? '' : 'local ', `${name} = `, this.#statements.expressions.literal(type)));
      scope.variables.push({ name, type, assignable: true });
    }
    for (const element of ['int', 'float', 'num', 'dyn'] as const) {
      if (!random.chance(0.5)) continue;
      const name = this.#statements.freshName('a');
      if (random.chance(0.5)) {
        const items = Array.from({ length: random.integer(3, 9) }, () => this.#value(element === 'dyn' ? 'int' : element, 1));
        this.#out.push(statement(`local ${name} = { `, ...items.flatMap((item, index) => (index > 0 ? [', ', item] : [item])), ' }'));
      } else {
        const fill = { int: 'i * 3', float: 'i / 4', num: 'i % 5 == 0 and i / 2 or i', dyn: 'i % 4 == 0 and "s" .. i or (i % 4 == 1 and i or (i % 4 == 2 and i / 2 or i % 8 == 3))' }[element];
        this.#out.push(pinned(`local ${name} = {} for i = 1, ${random.integer(3, 70)} do ${name}[i] = ${fill} end`));
      }
      scope.arrays.push({ name, element });
    }
    for (let i = random.integer(0, 3); i > 0; i--) {
      const name = this.#statements.freshName('t');
      if (scope.records.length > 0 && random.chance(0.25)) this.#out.push(statement(`local ${name} = ${random.pick(scope.records)}`));
      else {
        const fields = random.chance(0.5) ? ['x', 'y', 's', 'n'] : ['n', 's', 'y', 'x'];
        const types = { x: 'int', y: 'float', s: 'str', n: 'num' } as const;
        const parts = fields.flatMap((field, index) => [`${index > 0 ? ', ' : ''}${field} = `, this.#value(types[field as keyof typeof types], 1)]);
        this.#out.push(statement(`local ${name} = { `, ...parts, ' }'));
      }
      scope.records.push(name);
    }
    if (random.chance(0.5)) {
      const name = this.#statements.freshName('d');
      this.#out.push(statement(`local ${name} = ${random.pick(['{}', '{ 1, 2, k1 = 3, [2.5] = 4, [-1] = 5 }', '{ k0 = 1, k1 = 2, k2 = 3, [true] = 4 }'])}`));
      scope.dictionaries.push(name);
    }
  }

  /** One class with methods, a base class, every arithmetic metamethod in use, and some instances. */
  #class(): void {
    const { random } = this;
    const method = new Scope();
    method.variables.push(
      ...['self.v', 'a', 'b'].map((name) => ({ name, type: 'int' as const, assignable: false })),
      ...this.#scope.variables.filter((variable) => variable.type === 'int'),
    );
    const context = this.#context(0, false, method);
    const scaled = this.#statements.expressions.make('int', 2, context);
    const got = this.#statements.expressions.make('int', 1, context);
    const lines = [
      'local Base = setmetatable({}, { __index = function(_, k) return #k end })',
      'Base.__index = Base',
      'function Base:get(a) local b = 2 return ', 
      'local Class = setmetatable({}, Base)',
      'Class.__index = Class',
      'local function new(v) return setmetatable({ v = v }, Class) end',
      'local function value(x) if type(x) == "table" then return x.v end return x end',
      'Class.__add = function(a, b) return new(value(a) + value(b)) end',
      'Class.__sub = function(a, b) return new(value(a) - value(b)) end',
      'Class.__mul = function(a, b) return new(value(a) * value(b)) end',
      'Class.__idiv = function(a, b) return new(value(a) // (value(b) | 1)) end',
      'Class.__band = function(a, b) return new(value(a) & value(b)) end',
      'Class.__bor = function(a, b) return new(value(a) | value(b)) end',
      'Class.__bxor = function(a, b) return new(value(a) ~ value(b)) end',
      'Class.__unm = function(a) return new(-a.v) end',
      'Class.__len = function(a) return a.v % 100 end',
      'Class.__eq = function(a, b) return a.v == b.v end',
      'Class.__lt = function(a, b) return value(a) < value(b) end',
      'Class.__le = function(a, b) return value(a) <= value(b) end',
      'Class.__concat = function(a, b) return tostring(value(a)) .. "|" .. tostring(value(b)) end',
      'Class.__call = function(self, k) return self.v + k end',
    ];
    if (random.chance(0.3)) lines.push('Class.__newindex = function(t, k, v) rawset(t, k, math.type(v) and v + 1 or v) end');
    for (const line of lines) this.#out.push(line.startsWith('function Base:get') ? pinned(line, got, ' end') : pinned(line));
    this.#out.push(pinned('function Class:scale(a, b) self.v = ', scaled, ' return self.v end'));
    for (let i = random.integer(1, 3); i > 0; i--) {
      const name = this.#statements.freshName('o');
      this.#out.push(pinned(`local ${name} = new(`, this.#statements.expressions.literal('int'), ')'));
      this.#scope.objects.push(name);
    }
  }

  #alikes(): void {
    const name = this.#statements.freshName('alikes');
    this.#out.push(...declareAlikes(name));
    this.#scope.alikes.push(name);
  }

  #oldObjects(): void {
    const name = this.#statements.freshName('old');
    this.#out.push(...declareOldObjects(name, this.random.integer(5, 24)));
    this.#scope.oldObjects.push(name);
  }

  #function(): void {
    const { random } = this;
    const name = this.#statements.freshName('f');
    const variadic = random.chance(0.25);
    const result = random.weighted<ValueType>([[5, 'int'], [3, 'float'], [2, 'num'], [2, 'str'], [1, 'dyn']]);
    const parameters = Array.from({ length: random.integer(0, 3) }, () => random.weighted<ValueType>([[4, 'int'], [3, 'float'], [2, 'num'], [1, 'str'], [1, 'dyn']]));
    const inner = new Scope(this.#scope);
    const names = parameters.map((type) => {
      const parameter = this.#statements.freshName('p');
      inner.variables.push({ name: parameter, type, assignable: true });
      return parameter;
    });
    const context = this.#context(functionWork, variadic, inner);
    const body = this.#statements.fill(random.integer(0, 3), context);
    const early = random.chance(0.3) ? [statement('if ', this.#statements.expressions.rareCondition(context), ' then return ', this.#statements.stored(result, 1, context), ' end')] : [];
    const last = statement('return ', this.#statements.stored(result, 2, context));
    if (variadic) names.push('...');
    this.#out.push(statement(`local function ${name}(${names.join(', ')})`, block(...body.statements, ...early, last), 'end'));
    this.#scope.functions.push({ name, parameters, result, work: context.state.work + 3, variadic });
  }

  #recursion(): void {
    const name = this.#statements.freshName('f');
    const inner = new Scope(this.#scope);
    inner.functions.length = 0;
    inner.variables.push({ name: 'n', type: 'int', assignable: false }, { name: 'acc', type: 'int', assignable: false });
    const step = this.#statements.expressions.make('int', 1, this.#context(0, false, inner));
    const form = this.random.pick([`return ${name}(n - 1, `, `return 1 + ${name}(n - 1, `, `return ${name}(n - 1, acc) + ${name}(n - 2, `]);
    this.#out.push(pinned(`local function ${name}(n, acc) if n <= 0 then return acc end ${form}`, step, ') end'));
    const wrapper = this.#statements.freshName('f');
    this.#out.push(statement(`local function ${wrapper}(k) return ${name}(k % 7, k) end`));
    this.#scope.functions.push({ name: wrapper, parameters: ['int'], result: 'int', work: 60, variadic: false });
  }

  /**
   * Two functions that call themselves and each other: with statements before and behind the calls, calls in loops, through closures that share
   * variables with them, in tail position, with too few arguments; results of changing types and numbers.
   */
  #recursiveFunctions(): void {
    const { random } = this;
    const [first, second] = [this.#statements.freshName('f'), this.#statements.freshName('f')];
    this.#out.push(pinned(`local ${first}, ${second}`));
    for (const name of [first, second]) {
      const inner = new Scope(this.#scope);
      inner.functions.length = 0;
      inner.variables.push({ name: 'n', type: 'int', assignable: false }, { name: 'acc', type: 'num', assignable: true }, { name: 'r', type: 'num', assignable: true });
      const context = new Context(random, inner, { limit: 10, work: 0, variadic: false }, 1, 1, 2, false, undefined);
      const some = (): Statement[] => [...this.#statements.fill(random.integer(0, 2), context).statements];
      const value = (type: ValueType): Expression => this.#statements.expressions.make(type, 1, context);
      const callee = (): string => random.pick([first, second]);
      const calls: Record<string, () => Statement[]> = {
        plain: () => [pinned(`r = num(${callee()}(n - 1, `, value('num'), '))')],
        few: () => [pinned(`r = num(${callee()}(n - 1))`)],
        twice: () => [pinned(`r = num(${callee()}(n - 2, acc)) + num(${callee()}(n - 3, r))`)],
        dropped: () => [pinned(`${callee()}(n - 1, r)`)],
        open: () => [pinned(`r = num((math.max(1, num(${callee()}(n - 2, r)))))`), pinned(`r = num(select(-1, 1, ${callee()}(n - 3)))`)],
        loop: () => [pinned('for i = 1, 2 do', block(pinned(`r = r + num(${callee()}(n - 2, i))`), ...some()), 'end')],
        closure: () => [pinned(`local function again(k) acc = acc + 1 return ${callee()}(k, acc) end`), pinned('r = num(again(n - 1))')],
        protected: () => [pinned(`local ok, e = pcall(${callee()}, n - 2, r)`), pinned('r = num(e)')],
      };
      const body = [...some(), ...random.pick(Object.values(calls))(), ...some()];
      const end = random.pick<() => Statement[]>([
        () => [statement('return ', value('num'))],
        () => [statement('return r + acc')],
        () => [statement('if r == 3 then return "s" end'), statement('return r, acc')],
        () => [statement(`return ${callee()}(n - 1, acc)`)],
        () => [],
      ])();
      const leaf = random.pick(['acc', 'acc or 0', '', 'n, acc', 'n / 2', 'tostring(n)', 'nothing.field']);
      this.#out.push(pinned(`function ${name}(n, acc)`, block(pinned(`if n <= 0 then return ${leaf} end`), pinned('acc = num(acc)'), pinned('local r = 0'), ...body, ...end), 'end'));
    }
    const wrapper = this.#statements.freshName('f');
    this.#out.push(pinned(`local function ${wrapper}(k) local ok, v = pcall(${first}, k % 6, k) return math.tointeger(num(v)) or 0 end`));
    this.#scope.functions.push({ name: wrapper, parameters: ['int'], result: 'int', work: 1500, variadic: false });
    this.#out.push(statement(`for i = 1, 30 do emit(${wrapper}(i)) end`));
  }

  /** A function with loops of its own, called several times with arguments of changing types. */
  #hotFunction(): void {
    const { random } = this;
    const name = this.#statements.freshName('hot');
    const inner = new Scope(this.#scope);
    inner.variables.push({ name: 'n', type: 'num', assignable: true }, { name: 'm', type: 'dyn', assignable: true });
    const context = this.#context(mainWork / 6, false, inner);
    const body = this.#statements.fill(random.integer(2, 5), context);
    const last = statement('return ', this.#statements.stored('num', 2, context));
    this.#out.push(statement(`local function ${name}(n, m)`, block(...body.statements, last), 'end'));
    for (let i = random.integer(2, 5); i > 0; i--) {
      this.#out.push(statement(`emit("${name}", ${name}(`, this.#statements.expressions.literal('num'), ', ', this.#statements.expressions.literal('dyn'), '))'));
    }
  }

  #report(): void {
    const { variables, arrays, records, objects, alikes, oldObjects, dictionaries } = this.#scope;
    for (const { name } of variables) this.#out.push(statement(`emit("${name}", ${name})`));
    for (const name of alikes) this.#out.push(...reportAlikes(name));
    for (const name of oldObjects) this.#out.push(...reportOldObjects(name));
    for (const name of [...arrays.map((array) => array.name), ...records, ...objects, ...dictionaries]) this.#out.push(statement(`dump("${name}", ${name})`));
  }
}
