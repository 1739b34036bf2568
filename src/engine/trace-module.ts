/** The modules that compiled code is in, as they meet the core: what they import and export. */

/** Module of imported functions: exports of the core. */
export const IMPORT_MODULE = 'core';
/** Global (i32) with the address of the function's exit descriptors; imported by traces that call builtins. */
export const EXITS_GLOBAL = 'exits';
/** Name by which a module exports an entry. */
export const exportName = (entry: number): string => `trace${entry}`;

/**
 * Makes a module callable over a memory. It gets memory, the core's functions it imports and nothing else: importing the shared table would cost half a megabyte a trace.
 * @param exits address of its exit descriptors, if it asks for that
 */
export function instantiateTrace(module: WebAssembly.Module, memory: WebAssembly.Memory, core: WebAssembly.Exports, exits: number | undefined): WebAssembly.Exports {
  const env: WebAssembly.ModuleImports = { memory };
  if (exits !== undefined) env[EXITS_GLOBAL] = new WebAssembly.Global({ value: 'i32' }, exits);
  return new WebAssembly.Instance(module, { env, [IMPORT_MODULE]: core }).exports;
}
