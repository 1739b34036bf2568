/**
 * Files in a folder that a browser hands out: the private one of the page's origin (`await navigator.storage.getDirectory()`), or one that the user has chosen
 * (`await showDirectoryPicker()`). Each file is stored whole or not at all.
 */
import type { FileStore } from '../stored-files.ts';

/** Browsers have this, the types of TypeScript only as an option. */
type Directory = FileSystemDirectoryHandle & { readonly entries: () => AsyncIterable<[string, FileSystemDirectoryHandle | FileSystemFileHandle]> };

async function readAll(directory: FileSystemDirectoryHandle, prefix: string, files: Record<string, Uint8Array>): Promise<void> {
  for await (const [name, entry] of (directory as Directory).entries()) {
    if (entry.kind === 'directory') await readAll(entry as FileSystemDirectoryHandle, `${prefix}${name}/`, files);
    else files[prefix + name] = new Uint8Array(await (await (entry as FileSystemFileHandle).getFile()).arrayBuffer());
  }
}

/** The folder of a path, and the name in it. */
async function locate(root: FileSystemDirectoryHandle, path: string, create: boolean): Promise<readonly [FileSystemDirectoryHandle, string]> {
  const folders = path.split('/');
  const name = folders.pop() as string;
  let directory = root;
  for (const folder of folders) directory = await directory.getDirectoryHandle(folder, { create });
  return [directory, name];
}

async function write(root: FileSystemDirectoryHandle, path: string, content: Uint8Array<ArrayBuffer>): Promise<void> {
  const [directory, name] = await locate(root, path, true);
  const writable = await (await directory.getFileHandle(name, { create: true })).createWritable();
  await writable.write(content);
  await writable.close();
}

async function remove(root: FileSystemDirectoryHandle, path: string): Promise<void> {
  try {
    const [directory, name] = await locate(root, path, false);
    await directory.removeEntry(name);
  } catch (error) {
    // It was made and removed since the last time.
    if ((error as Error).name !== 'NotFoundError') throw error;
  }
}

/** @param directory with files and folders; those of folders have paths like `lib/a.lua` */
export function directoryStore(directory: FileSystemDirectoryHandle): FileStore {
  return {
    async load() {
      const files = Object.create(null) as Record<string, Uint8Array>;
      await readAll(directory, '', files);
      return files;
    },
    async save(changes) {
      for (const [path, content] of changes) await (content === undefined ? remove(directory, path) : write(directory, path, content));
    },
  };
}
