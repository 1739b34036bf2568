/** A second VM in the state of a first one, in the same host. */
import { type CoreCell, takeCell } from '../../engine/image/core-cell.ts';
import { WASM_PAGE } from '../../engine/image/format.ts';
import { copyPages } from '../../engine/image/pages.ts';
import type { LuaExecution } from '../calls/execution.ts';
import type { HostFunction } from '../types.ts';
import type { Installed } from './manifest.ts';
import { type RevivedParts, revive } from './revive.ts';
import { checkAtRest, describe, reading, takeInventory, type VmParts } from './save.ts';
import { MoontraceError } from '../../engine/errors/errors.ts';


/** A cell with the state, and what makes it a VM. @param withCode it has a JIT, too @throws MoontraceError busy, not-portable for open files */
export function forkParts(parts: VmParts, withCode: boolean): { cell: CoreCell; installed: Installed; fuel: number | undefined; revive: (parts: RevivedParts) => LuaExecution[] } {
  const { machine, values, installed } = parts;
  checkAtRest(machine);
  const inventory = takeInventory(parts, true);
  if (inventory.unportable.length > 0) throw new MoontraceError('not-portable', inventory.unportable.join('; '));
  const code = withCode ? machine.jit.saveCode() : undefined;
  const manifest = describe(parts, inventory);
  const cell = takeCell(machine.memory.size / WASM_PAGE, machine.module);
  reading(machine, () => copyPages(machine, cell.memory));
  const functions = new Map(machine.hostObjects.functions);
  const objects = new Map(machine.hostObjects.objects);
  return {
    cell, installed, fuel: manifest.fuel,
    revive: (revived) => revive(revived, manifest, {
      functionOf: ({ slot }) => functions.get(slot)?.source as HostFunction | undefined,
      objectOf: ({ handle, kind }) => (kind === 'object' ? undefined : (objects.get(handle)?.object as object | undefined)),
      onMissing: undefined,
      classes: values.classes.plans,
    }, code),
  };
}
