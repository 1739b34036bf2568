/** HostEnvironment on Node, from the parts in files.ts and processes.ts. Below `src/api` only this folder imports `node:*`. */
import * as fs from 'node:fs';
import { type HostEnvironment, randomWord } from '../environment.ts';
import { isTerminal, randomWordOfSystem } from './builtins.ts';
import { attempt } from './failures.ts';
import { nativePath, openFile, standardInput, standardStream, temporaryFile, temporaryName } from './files.ts';
import { execute, hasShell, openProcess } from './processes.ts';
import { decodeText, fromByteString } from '../../engine/text.ts';

/** @param onWait called while standard input is waited for; what it throws ends the waiting. Without it a read just blocks */
export function createNodeEnvironment(onWait?: () => void): HostEnvironment {
  return {
    stdin: onWait === undefined ? standardStream(0) : standardInput(onWait),
    stdout: { ...standardStream(1), isTerminal: isTerminal(1) },
    stderr: standardStream(2),
    cpuSeconds() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    now: () => Date.now(),
    entropy: () => randomWordOfSystem(randomWord),
    getenv: (name) => process.env[decodeText(fromByteString(name))],
    readFile: (path) => attempt(() => fs.readFileSync(nativePath(path))),
    openFile,
    remove: (path) =>
      attempt(() => {
        const native = nativePath(path);
        if (fs.lstatSync(native).isDirectory()) fs.rmdirSync(native);
        else fs.unlinkSync(native);
      }),
    rename: (from, to) => attempt(() => fs.renameSync(nativePath(from), nativePath(to))),
    temporaryName,
    temporaryFile,
    hasShell,
    execute,
    openProcess,
    exit: (code) => process.exit(code),
  };
}
