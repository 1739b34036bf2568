/** Constants that scripts/build-core.mjs gives to the compiler, for tsc. */
/** Whether this is the debug build. */
declare const CHECKED: bool;
