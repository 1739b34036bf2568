/**
 * Processes on Node for programs that cannot wait for events. `execute` is Node's own spawnSync. A process that is read or written while
 * it runs is connected through a FIFO, whose ends are plain blocking descriptors, and started by a worker, whose event loop learns how
 * it ends while this thread reads, writes and waits.
 *
 * Why not spawnSync for all: it has the whole output in memory before the first byte is read, and cannot be written to step by step.
 */
import * as fs from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { HostFailure, type HostProcess, type ProcessEnd } from '../environment.ts';
import { childProcess, workerThreads } from './builtins.ts';
import { attempt, failureOf } from './failures.ts';
import { closeDescriptor, readPipe, writePipe } from './files.ts';
import { decodeText, fromByteString } from '../../engine/text.ts';

/** Shared with the worker: its state, then exit code, signal and error number of the process. */
const STATE = 0;
const CODE = 1;
const SIGNAL = 2;
const ERROR = 3;
const STARTING = 0;
const RUNNING = 1;

/** Program of the worker: starts each command it is sent, and reports. */
const STARTER = `
const { parentPort } = require('node:worker_threads');
const { spawn } = require('node:child_process');
const { constants } = require('node:os');
parentPort.on('message', ({ command, stdio, shared }) => {
  const report = new Int32Array(shared);
  const enter = (state) => {
    Atomics.store(report, ${STATE}, state);
    Atomics.notify(report, ${STATE});
  };
  const fail = (error) => {
    Atomics.store(report, ${ERROR}, Math.abs(error.errno) || 5);
    enter(2);
  };
  try {
    const child = spawn('/bin/sh', ['-c', command], { argv0: 'sh', stdio });
    child.on('error', fail);
    child.on('exit', (code, signal) => {
      Atomics.store(report, ${CODE}, code ?? 0);
      Atomics.store(report, ${SIGNAL}, signal === null ? 0 : constants.signals[signal]);
      enter(2);
    });
    if (child.pid !== undefined) enter(1);
  } catch (error) {
    fail(error);
  }
});
`;

export const hasShell = process.platform !== 'win32';

let starter: Worker | undefined;

function startCommand(command: string, stdio: readonly ('inherit' | number)[]): Int32Array {
  if (starter === undefined) {
    const threads = workerThreads();
    starter = new threads.Worker(STARTER, { eval: true, env: threads.SHARE_ENV, execArgv: [] });
    starter.unref();
  }
  const shared = new SharedArrayBuffer(16);
  starter.postMessage({ command, stdio, shared });
  const report = new Int32Array(shared);
  Atomics.wait(report, STATE, STARTING);
  return report;
}

function endOf(code: number | null, signal: number): ProcessEnd {
  return signal !== 0 ? { kind: 'signal', code: signal } : { kind: 'exit', code: code ?? 0 };
}

/** A command as Node wants it: up to its first zero, as in C. */
const nativeCommand = (command: string): string => decodeText(fromByteString(command.split('\0', 1)[0] as string));

export function execute(command: string): ProcessEnd {
  const { status, signal, error } = childProcess().spawnSync('/bin/sh', ['-c', nativeCommand(command)], { argv0: 'sh', stdio: 'inherit' });
  if (error !== undefined) throw failureOf(error);
  return endOf(status, signal === null ? 0 : constants.signals[signal]);
}

/** Both ends of a new pipe, blocking and closed in child processes. */
function createPipe(): { readonly readEnd: number; readonly writeEnd: number } {
  return attempt(() => {
    const folder = fs.mkdtempSync(join(tmpdir(), 'lua_'));
    const path = join(folder, 'pipe');
    try {
      const { status, error } = childProcess().spawnSync('mkfifo', [path]);
      if (error !== undefined) throw error;
      if (status !== 0) throw new HostFailure('Input/output error', 5);
      // Opened for both, so that opening either end does not wait for the other.
      const both = fs.openSync(path, 'r+');
      const readEnd = fs.openSync(path, 'r');
      const writeEnd = fs.openSync(path, 'w');
      fs.closeSync(both);
      return { readEnd, writeEnd };
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
}

export function openProcess(command: string, mode: 'r' | 'w'): HostProcess {
  if (!hasShell) throw new HostFailure('processes are not supported by this host', 95);
  const { readEnd, writeEnd } = createPipe();
  const [own, its] = mode === 'r' ? [readEnd, writeEnd] : [writeEnd, readEnd];
  const report = startCommand(nativeCommand(command), mode === 'r' ? ['inherit', its, 'inherit'] : [its, 'inherit', 'inherit']);
  closeDescriptor(its);
  const wait = (): ProcessEnd => {
    closeDescriptor(own);
    Atomics.wait(report, STATE, RUNNING);
    const error = Atomics.load(report, ERROR);
    if (error !== 0) throw new HostFailure('Cannot start the shell', error);
    return endOf(Atomics.load(report, CODE), Atomics.load(report, SIGNAL));
  };
  return mode === 'r' ? { read: (target) => readPipe(own, target), close: wait } : { write: (bytes) => writePipe(own, bytes), close: wait };
}
