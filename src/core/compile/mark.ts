/** What compilations under way keep alive: a reader of pieces runs Lua, so the collector may come meanwhile. */
import { LOCAL_DESC_SIZE, SLOT_SIZE, UPVALUE_DESC_SIZE, VM_COMPILER } from '../../bytecode/layout';
import { markPointer, markValue } from '../memory/colour';
import {
  CHUNK_NAME, CONSTANTS, DESCRIPTOR_TOP, ENVIRONMENT_NAME, FUNCTION, GOTOS, INTERRUPTED, LABELS, LEX_AHEAD_VALUE, LEX_VALUE, PROTOTYPES, RECORDS,
  STRINGS, VARIABLES,
} from './state/cells';
import { E_SIZE, E_VALUE, F_UPVALUE_COUNT, F_UPVALUES, L_SIZE, V_SIZE, V_VALUE } from './state/records';
import { firstDescriptor } from './state/stacks';

/** Marks what the compilations refer to. To be called again when marking ends: there are no barriers here. */
export function markCompilations(): void {
  for (let cells: u32 = VM_COMPILER; cells; cells = load<u32>(cells, INTERRUPTED - VM_COMPILER)) markCells(cells - VM_COMPILER);
  for (let e = firstDescriptor(), top = load<u32>(DESCRIPTOR_TOP); e < top; e += E_SIZE) markValue(e + E_VALUE);
}

/** @param by distance of the cells from their place at VM_COMPILER */
function markCells(by: u32): void {
  markPointer(load<u32>(CHUNK_NAME + by));
  markPointer(load<u32>(ENVIRONMENT_NAME + by));
  markPointer(load<u32>(STRINGS + by));
  markValue(LEX_VALUE + by);
  markValue(LEX_AHEAD_VALUE + by);
  markItems(CONSTANTS + by, SLOT_SIZE, true, 0);
  markItems(VARIABLES + by, V_SIZE, false, 0);
  markItems(VARIABLES + by, V_SIZE, true, V_VALUE);
  markItems(RECORDS + by, LOCAL_DESC_SIZE, false, 0);
  markItems(PROTOTYPES + by, 4, false, 0);
  markItems(LABELS + by, L_SIZE, false, 0);
  markItems(GOTOS + by, L_SIZE, false, 0);
  for (let f = load<u32>(FUNCTION + by); f; f = load<u32>(f)) {
    const upvalues = load<u32>(f, F_UPVALUES);
    for (let i: u32 = 0; i < load<u32>(f, F_UPVALUE_COUNT); i++) markPointer(load<u32>(upvalues + i * UPVALUE_DESC_SIZE));
  }
}

/** What lies at `offset` in each item of a buffer. */
function markItems(buffer: u32, size: u32, isValue: bool, offset: u32): void {
  const start = load<u32>(buffer);
  for (let item = start, end = start + load<u32>(buffer, 8); item < end; item += size) {
    if (isValue) markValue(item + offset);
    else markPointer(load<u32>(item + offset));
  }
}
