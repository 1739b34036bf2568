/** AssemblyScript's names for the number types, so that tsc accepts layout.ts as asc does. */
declare type u32 = number;
declare type i32 = number;
