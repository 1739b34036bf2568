/** What programs try to get out of classes of the host's, and hosts to register. */
import { describe, expect, test } from 'vitest';
import { createVm, type Vm } from '../../../src/api/index.ts';

const withCode = (code: string): unknown => expect.objectContaining({ code });

class Account {
  balance = 10;
  #secret = 'secret';
  deposit(amount: number): number {
    this.balance += amount;
    return this.balance;
  }
  reveal(): string {
    return this.#secret;
  }
  get fails(): number {
    throw new Error('the getter failed');
  }
}

const bank = (): Vm => {
  const vm = createVm();
  vm.register(Account, { constructor: true, methods: ['deposit'], fields: { balance: { get: (self) => self.balance }, fails: { get: (self) => self.fails, set: () => { throw new TypeError('the setter failed'); } } }, metamethods: { __tostring: () => 'Account' } });
  return vm;
};
const attempt = (source: string, ...args: object[]): [boolean, unknown] => bank().load(`return pcall(function(...) ${source} end, ...)`).call(...(args as never[])) as [boolean, unknown];

describe('a program', () => {
  test.each([
    'return Account().constructor', 'return Account().prototype', 'return Account().__proto__', 'return Account().reveal', "return Account()['#secret']", 'return Account().__index', 'return Account().__gc', 'return Account().hasOwnProperty',
    'return Account().toString', 'return Account()[1]', 'return Account()[Account]', 'return Account()[{}]', 'Account().constructor = 1', 'Account().__proto__ = {}', 'Account().balance = 1e9', 'Account().deposit = print', 'Account.new = print',
    'setmetatable(Account, nil)', 'setmetatable(Account(), {})', 'rawset(Account(), "balance", 5)', 'rawget(Account(), "balance")', 'for k in next, Account() do end', 'Account.prototype.x = 1', 'Account.constructor()', 'return #Account()', 'return Account() + 1',
    'return Account()()', 'return Account() < Account()', 'return Account() .. ""',
  ])('cannot do this: %s', (source) => {
    expect(attempt(source)[0]).toBe(false);
    expect(new Account().balance).toBe(10);
  });

  test('sees nothing of the metatables', () => {
    expect(attempt('return getmetatable(Account)')).toEqual([true, false]);
    expect(attempt('return getmetatable(Account())')).toEqual([true, false]);
    expect(attempt('return getmetatable(getmetatable(Account()))')).toEqual([true, undefined]);
    expect(attempt('for k, v in pairs(Account) do return k end')).toEqual([true]);
  });

  test.each([
    ['{}', 'table'], ['nil', 'nil'], ['5', 'number'], ['"x"', 'string'], ['io.stdout', 'FILE*'], ['print', 'function'], ['coroutine.create(print)', 'thread'], ['setmetatable({}, {__name = "Account", __index = Account()})', 'Account'], ['other', 'host object'],
  ])('calls no method for %s', (receiver, type) => {
    const vm = bank();
    vm.setGlobal('other', new (class Other { balance = 5; })());
    const [ok, message] = vm.doString(`local deposit = Account().deposit return pcall(deposit, ${receiver}, 1)`);
    expect(ok).toBe(false);
    expect(message).toContain(type === 'Account' ? 'Account is closed' : `Account expected, got ${type}`);
  });

  test('with the debug library puts a metatable on another object, and calls no method for it all the same', () => {
    const vm = bank();
    const other = new (class Other { balance = 5; })();
    vm.setGlobal('other', other);
    expect(vm.doString('debug.setmetatable(other, debug.getmetatable(Account())) return pcall(function() return other:deposit(1) end)')[0]).toBe(false);
    expect(other.balance).toBe(5);
  });

  test('gets the errors of getters and setters, which leave nothing behind', () => {
    expect(attempt('return Account().fails')).toEqual([false, expect.objectContaining({ message: 'the getter failed' })]);
    expect(attempt('Account().fails = 1')).toEqual([false, expect.objectContaining({ message: 'the setter failed' })]);
    expect(attempt('local a = Account() pcall(function() return a.fails end) return a:deposit(1)')).toEqual([true, 11]);
  });

  test('passes what it likes to a method', () => {
    expect(attempt('return Account():deposit({})')).toEqual([true, expect.stringContaining('10')]);
    expect(attempt('return Account():deposit(setmetatable({}, {__tostring = function() error("no") end}))')[0]).toBe(false);
  });
});

describe('a host', () => {
  const throwing = (): never => { throw new Error('trap'); };

  test.each<[string, unknown, unknown]>([
    ['getters that throw', Account, { get name() { return throwing(); } }], ['a list that throws', Account, { methods: new Proxy([], { ownKeys: throwing, get: throwing }) }],
    ['a class whose prototype throws', new Proxy(Account, { get: throwing }), {}], ['a class whose name throws', Object.defineProperty(class {}, 'name', { get: throwing }), {}],
    ['symbols for methods', Account, { methods: [Symbol.iterator] }], ['symbols for statics', Account, { statics: [Symbol.iterator] }], ['an accessor as a method', Account, { methods: ['fails'] }],
    ['a method of Object', Account, { methods: ['hasOwnProperty'] }], ['prototype', Account, { statics: { prototype: () => 1 } }], ['__proto__', Account, { fields: JSON.parse('{"__proto__": {}}') }],
    ['a metatable', Account, { metamethods: { __metatable: () => 1 } }], ['a mode', Account, { metamethods: { __mode: () => 'k' } }], ['an arrow function', () => 1, {}],
  ])('cannot register %s', (_what, type, options) => {
    const vm = createVm();
    expect(() => vm.register(type as never, options as never)).toThrow(withCode('bad-argument') as Error);
    expect(vm.getGlobal('Account')).toBeUndefined();
    expect(() => vm.register(Account, {})).not.toThrow();
  });

  test('changes a class afterwards, and Lua sees what was registered', () => {
    const vm = createVm();
    class Changing {
      value(): number { return 1; }
    }
    vm.register(Changing, { methods: ['value'] });
    Changing.prototype.value = () => 2;
    expect(vm.load('local c = ... return c:value()').call(new Changing())).toEqual([1]);
  });

  test('has an instance whose prototype was changed', () => {
    const vm = bank();
    const lost = new Account();
    Object.setPrototypeOf(lost, {});
    vm.setGlobal('lost', lost);
    expect(vm.doString('return pcall(function() return lost:deposit(1) end)')[0]).toBe(false);
  });
});
