/**
 * Binds the catalogue for one VM: says what each of its functions does there. Those of libraries that are not installed are bound to nothing, so no
 * value that a program could get hold of or make up reaches them.
 */
import { createBaseFunctions } from './base.ts';
import { HOST_FUNCTIONS, type HostFunctions } from './catalogue.ts';
import { createDebugFunctions } from './debug.ts';
import { createHostObjectFunctions } from './host-objects.ts';
import { createInternalFunctions } from './internal.ts';
import { createIoFunctions } from './io.ts';
import { createGeneratorFunctions } from './generators.ts';
import type { LibraryContext, LibraryName } from './library.ts';
import { createOsFunctions } from './os.ts';
import { createPackageFunctions } from './package.ts';

/** Each library's functions; the basic ones and those the parts written in Lua are built on are always there. */
const CREATORS: Readonly<Partial<Record<LibraryName, (context: LibraryContext) => HostFunctions>>> = {
  package: createPackageFunctions, io: createIoFunctions, os: createOsFunctions, debug: createDebugFunctions,
};

/** @param isSandbox leaves out what reaches files in the basic library */
export function bindCatalogue(context: LibraryContext, libraries: readonly LibraryName[], isSandbox: boolean): void {
  context.machine.hostObjects.bindCatalogue(() => {
    const { loadfile, ...base } = createBaseFunctions(context);
    const functions: HostFunctions = Object.assign(
      { ...base, ...(isSandbox ? {} : { loadfile }) }, createInternalFunctions(context), createHostObjectFunctions(context), createGeneratorFunctions(context),
      ...libraries.map((name) => CREATORS[name]?.(context)),
    );
    return HOST_FUNCTIONS.map((name) => functions[name]);
  });
}
