/** Modules of Node that few programs need: loaded when they are, for each costs milliseconds, and most of what a program takes to start is Node. */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';

let load: NodeJS.Require | undefined;

/** A module of Node, by its full name (`node:tty`). */
export function builtinModule(name: `node:${string}`): unknown {
  load ??= createRequire(import.meta.url);
  return load(name);
}

export const workerThreads = () => builtinModule('node:worker_threads') as typeof import('node:worker_threads');
export const childProcess = () => builtinModule('node:child_process') as typeof import('node:child_process');

/** As isatty of `node:tty`, which is asked only about devices other than the null device. */
export function isTerminal(fd: number): boolean {
  try {
    const status = fs.fstatSync(fd);
    if (!status.isCharacterDevice() || status.rdev === fs.statSync('/dev/null', { throwIfNoEntry: false })?.rdev) return false;
  } catch {
    return false;
  }
  return (builtinModule('node:tty') as typeof import('node:tty')).isatty(fd);
}

/** Does what is written there go to a file on a disk, or nowhere? Then nobody sees it come. */
export function isUnseen(fd: number): boolean {
  try {
    const status = fs.fstatSync(fd);
    return status.isFile() || (status.isCharacterDevice() && !isTerminal(fd));
  } catch {
    return true;
  }
}

/** Words of the system's random device that were not handed out yet. */
const words = new Uint32Array(64);
let left = 0;

/** As `randomWord` of the environment, from the system's device where there is one: Web Crypto takes milliseconds to load. */
export function randomWordOfSystem(otherwise: () => number): number {
  if (left === 0 && !drawWords()) return otherwise();
  const word = words[--left] as number;
  words[left] = 0;
  return word;
}

function drawWords(): boolean {
  try {
    const device = fs.openSync('/dev/urandom', 'r');
    try {
      if (!fs.fstatSync(device).isCharacterDevice() || fs.readSync(device, words, 0, words.byteLength, null) !== words.byteLength) return false;
    } finally {
      fs.closeSync(device);
    }
  } catch {
    return false;
  }
  left = words.length;
  return true;
}
