/**
 * What names mean: variables, upvalues, blocks, and the labels that gotos reach. As in PUC the variables of a function are a stack of which the first
 * F_ACTIVE are visible; hidden loop variables and compile-time constants are in it, too.
 */
import {
  LOCAL_DESC_END, LOCAL_DESC_REGISTER, LOCAL_DESC_SIZE, LOCAL_DESC_START, UPVALUE_DESC_FROM_STACK, UPVALUE_DESC_INDEX, UPVALUE_DESC_KIND,
  UPVALUE_DESC_SIZE,
} from '../../../bytecode/layout';
import { bufferText } from '../../strings/buffer';
import { reallocateRaw } from '../../memory/heap';
import { copyValue } from '../../base/value';
import { work } from '../../base/budget';
import { beginError, bufferInteger, bufferName, throwNearToken, throwSyntaxError } from '../lex/syntax-error';
import { bufferAddress, bufferSize, cutBuffer, pushBytes } from '../state/buffers';
import { ENVIRONMENT_NAME, RECORDS, VARIABLES } from '../state/cells';
import {
  E_INFO, E_KEY, E_VALUE, F_ACTIVE, F_FIRST_VARIABLE, F_LINE, F_UPVALUE_COUNT, F_UPVALUE_ROOM, F_UPVALUES, K_COMPILE_TIME, K_REGULAR, NO_RECORD,
  V_KIND, V_RECORD, V_REGISTER, V_SIZE, V_VALUE,
} from '../state/records';
import { currentFunction } from '../state/stacks';
import { position } from './code';
import { E_CONSTANT, E_LOCAL, E_UPVALUE, E_VOID, setDescriptor } from './descriptor';
import { noteCapture } from './exits';

const MAX_LOCALS: u32 = 200;
const MAX_UPVALUES: u32 = 255;
const FIRST_UPVALUES: u32 = 4;

/** Address of a variable of a function. */
// @ts-ignore: decorator
@inline export function variableAt(f: u32, index: u32): u32 { return bufferAddress(VARIABLES) + load<u32>(f, F_FIRST_VARIABLE) + index * V_SIZE; }

/** Number of active variables. */
// @ts-ignore: decorator
@inline export function activeCount(): u32 { return load<u32>(currentFunction(), F_ACTIVE); }

// ---- Variables

/** Declares a variable; it becomes visible with `activate`. @returns its index */
export function declare(name: u32, kind: u32): u32 {
  const f = currentFunction();
  const index = (bufferSize(VARIABLES) - load<u32>(f, F_FIRST_VARIABLE)) / V_SIZE;
  if (index >= MAX_LOCALS) failLimit(f, 'local variables', MAX_LOCALS);
  const variable = pushBytes(VARIABLES, V_SIZE);
  store<u32>(variable, name);
  store<u32>(variable, kind, V_KIND);
  store<u32>(variable, NO_RECORD, V_RECORD);
  store<u64>(variable, 0, V_VALUE);
  store<u64>(variable, 0, V_VALUE + 8);
  return index;
}

function failLimit(f: u32, what: string, limit: u32): void {
  beginError('too many ');
  bufferText(what);
  bufferText(' (limit is ');
  bufferInteger(limit);
  bufferText(') in ');
  if (load<u32>(f)) {
    bufferText('function at line ');
    bufferInteger(load<u32>(f, F_LINE));
  } else bufferText('main function');
  throwNearToken();
}

/** First register above the variables below `level`. */
export function registerLevel(f: u32, level: u32): u32 {
  for (let variable = variableAt(f, level); level > 0; level--) {
    variable -= V_SIZE;
    if (load<u32>(variable, V_KIND) != K_COMPILE_TIME) return load<u32>(variable, V_REGISTER) + 1;
  }
  return 0;
}

/** First register above the active variables. */
// @ts-ignore: decorator
@inline export function variableRegisters(): u32 { return registerLevel(currentFunction(), activeCount()); }

/** Makes the next `count` declared variables active, each in the next register. */
export function activate(count: u32): void {
  const f = currentFunction();
  let active = load<u32>(f, F_ACTIVE);
  let register = registerLevel(f, active);
  for (; count; count--, active++, register++) {
    const record = bufferSize(RECORDS);
    const description = pushBytes(RECORDS, LOCAL_DESC_SIZE);
    const variable = variableAt(f, active);
    store<u32>(description, load<u32>(variable));
    store<u32>(description, register, LOCAL_DESC_REGISTER);
    store<i32>(description, position(), LOCAL_DESC_START);
    store<i32>(description, -1, LOCAL_DESC_END);
    store<u32>(variable, register, V_REGISTER);
    store<u32>(variable, record, V_RECORD);
  }
  store<u32>(f, active, F_ACTIVE);
}

/** Makes the next declared variable an active constant that has no register. */
export function activateConstant(): void {
  const f = currentFunction();
  store<u32>(variableAt(f, load<u32>(f, F_ACTIVE)), K_COMPILE_TIME, V_KIND);
  store<u32>(f, load<u32>(f, F_ACTIVE) + 1, F_ACTIVE);
}

/** Debuggers shall see the variable activated last only from here on. */
export function restartLastVariable(): void {
  const variable = variableAt(currentFunction(), activeCount() - 1);
  store<i32>(bufferAddress(RECORDS) + load<u32>(variable, V_RECORD), position(), LOCAL_DESC_START);
}

