/** Bundles as folders of the file system. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type BundleFiles, bundleFiles } from '../bundle/files.ts';
import { ContractError } from '../errors.ts';

/** Files of a folder, with those of the folders in it; what is no file (a link, a device) is left out. @throws ContractError bad-bundle */
export async function readBundle(folder: string): Promise<BundleFiles> {
  if (typeof folder !== 'string') throw new ContractError('bad-bundle', 'folder: a path expected');
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
    return bundleFiles(new Map(await Promise.all(paths.map(async (path) => [relative(folder, path).split(sep).join('/'), new Uint8Array(await readFile(path))] as const))));
  } catch (error) {
    if (error instanceof ContractError) throw error;
    throw new ContractError('bad-bundle', `${folder} cannot be read`, { cause: error });
  }
}
