/**
 * Variables of the core's modules are scratch: what a function leaves there, nothing reads after it has returned (a snapshot of the linear memory is
 * all there is of a VM). Scripts of the libraries run while all of these variables are overwritten again and again between two instructions.
 */
import { readFileSync } from 'node:fs';
import binaryen from 'binaryen';
import { expect, test } from 'vitest';
import { machineOf } from '../../src/api/engine-port.ts';
import { createVm } from '../../src/api/index-node.ts';
import { findScripts } from '../conformance/scripts.ts';
import { readerOf } from '../support/engine.ts';

const PREFIX = 'scratch:';
/** Instructions between two times. */
const PERIOD = 7;

/** The debug build, which keeps names, with all mutable globals of src/core exported. */
function openedCore(): { module: WebAssembly.Module; names: string[] } {
  const module = binaryen.readBinary(readFileSync('build/core.debug.wasm'));
  const names: string[] = [];
  for (let i = 0; i < module.getNumGlobals(); i++) {
    const { name, mutable } = binaryen.getGlobalInfo(module.getGlobalByIndex(i));
    if (!mutable || !name.startsWith('src/core/')) continue;
    names.push(name);
    module.addGlobalExport(name, PREFIX + name);
  }
  return { module: new WebAssembly.Module(new Uint8Array(module.emitBinary())), names };
}

const core = openedCore();
/** Variables that the core has written in the meantime. */
const used = new Set<string>();

const scripts = findScripts().filter(({ path }) => /^test\/lua\/(library|strings|numbers|io)\//.test(path));

test.each(scripts.map((script) => [script.path, script] as const))('%s', (path, script) => {
  const output: string[] = [];
  const vm = createVm({ core: core.module, stdin: readerOf(script.input ?? ''), stdout: (bytes) => void output.push(Buffer.from(bytes).toString('latin1')) });
  const variables = core.names.map((name) => [name, machineOf(vm).core[PREFIX + name] as WebAssembly.Global] as const);
  let isFirst = true;
  vm.setGlobal('overwrite', () => {
    for (const [name, variable] of variables) {
      const garbage = typeof variable.value === 'bigint' ? -0x5a5a5a5an : -0x5a5a5a5a;
      if (!isFirst && variable.value !== garbage) used.add(name);
      variable.value = garbage;
    }
    isFirst = false;
  });
  vm.doString(`debug.sethook(overwrite, '', ${PERIOD}) overwrite = nil`);
  vm.doString(Buffer.from(script.source, 'latin1'), `@${path}`);
  expect(output.join('')).toBe(script.expected);
  vm.close();
});

test('the scripts use all of them but those of binary chunks', () => {
  expect(core.names.filter((name) => !used.has(name) && !name.startsWith('src/core/chunk/'))).toEqual([]);
});
