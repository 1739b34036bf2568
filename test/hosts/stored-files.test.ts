/** Files that are stored, in a store of the test's; those of browsers are used in browsers (hosts.test.ts). */
import { expect, test } from 'vitest';
import { createVm, type FileChanges, type FileStore, openStoredEnvironment } from '../../src/api/index.ts';

class Store implements FileStore {
  readonly files = new Map<string, string>([['lib/a.lua', 'return 1'], ['data.txt', 'old']]);
  readonly saved: string[][] = [];
  failure: Error | undefined;

  async load(): Promise<Record<string, Uint8Array>> {
    if (this.failure) throw this.failure;
    return Object.fromEntries([...this.files].map(([path, text]) => [path, new TextEncoder().encode(text)]));
  }

  async save(changes: FileChanges): Promise<void> {
    await Promise.resolve();
    if (this.failure) throw this.failure;
    this.saved.push([...changes.keys()].sort());
    for (const [path, content] of changes) {
      if (content === undefined) this.files.delete(path);
      else this.files.set(path, new TextDecoder().decode(content));
    }
  }
}

test('programs find what was stored; flush stores what they changed', async () => {
  const store = new Store();
  const environment = await openStoredEnvironment(store);
  const vm = createVm({ environment });
  expect(vm.doString('return dofile("lib/a.lua"), io.open("data.txt"):read("a")')).toEqual([1, 'old']);
  await environment.flush();
  expect(store.saved).toEqual([]);

  vm.doString('file = io.open("new/häß.txt", "w") file:write("one") file:flush() os.remove("data.txt")');
  await environment.flush();
  expect(store.saved).toEqual([['data.txt', 'new/häß.txt']]);
  vm.doString('os.rename("new/häß.txt", "moved.txt") file:write(" two") file:close()');
  await environment.flush();
  expect(store.saved[1]).toEqual(['moved.txt', 'new/häß.txt']);
  expect([...store.files]).toEqual([['lib/a.lua', 'return 1'], ['moved.txt', 'one two']]);

  vm.doString('io.open("moved.txt", "r"):close() io.open("lib/a.lua", "a"):close() os.remove("moved.txt") local f = io.open("moved.txt", "w") f:write("again") f:close()');
  await environment.flush();
  expect(store.saved[2]).toEqual(['moved.txt']);
  expect(store.files.get('moved.txt')).toBe('again');
});

test('what could not be stored is stored the next time', async () => {
  const store = new Store();
  const environment = await openStoredEnvironment(store);
  const vm = createVm({ environment });
  const write = (path: string): unknown => vm.doString(`local f = io.open('${path}', 'w') f:write('x') f:close()`);
  write('a');
  vm.doString('os.remove("data.txt")');
  store.failure = new Error('quota exceeded');
  await expect(environment.flush()).rejects.toMatchObject({ code: 'host-failure', detail: 'save: quota exceeded', cause: store.failure });
  write('b');
  store.failure = undefined;
  await Promise.all([environment.flush(), environment.flush()]);
  expect(store.saved).toEqual([['a', 'b', 'data.txt']]);
});

test('a store that cannot be read is no environment', async () => {
  const store = new Store();
  store.failure = new Error('denied');
  await expect(openStoredEnvironment(store)).rejects.toMatchObject({ code: 'host-failure', detail: 'load: denied' });
  await expect(openStoredEnvironment({} as FileStore)).rejects.toMatchObject({ code: 'host-failure' });
});

test('read only, nothing changes', async () => {
  const store = new Store();
  const environment = await openStoredEnvironment(store, { isReadOnly: true });
  expect(createVm({ environment }).doString('return io.open("data.txt", "w")')).toEqual([undefined, 'data.txt: Read-only file system', 30]);
  await environment.flush();
  expect(store.saved).toEqual([]);
});
