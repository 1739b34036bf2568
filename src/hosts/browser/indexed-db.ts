/** Files in IndexedDB: one database for each name, of the page's origin. Changes are stored all or none. */
import type { FileStore } from '../stored-files.ts';

const FILES = 'files';

const settled = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function withFiles<Result>(name: string, mode: IDBTransactionMode, use: (files: IDBObjectStore) => Promise<Result>): Promise<Result> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(FILES);
  const database = await settled(opening);
  try {
    const transaction = database.transaction(FILES, mode);
    const ended = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    const [result] = await Promise.all([use(transaction.objectStore(FILES)), ended]);
    return result;
  } finally {
    database.close();
  }
}

/** @param name of the database */
export function indexedDbStore(name = 'moontrace'): FileStore {
  return {
    load: () =>
      withFiles(name, 'readonly', async (files) => {
        const [paths, contents] = await Promise.all([settled(files.getAllKeys()), settled(files.getAll())]);
        return Object.fromEntries(paths.map((path, i) => [path, contents[i] as Uint8Array]));
      }),
    save: (changes) =>
      withFiles(name, 'readwrite', async (files) => {
        await Promise.all([...changes].map(([path, content]) => (content === undefined ? settled(files.delete(path)) : settled(files.put(content, path)))));
      }),
  };
}
