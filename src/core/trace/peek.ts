/** Plain accesses to memory for the JIT's core, whose own memory is another: it reads the program it records. */

export function load32(address: u32): u32 { return load<u32>(address); }
export function load8(address: u32): u32 { return load<u8>(address); }
export function load64(address: u32): i64 { return load<i64>(address); }
export function loadFloat(address: u32): f64 { return load<f64>(address); }
export function store32(address: u32, value: u32): void { store<u32>(address, value); }
export function store64(address: u32, value: i64): void { store<i64>(address, value); }