/** Ends the scope of the variables above `level`. */
export function deactivate(level: u32): void {
  const f = currentFunction();
  for (let active = load<u32>(f, F_ACTIVE); active > level; active--) {
    const record = load<u32>(variableAt(f, active - 1), V_RECORD);
    if (record != NO_RECORD) store<i32>(bufferAddress(RECORDS) + record, position(), LOCAL_DESC_END);
  }
  cutBuffer(VARIABLES, load<u32>(f, F_FIRST_VARIABLE) + level * V_SIZE);
  store<u32>(f, level, F_ACTIVE);
}

// ---- Names

/** Writes what a name means into a descriptor: a variable, a constant, an upvalue; nothing (E_VOID) if no function has it. */
export function resolve(name: u32, e: u32): void {
  resolveIn(currentFunction(), name, e, true);
}

export function resolveEnvironment(e: u32): void { resolve(load<u32>(ENVIRONMENT_NAME), e); }

function resolveIn(f: u32, name: u32, e: u32, isInnermost: bool): void {
  if (!f) {
    setDescriptor(e, E_VOID, 0);
    return;
  }
  const active = load<u32>(f, F_ACTIVE);
  const first = variableAt(f, 0);
  for (let variable = first + active * V_SIZE; variable > first; ) {
    variable -= V_SIZE;
    if (load<u32>(variable) != name) continue;
    if (load<u32>(variable, V_KIND) == K_COMPILE_TIME) {
      setDescriptor(e, E_CONSTANT, 0);
      copyValue(e + E_VALUE, variable + V_VALUE);
      // Its name, for an error: it cannot be assigned to.
      store<u32>(e, name, E_KEY);
      return;
    }
    const index = (variable - first) / V_SIZE;
    setDescriptor(e, E_LOCAL, load<u32>(variable, V_REGISTER));
    store<u32>(e, index, E_KEY);
    if (!isInnermost) noteCapture(f, index, variable);
    return;
  }
  const count = load<u32>(f, F_UPVALUE_COUNT);
  const upvalues = load<u32>(f, F_UPVALUES);
  for (let index: u32 = 0; index < count; index++) {
    if (load<u32>(upvalues + index * UPVALUE_DESC_SIZE) != name) continue;
    setDescriptor(e, E_UPVALUE, index);
    return;
  }
  // Names that no function near has are looked for in all of them.
  if (!isInnermost) work(active + count);
  resolveIn(load<u32>(f), name, e, false);
  const kind = load<u32>(e);
  if (kind == E_LOCAL || kind == E_UPVALUE) setDescriptor(e, E_UPVALUE, addUpvalue(f, name, e, kind == E_LOCAL));
}

/** A new upvalue: a variable of the enclosing function, or one of its upvalues. @returns its index */
function addUpvalue(f: u32, name: u32, outer: u32, isLocal: bool): u32 {
  const index = load<u32>(outer, E_INFO);
  const enclosing = load<u32>(f);
  const kind = isLocal
    ? load<u32>(variableAt(enclosing, load<u32>(outer, E_KEY)), V_KIND)
    : load<u8>(load<u32>(enclosing, F_UPVALUES) + index * UPVALUE_DESC_SIZE, UPVALUE_DESC_KIND);
  return pushUpvalue(f, name, isLocal, index, kind);
}

function pushUpvalue(f: u32, name: u32, fromStack: bool, index: u32, kind: u32): u32 {
  const count = load<u32>(f, F_UPVALUE_COUNT);
  if (count >= MAX_UPVALUES) failLimit(f, 'upvalues', MAX_UPVALUES);
  const room = load<u32>(f, F_UPVALUE_ROOM);
  if (count * UPVALUE_DESC_SIZE == room) {
    const larger = max(room * 2, FIRST_UPVALUES * UPVALUE_DESC_SIZE);
    store<u32>(f, reallocateRaw(load<u32>(f, F_UPVALUES), room, larger), F_UPVALUES);
    store<u32>(f, larger, F_UPVALUE_ROOM);
  }
  const description = load<u32>(f, F_UPVALUES) + count * UPVALUE_DESC_SIZE;
  store<u32>(description, name);
  store<u32>(description, 0, 4);
  store<u8>(description, u8(fromStack), UPVALUE_DESC_FROM_STACK);
  store<u8>(description, index, UPVALUE_DESC_INDEX);
  store<u8>(description, kind, UPVALUE_DESC_KIND);
  store<u32>(f, count + 1, F_UPVALUE_COUNT);
  return count;
}

/** The upvalue of a main function. */
export function addEnvironment(f: u32): void { pushUpvalue(f, load<u32>(ENVIRONMENT_NAME), true, 0, K_REGULAR); }

/** Raises an error unless a variable or constant may be assigned to. */
export function checkAssignable(e: u32): void {
  const f = currentFunction();
  let name: u32 = 0;
  switch (load<u32>(e)) {
    case E_CONSTANT:
      name = load<u32>(e, E_KEY);
      break;
    case E_LOCAL: {
      const variable = variableAt(f, load<u32>(e, E_KEY));
      if (load<u32>(variable, V_KIND) != K_REGULAR) name = load<u32>(variable);
      break;
    }
    case E_UPVALUE: {
      const description = load<u32>(f, F_UPVALUES) + load<u32>(e, E_INFO) * UPVALUE_DESC_SIZE;
      if (load<u8>(description, UPVALUE_DESC_KIND) != K_REGULAR) name = load<u32>(description);
      break;
    }
    default:
  }
  if (!name) return;
  beginError('attempt to assign to const variable ');
  bufferName(name);
  throwSyntaxError();
}
