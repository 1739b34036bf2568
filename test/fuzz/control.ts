/**
 * Random statements that leave the straight way: coroutines, variables to be closed, errors that are caught, passed on and raised again, backward goto,
 * closures that outlive the loop that made them, sorting with a comparator.
 */
import { Context } from './context.ts';
import type { StatementGenerator } from './statements.ts';
import { type Block, block, type Expression, pinned, printBlock, type Statement, statement } from './tree.ts';
import type { ValueType } from './types.ts';

/** Message handlers. */
const HANDLERS = ['function(e) return type(e), 1 end', 'function(e) return tostring(e):sub(1, 20) end', 'type', 'function(e) return e end', 'function() return nil end'];

export class ControlGenerator {
  constructor(readonly statements: StatementGenerator) {}

  make(context: Context): Statement[] {
    const { random } = this.statements;
    return random.weighted<() => Statement[]>([
      [3, () => this.#producer(context)],
      [2, () => this.#coroutine(context)],
      [2, () => this.#wrapLoop(context)],
      [3, () => this.#closed(context)],
      [3, () => this.#closingLoop(context)],
      [3, () => this.#protected(context)],
      [1, () => this.#handler(context)],
      [2, () => this.#backward(context)],
      [2, () => this.#escaping(context)],
      [context.scope.arrays.length > 0 ? 2 : 0, () => this.#sort(context)],
      [2, () => this.#proxy(context)],
    ])();
  }

  #value(type: ValueType, context: Context): Expression {
    return this.statements.expressions.make(type, 1, context);
  }

  /** A small function body with a parameter `p` and an account of its own. @returns the context after the statements, and these */
  #body(context: Context, count: number): { readonly inner: Context; readonly body: Block } {
    const nested = context.nested();
    nested.scope.variables.push({ name: 'p', type: 'int', assignable: true });
    const inner = new Context(this.statements.random, nested.scope, { limit: 12, work: 0, variadic: false }, 1, 1, 5, false, undefined);
    return { inner, body: this.statements.fill(count, inner) };
  }

  /** A coroutine as a function: each call runs it to its next yield. */
  #producer(context: Context): Statement[] {
    const { random } = this.statements;
    const name = this.statements.freshName('w');
    const { inner, body } = this.#body(context, random.integer(0, 2));
    const result = this.#value('int', inner);
    const yielding = random.pick<() => (string | Expression)[]>([
      () => ['p = coroutine.yield(', result, ')'],
      () => ['p = select(2, pcall(coroutine.yield, ', result, '))'],
      () => ['p = yielder[', result, ']'],
      () => ['p = yielder + ', result],
      () => ['for x in coroutine.yield, ', result, ' do p = x break end'],
      () => ['do local c <close> = closing p = coroutine.yield(', result, ') end'],
    ])();
    const made = pinned(
      `local ${name} = coroutine.wrap(function(p) while true do`, block(...body.statements, statement('p = math.tointeger(p) or 0'), pinned(...yielding), statement('p = math.tointeger(p) or 1')), 'end end)',
    );
    context.scope.functions.push({ name, parameters: ['int'], result: 'int', work: inner.state.work + 6, variadic: false });
    return [made];
  }

  /** A coroutine that is resumed a few times, with all its results shown; it may fail, or be closed before its end. */
  #coroutine(context: Context): Statement[] {
    if (!context.canSpend(80)) return [];
    context.spend(80);
    const { random } = this.statements;
    const name = this.statements.freshName('co');
    const { inner, body } = this.#body(context, random.integer(1, 2));
    const end = random.pick<() => (string | Expression)[]>([
      () => ['return ', this.#value('dyn', inner), ', ', this.#value('int', inner)],
      () => ['error(', this.#value('dyn', inner), ')'],
      () => ['error({})'],
      () => ['return nothing.field'],
      () => ['while true do coroutine.yield() end'],
    ])();
    const loop = `for i = 1, ${random.integer(1, 4)} do`;
    const yielding = statement('emit("in", coroutine.yield(i, ', this.#value('dyn', inner), ', coroutine.isyieldable()))');
    const close = random.chance(0.4) ? ['local c <close> = closing '] : [];
    return [
      statement(
        `if true then local ${name} = coroutine.create(function(p, q)`, block(statement(...close, 'p = math.tointeger(p) or 0'), ...body.statements, statement(loop, block(yielding), 'end'), statement(...end)), 'end)',
        block(
          statement(`for i = 1, ${random.integer(2, 6)} do`, block(statement(`emit("co", coroutine.resume(${name}, i, `, this.#value('dyn', context), `))`), statement(`emit(coroutine.status(${name}))`)), 'end'),
          ...(random.chance(0.5) ? [statement(`emit("closed", coroutine.close(${name}), coroutine.status(${name}))`)] : []),
        ),
        'end',
      ),
    ];
  }

  #wrapLoop(context: Context): Statement[] {
    const { random } = this.statements;
    const rounds = [30, 8].find((n) => context.canSpend(n * 8));
    if (rounds === undefined) return [];
    const name = this.statements.freshName('i');
    const inner = context.loop(rounds, undefined);
    inner.scope.variables.push({ name, type: 'int', assignable: false });
    const value = random.pick(['k', 'k * 3', '-k', 'k % 4', '(k << 33)']);
    return [statement(`for ${name} in coroutine.wrap(function() for k = 1, ${rounds} do coroutine.yield(${value}) end end) do`, this.statements.fill(random.integer(1, 3), inner), 'end')];
  }

  /** A block with variables to be closed, left by its end, by break, by an error, or by return. */
  #closed(context: Context): Statement[] {
    const { random } = this.statements;
    const target = context.scope.variables.filter((variable) => variable.type === 'int' && variable.assignable).map((variable) => variable.name);
    const effect = target.length > 0 ? `${random.pick(target)} = `.replace(/(\w+) = /, '$1 = $1 + 1') : 'emit("closing")';
    const failing = random.chance(0.25) ? ` error("closer", ${random.integer(0, 1)})` : '';
    const variable = `local ${this.statements.freshName('z')} <close> = setmetatable({}, { __close = function(o, e) ${effect} emit("close", ${random.pick(['type(e)', 'e'])})${failing} end })`;
    if (random.chance(0.4) && failing === '') {
      const looped = this.statements.fill(random.integer(1, 2), context.nestedWithout());
      return [statement(`for i = 1, ${random.integer(1, 3)} do ${variable}`, block(...looped.statements, statement('if ', this.statements.expressions.rareCondition(context), ' then break end')), 'end')];
    }
    if (!context.canSpend(20)) return [];
    context.spend(20);
    const { inner, body } = this.#body(context, random.integer(1, 2));
    const end = random.pick([['return ', this.#value('int', inner)], ['error(', this.#value('dyn', inner), ')'], ['return tostring(', this.#value('int', inner), ')'], ['return (', this.#value('int', inner), ')']]);
    const [call, handler] = random.chance(0.4) ? ['xpcall', `${random.pick(HANDLERS)}, `] : ['pcall', ''];
    return [statement(`emit("closed", ${call}(function(p) ${variable}`, block(...body.statements, statement(...end)), `end, ${handler}3))`)];
  }

  /** A generic for with a closing value on some of its runs, left by its end or by break. */
  #closingLoop(context: Context): Statement[] {
    const { random } = this.statements;
    const rounds = [30, 6].find((n) => context.canSpend(n * 8));
    const target = context.scope.variables.find((variable) => variable.type === 'int' && variable.assignable);
    if (rounds === undefined || target === undefined) return [];
    const name = this.statements.freshName('i');
    const inner = context.loop(rounds, undefined);
    inner.scope.variables.push({ name, type: 'int', assignable: false });
    const condition = random.chance(0.5) ? this.statements.expressions.rareCondition(context) : this.#value('bool', context);
    const body = this.statements.fill(random.integer(1, 3), inner);
    const leaving = random.chance(0.5) ? [statement('if ', this.statements.expressions.rareCondition(inner), ' then break end')] : [];
    const whole = block(...body.statements, ...leaving);
    const text = printBlock(whole);
    // Lua 5.4.4 does not close where a break leaves variables that a closure has captured.
    if (text.includes('function') && text.includes('break')) return [];
    return [
      statement(`for ${name} in function(_, i) if i < ${rounds} then return i + 1 end end, nil, 0, `, condition, ' and counting or nil do', whole, 'end'),
      statement(`${target.name} = ${target.name} + closes`),
    ];
  }

  /** Errors that pass through several protected calls. */
  #protected(context: Context): Statement[] {
    const { random } = this.statements;
    const raise = random.pick<() => (string | Expression)[]>([
      () => ['error(', this.#value('dyn', context), random.pick([')', ', 0)', ', 1)', ', 2)', ', 3)'])],
      () => ['error(setmetatable({}, { __tostring = function() return "object" end }))'],
      () => ['assert(', this.#value('bool', context), ', ', this.#value('dyn', context), ')'],
      () => ['assert(false)'],
      () => ['return ', this.#value('dyn', context), ' .. ', this.#value('dyn', context)],
      () => ['local t = nil t.x = ', this.#value('int', context)],
      () => ['return ("x")()'],
      () => ['return #', this.#value('dyn', context)],
      () => ['return ', this.#value('int', context), ' << ', this.#value('dyn', context)],
      () => ['string.rep("x", ', this.#value('dyn', context), ')'],
      () => ['return ("x"):format(), string.format("%d", ', this.#value('dyn', context), ')'],
      () => ['return table.concat({ 1, {}, 3 })'],
      () => ['return tostring(setmetatable({}, { __tostring = function() return 1 end }))'],
      () => ['return math.tointeger("x"), math.floor(', this.#value('dyn', context), ')'],
    ])();
    const outer = random.pick([
      ['emit("caught", pcall(function() ', ...raise, ' end))'],
      ['emit("again", pcall(function() local ok, e = pcall(function() ', ...raise, ' end) if not ok then error(e, 0) end return e end))'],
      ['emit("deep", pcall(pcall, pcall, function() ', ...raise, ' end))'],
      ['emit("select", select("#", pcall(function() ', ...raise, ' end)))'],
    ]);
    return [context.loopDepth > 0 ? statement('if ', this.statements.expressions.rareCondition(context), ' then ', ...outer, ' end') : statement(...outer)];
  }

  #handler(context: Context): Statement[] {
    const handler = this.statements.random.pick(HANDLERS);
    const call = ['emit("handled", xpcall(function(a) if a then error(', this.#value('dyn', context), ') end return a, 2 end, ', handler, ', ', this.#value('dyn', context), '))'];
    return [context.loopDepth > 0 ? statement('if ', this.statements.expressions.rareCondition(context), ' then ', ...call, ' end') : statement(...call)];
  }

  /** A loop made of goto. */
  #backward(context: Context): Statement[] {
    const { random } = this.statements;
    const rounds = [40, 6].find((n) => context.canSpend(n * 6));
    if (rounds === undefined || context.loopDepth > 2) return [];
    const [label, counter] = [this.statements.freshName('again'), this.statements.freshName('n')];
    const body = this.statements.fill(random.integer(1, 3), context.loop(rounds, undefined).nestedWithout());
    return [statement('do', block(pinned(`local ${counter} = 0 ::${label}::`), statement('do', body, 'end'), pinned(`${counter} = ${counter} + 1 if ${counter} < ${rounds} then goto ${label} end`)), 'end')];
  }

  /** Closures made in a loop, which share or do not share a variable, called after it. */
  #escaping(context: Context): Statement[] {
    if (!context.canSpend(40)) return [];
    context.spend(40);
    const { random } = this.statements;
    const name = this.statements.freshName('q');
    const step = this.#value('int', context);
    const body = random.pick([
      ['local x = i * 2 ', `${name}[i] = function() x = x + `, step, ' return x end'],
      [`${name}[i] = function(y) i = i + (y or 1) return i end`],
      ['local x = i local get = function() return x end x = x + 1 ', `${name}[i] = get`],
      [`${name}[i] = i % 2 == 0 and ${name}[i - 1] or function() i = i - `, step, ' return i end'],
    ]);
    return [statement(`do local ${name} = {}`, block(statement('for i = 1, 7 do ', ...body, ' end'), statement(`for i = 1, 9 do local f = ${name}[i % 7 + 1] emit("up", f(), f()) end`)), 'end')];
  }

  #sort(context: Context): Statement[] {
    if (!context.canSpend(400)) return [];
    context.spend(400);
    const { random } = this.statements;
    const array = random.pick(context.scope.arrays).name;
    const comparator = random.pick(['', ', function(a, b) return a > b end', ', function(a, b) if a == b then return false end return a < b end']);
    return [statement(`do local s = {} for i = 1, #${array} do s[i] = math.type(${array}[i]) and ${array}[i] == ${array}[i] and ${array}[i] or i end table.sort(s${comparator}) emit("sorted", s[1], s[#s], #s, s[#s // 2 + 1]) end`)];
  }

  /** A table behind a table that answers for it. */
  #proxy(context: Context): Statement[] {
    const { random } = this.statements;
    const target = random.pick(context.scope.records.length > 0 ? context.scope.records : ['{ x = 1, y = 2.5 }']);
    const index = random.pick([`__index = ${target}`, `__index = function(t, k) return (${target})[k] end`, `__index = setmetatable({}, { __index = ${target} })`]);
    const newIndex = random.pick(['', `, __newindex = ${target}`, ', __newindex = function(t, k, v) rawset(t, k, v) end']);
    const more = random.pick(['', ', __len = function() return 42 end', ', __eq = function() return true end', ', __name = "Proxy"', ', __metatable = false', ', __pairs = function(t) return next, { 1, 2 } end']);
    const name = this.statements.freshName('m');
    const use = random.pick<() => (string | Expression)[]>([
      () => [`emit("proxy", ${name}.x, ${name}.y, ${name}.none)`],
      () => [`${name}.x = `, this.#value('int', context), ` emit("proxy", ${name}.x, rawget(${name}, "x"))`],
      () => [`emit("proxy", rawlen(${name}), rawequal(${name}, ${name}), ${name} == setmetatable({}, getmetatable(${name}) or nil))`],
      () => [`local n = 0 for k in pairs(${name}) do n = n + 1 end emit("pairs", n)`],
      () => [`emit("proxy", pcall(setmetatable, ${name}, {}))`],
      () => [`for i = 1, 12 do ${name}[i % 3] = i end emit("proxy", ${name}[0], ${name}[1], ${name}[2])`],
    ])();
    return [statement(`do local ${name} = setmetatable({}, { ${index}${newIndex}${more} })`, block(statement(...use)), 'end')];
  }
}
