/** Instances of classes with `save` and `load` go from thread to thread. */
import { expect, test } from 'vitest';
import { SharedVm } from '../../../src/api/index-node.ts';
import { machineOf } from '../../../src/api/vm.ts';
import { Thread, withThreads } from './threads.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const cause = (expected: string) => expect.objectContaining({ cause: expected });

class Account {
  balance: number;
  constructor(balance = 0) {
    this.balance = balance;
  }
  add(amount: number): number {
    this.balance += amount;
    return this.balance;
  }
  close(): void {
    this.balance = -1;
  }
}
const OPTIONS = {
  methods: ['add'], fields: ['balance'], constructor: true as const, metamethods: { __close: (self: Account) => self.close(), __eq: (a: Account, b: unknown) => a === b },
  save: ({ balance }: Account) => ({ balance }), load: ({ balance }: { balance: number }) => new Account(balance),
};
/** The same in a thread. */
const REGISTER = `
  class Account {
    constructor(balance = 0) { this.balance = balance }
    add(amount) { return (this.balance += amount) }
  }
  shared.register(Account, { methods: ['add'], fields: ['balance'], constructor: true, metamethods: { __close() {}, __eq: (a, b) => a === b }, save: ({ balance }) => ({ balance }), load: ({ balance }) => new Account(balance) });`;

async function withShared(action: (shared: SharedVm) => Promise<void>): Promise<void> {
  const shared = SharedVm.from();
  shared.register(Account, OPTIONS);
  try {
    await action(shared);
  } finally {
    shared.close();
  }
}

test('what one thread did to it the next one finds', () => withShared(async (shared) => {
  await withThreads(shared, 2, async (first, second) => {
    shared.setUserdata('account', new Account(100));
    await first.run(REGISTER);
    await second.run(REGISTER);
    expect(await first.run('return shared.eval("return account:add(5), account.balance")')).toEqual([105, 105]);
    expect(await second.run('shared.eval("account.balance = account.balance * 2"); return shared.eval("return account:add(1)")')).toEqual([211]);
    expect(shared.eval('return account:add(10)')).toEqual([221]);
    expect((shared.getGlobal('account') as unknown as Account).balance).toBe(221);
    expect(await first.run('return shared.getGlobal("account").balance')).toBe(221);
    await first.run('shared.eval("theirs = Account.new(7) theirs:add(1)")');
    expect(shared.eval('return theirs.balance, theirs == theirs, theirs == account')).toEqual([8, true, false]);
    const { hostObjects } = machineOf(shared.withVm((vm) => vm));
    for (let i = 0; i < 50; i++) expect([await first.run('return shared.eval("return theirs:add(1)")[0]'), shared.eval('return theirs:add(1)')[0]]).toEqual([9 + 2 * i, 10 + 2 * i]);
    expect(hostObjects.counts.objects).toBeLessThan(10);
    expect(machineOf(shared.withVm((vm) => vm)).core.verifyHeap()).toBe(0);
  });
}));

test('it outlives its thread', () => withShared(async (shared) => {
  for (const ends of ['shared.close()', '']) {
    const thread = new Thread(shared.handle);
    await thread.run(`${REGISTER} shared.eval("account = Account.new(1)"); shared.eval("account:add(2)"); ${ends}`);
    shared.watch(thread.worker);
    await thread.end();
    expect(shared.eval('return account:add(4)')).toEqual([7]);
  }
}));

test('one that was closed is closed for all', () => withShared(async (shared) => {
  await withThreads(shared, 1, async (thread) => {
    await thread.run(REGISTER);
    shared.setUserdata('account', new Account(100));
    expect(await thread.run('return shared.eval("return account.balance")')).toEqual([100]);
    shared.eval('do local a <close> = account end');
    expect(() => shared.eval('account:add(1)')).toThrow('Account is closed');
    await expect(thread.run('shared.eval("account:add(1)")')).rejects.toEqual(expect.objectContaining({ code: 'runtime' }));
  });
}));

test('one that cannot be saved stays, and one that cannot be loaded is refused', () => withShared(async (shared) => {
  class Stubborn {
    name(): string {
      return 'here';
    }
  }
  const fail = (): never => {
    throw new RangeError('not today');
  };
  shared.register(Stubborn, { methods: ['name'], save: fail, load: () => new Stubborn() }).setUserdata('stubborn', new Stubborn());
  shared.setUserdata('account', new Account(3));
  await withThreads(shared, 1, async (thread) => {
    expect(shared.eval('return stubborn:name()')).toEqual(['here']);
    await thread.run('class Stubborn { name() {} } shared.register(Stubborn, { methods: ["name"], save() {}, load: () => new Stubborn() })');
    await expect(thread.run('shared.eval("stubborn:name()")')).rejects.toEqual(cause('wrong-thread'));
    await thread.run('class Account { add() {} } shared.register(Account, { methods: ["add"], save() {}, load() { throw new RangeError("not here") } })');
    await expect(thread.run('shared.eval("account:add(1)")')).rejects.toEqual(cause('bad-value'));
    await expect(thread.run('shared.getGlobal("account")')).rejects.toEqual(code('bad-value'));
    expect(shared.eval('return account:add(1)')).toEqual([4]);
  });
}));
