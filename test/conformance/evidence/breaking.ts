/** What the conformance scripts make use of: found out by running them with notes taken, and with one thing broken at a time. */
import { machineOf } from '../../../src/api/engine-port.ts';
import { readFileSync } from 'node:fs';
import { VM_EVENT_NAMES } from '../../../src/bytecode/layout.ts';
import { METAMETHODS } from '../../../src/bytecode/metamethods.ts';
import { LuaError } from '../../../src/engine/errors/errors.ts';
import { createVm, type Vm } from '../../../src/api/index-node.ts';
import type { LuaFunction } from '../../../src/api/handles/function.ts';
import { readerOf } from '../../support/engine.ts';
import type { Script } from '../scripts.ts';

const recorder = readFileSync('test/conformance/evidence/recorder.lua', 'utf8');

/** Ends programs that a broken library keeps in a loop. */
const FUEL = 200_000_000;

/** A library field that programs can see. */
export interface Field {
  /** As programs write it; methods of files are `file.name`, fields of metatables stand beside the methods. */
  readonly name: string;
  readonly type: string;
}

export interface Notes {
  readonly script: Script;
  /** Functions that were called and returned, and `function: option`. */
  readonly notes: ReadonlySet<string>;
  /** Milliseconds it took. */
  readonly duration: number;
}

interface Run {
  readonly stdout: string;
  readonly failed: boolean;
}

function run(script: Script, prepare: (vm: Vm) => void, finish?: () => void): Run {
  const output: string[] = [];
  const stdout = (bytes: Uint8Array): unknown => output.push(Buffer.from(bytes).toString('latin1'));
  const vm = createVm({ libraries: 'all', fuel: FUEL, stdin: readerOf(script.input), stdout, stderr: () => {} });
  let failed = false;
  try {
    prepare(vm);
    vm.doString(Buffer.from(script.source, 'latin1'), `@${script.path}`);
  } catch (failure) {
    if (!(failure instanceof LuaError)) throw failure;
    failed = true;
  }
  finish?.();
  try {
    vm.close();
  } catch (failure) {
    if (!(failure instanceof LuaError)) throw failure;
  }
  return { stdout: output.join(''), failed };
}

/** Every field of every library table, of the searchers, of files and of the metatables of files and strings, as the engine has them. */
export function enumerateFields(): Field[] {
  const vm = createVm({ libraries: 'all' });
  const [, fields] = vm.doString(recorder, '=recorder') as [LuaFunction, string];
  vm.close();
  return fields.split('\n').sort().map((line) => {
    const [name, type] = line.split(' ') as [string, string];
    return { name, type };
  });
}

/** Runs a script with notes taken. */
export function takeNotes(script: Script): Notes {
  let lines = '';
  let list: LuaFunction | undefined;
  const start = performance.now();
  run(
    script,
    (vm) => {
      [list] = vm.doString(recorder, '=recorder') as [LuaFunction];
    },
    () => {
      [lines] = (list as LuaFunction).call() as [string];
    },
  );
  return { script, notes: new Set(lines.split('\n')), duration: performance.now() - start };
}

const differs = (script: Script, { stdout, failed }: Run): boolean => failed || stdout !== script.expected;

/** Does the script's output depend on this field of a library? */
export function needsField(script: Script, field: string): boolean {
  return differs(script, run(script, (vm) => {
    vm.load(recorder, '=recorder').call(field);
  }));
}

/** Does the script's output depend on the engine's knowing this metamethod? The engine then looks for another name in metatables. */
export function needsMetamethod(script: Script, event: (typeof METAMETHODS)[number]): boolean {
  return differs(script, run(script, (vm) => {
    const machine = machineOf(vm);
    const { slots, memory, core } = machine;
    const name = slots.nameString('__no such event');
    core.pinObject(name);
    memory.store(VM_EVENT_NAMES + 4 * METAMETHODS.indexOf(event), name);
  }));
}

/** Runs Lua code first, then the script. */
export function needs(script: Script, breakage: string): boolean {
  return differs(script, run(script, (vm) => {
    vm.doString(breakage, '=breakage');
  }));
}

