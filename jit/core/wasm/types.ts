/** Wasm's encoding of types. Types are numbers of `Type`; VOID stands for no result. */
import { Type } from '../generated/ir-tables';

/** A block without a result. */
export const BLOCK_VOID: i32 = 0x40;

export function typeCode(type: i32): i32 {
  return type == Type.I32 ? 0x7f : type == Type.I64 ? 0x7e : type == Type.F64 ? 0x7c : BLOCK_VOID;
}
