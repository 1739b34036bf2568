/** Shapes: signatures first. */
export function initShapes(): void { unreachable(); }
/** Slot index of a short string, or -1. */
export function shapeLookup(shape: u32, key: u32): i32 { unreachable(); return -1; }
/** The child shape with one more key, 0 if the limits say dictionary mode (or memory ran out). */
export function shapeTransition(shape: u32, key: u32): u32 { unreachable(); return 0; }
/** The shape with the same keys and this metatable (0 = none); 0 as in shapeTransition. */
export function shapeWithMetatable(shape: u32, metatable: u32): u32 { unreachable(); return 0; }
export function shapeKeyAt(shape: u32, index: u32): u32 { unreachable(); return 0; }
