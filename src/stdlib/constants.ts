/** Values, other than functions, that the host puts into the library tables. Integers are bigint, floats number. */
export const LIBRARY_CONSTANTS: readonly { readonly library: string; readonly name: string; readonly value: bigint | number | string }[] = [
  { library: '', name: '_VERSION', value: 'Lua 5.4' },
  { library: 'math', name: 'pi', value: Math.PI },
  { library: 'math', name: 'huge', value: Number.POSITIVE_INFINITY },
  { library: 'math', name: 'maxinteger', value: 2n ** 63n - 1n },
  { library: 'math', name: 'mininteger', value: -(2n ** 63n) },
];
