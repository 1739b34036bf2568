/** The built package, under the name that users have for it. Its types are those of the sources: declarations are built last, and not always. */
import type { Package } from './program.ts';

const load = async (name: string): Promise<Package> => (await import(name)) as Package;

export const moontrace: Package = { ...(await load('moontrace')), ...(await load('moontrace/jit')) };
