/**
 * What tests need that is no part of the package: programs to compare with or to run in. Where one is missing its tests are skipped, and their titles
 * say so (`as lua5.4 [needs lua5.4]`): scripts/verify.mjs counts them by these notes and says what to install.
 */
import { spawnSync } from 'node:child_process';

export class Need {
  readonly #name: string;
  readonly #isThere: () => boolean;
  #isMissing: boolean | undefined;

  constructor(name: string, isThere: () => boolean) {
    this.#name = name;
    this.#isThere = isThere;
  }

  get isMissing(): boolean {
    this.#isMissing ??= !this.#isThere();
    return this.#isMissing;
  }

  /** The title of what needs it. */
  title(text: string): string {
    return this.isMissing ? `${text} [needs ${this.#name}]` : text;
  }
}

const program = (name: string, option: string): Need => new Need(name, () => spawnSync(name, [option], { stdio: 'ignore' }).status === 0);

/** The reference implementation. */
export const LUA54 = program('lua5.4', '-v');
export const LUAC54 = program('luac5.4', '-v');
/** Shows pages. */
export const CHROMIUM = program('chromium', '--version');
/** Gives a program a terminal. */
export const SCRIPT = program('script', '--version');
