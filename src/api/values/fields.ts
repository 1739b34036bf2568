/** Fields of tables that the host sets by name. */
import { SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE } from '../../bytecode/host-scratch.ts';
import { TAG_TABLE } from '../../bytecode/layout.ts';
import type { LuaInput } from '../../engine/lua-value.ts';
import type { Machine } from '../../engine/machine.ts';

/** table[name] := value, raw. @throws MoontraceError bad-value, bad-handle */
export function setField(machine: Machine, table: number, name: string, value: LuaInput): void {
  machine.values.toLua(SCRATCH_ACCESS_KEY, name);
  machine.values.toLua(SCRATCH_ACCESS_VALUE, value);
  machine.core.tableSet(table, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
}

/** The table of a library in the globals, made if there is none. */
export function libraryTable(machine: Machine, globals: number, library: string): number {
  const { core, slots, values } = machine;
  values.toLua(SCRATCH_ACCESS_KEY, library);
  core.tableGet(globals, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
  if (slots.tag(SCRATCH_ACCESS_VALUE) !== TAG_TABLE) {
    slots.setObject(SCRATCH_ACCESS_VALUE, TAG_TABLE, core.newTable(0, 0));
    core.tableSet(globals, SCRATCH_ACCESS_KEY, SCRATCH_ACCESS_VALUE);
  }
  return slots.pointer(SCRATCH_ACCESS_VALUE);
}
