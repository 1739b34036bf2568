/** Scripts that are images: told by their first bytes, whatever they are called. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { isImage } from '../api/engine-port.ts';

const START = 16;

/** @returns the image in a file; undefined if it is anything else, or cannot be read, which whoever runs the script will tell */
export function readImage(path: string): Uint8Array | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      const start = new Uint8Array(START);
      if (!fstatSync(file).isFile() || readSync(file, start, 0, START, 0) < START || !isImage(start)) return undefined;
    } finally {
      closeSync(file);
    }
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
