/** The command as a user has it: on the path, under its name. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Installed {
  /** The variables under which a shell finds it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Puts `moontrace` into a folder below `folder`. */
export function install(folder: string): Installed {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(join(import.meta.dirname, '../../dist/cli.cjs'), join(bin, 'moontrace'));
  return { environment: { PATH: `${bin}${delimiter}${process.env['PATH']}` } };
}
