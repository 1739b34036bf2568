/** The static stacks: of descriptors, blocks and functions, as deep as nesting may be. */
import { COMPILE_FAILED } from '../../../bytecode/layout';
import { throwBareText } from '../../base/raise';
import { BLOCK_TOP, DESCRIPTOR_TOP, FUNCTION, FUNCTION_TOP } from './cells';
import { B_SIZE, E_SIZE, F_SIZE } from './records';

/**
 * Nested statements, expressions and targets. PUC allows 200 C levels, of which `load` called by a main chunk finds three in use.
 * It bounds the recursion of the compiler on the host's stack.
 */
export const MAX_NESTING: u32 = 197;
/** Room for what one level puts on the stacks: 5 descriptors, 3 blocks, 1 function. */
const DESCRIPTORS_SIZE: i32 = 995 * 32;
const BLOCKS_SIZE: i32 = 597 * 36;
const FUNCTIONS_SIZE: i32 = 199 * 84;
const DESCRIPTORS = <u32>memory.data(DESCRIPTORS_SIZE, 16);
const DESCRIPTORS_END: u32 = DESCRIPTORS + DESCRIPTORS_SIZE;
const BLOCKS = <u32>memory.data(BLOCKS_SIZE, 16);
const BLOCKS_END: u32 = BLOCKS + BLOCKS_SIZE;
const FUNCTIONS = <u32>memory.data(FUNCTIONS_SIZE, 16);
const FUNCTIONS_END: u32 = FUNCTIONS + FUNCTIONS_SIZE;

/** Raises PUC's error of nesting. Does not return. */
export function throwNesting(): void {
  store<u32>(COMPILE_FAILED, 1);
  throwBareText('C stack overflow');
}

/** Where the stack of descriptors begins. */
export function firstDescriptor(): u32 { return DESCRIPTORS; }

/** The function whose code is made. */
// @ts-ignore: decorator
@inline export function currentFunction(): u32 { return load<u32>(FUNCTION); }

/** A new block record on its stack. */
export function pushBlock(): u32 {
  const block = load<u32>(BLOCK_TOP);
  if (block == BLOCKS_END) throwNesting();
  store<u32>(BLOCK_TOP, block + B_SIZE);
  memory.fill(block, 0, B_SIZE);
  return block;
}

/** A new function record on its stack, zeroed. */
export function pushFunction(): u32 {
  const f = load<u32>(FUNCTION_TOP);
  if (f == FUNCTIONS_END) throwNesting();
  store<u32>(FUNCTION_TOP, f + F_SIZE);
  memory.fill(f, 0, F_SIZE);
  return f;
}

/** A new descriptor on its stack; giving it back is setting DESCRIPTOR_TOP to it. */
// @ts-ignore: decorator
@inline export function pushDescriptor(): u32 {
  const e = load<u32>(DESCRIPTOR_TOP);
  if (e == DESCRIPTORS_END) throwNesting();
  store<u32>(DESCRIPTOR_TOP, e + E_SIZE);
  return e;
}

/** Empties the static stacks. */
export function resetStacks(): void {
  store<u32>(DESCRIPTOR_TOP, DESCRIPTORS);
  store<u32>(BLOCK_TOP, BLOCKS);
  store<u32>(FUNCTION_TOP, FUNCTIONS);
}
