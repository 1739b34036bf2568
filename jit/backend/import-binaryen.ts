/**
 * Imports the optional package Binaryen. In the package this is a module of its own, with its comments: by them bundlers leave the import alone, so that
 * a bundle neither has Binaryen in it nor fails without it.
 */
import type binaryenModule from 'binaryen';

export type Binaryen = typeof binaryenModule;

/** With a name that they cannot see there is nothing to resolve; the comments are for those that warn of it. */
const importPackage = (name: string): Promise<unknown> => import(/* webpackIgnore: true */ /* @vite-ignore */ name);

export const importBinaryen = () => importPackage('binaryen') as Promise<{ readonly default: Binaryen }>;
