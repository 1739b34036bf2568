/** "stack traceback:" as luaL_traceback writes it. */
import type { Activation, Frames } from './frames.ts';
import type { FunctionNames } from './function-names.ts';

/** Levels shown at the top and at the bottom of a long traceback. */
const FIRST_LEVELS = 10;
const LAST_LEVELS = 11;

export class Traceback {
  readonly #frames: Frames;
  readonly #names: FunctionNames;

  constructor(frames: Frames, names: FunctionNames) {
    this.#frames = frames;
    this.#names = names;
  }

  /**
   * The traceback of a thread as a byte string, ending without a newline.
   * @param level active functions to leave out at the top
   */
  text(level: number, thread = this.#frames.thread): string {
    // There is nothing above the running function.
    const all = level < 0 ? [] : this.#frames.levels(thread).slice(level).filter((activation) => !this.#isHelper(activation));
    const lines = ['stack traceback:'];
    // One level may take the place of the line about skipped levels, and that line does not count itself (as in luaL_traceback).
    const skipped = all.length - FIRST_LEVELS - LAST_LEVELS - 1;
    all.forEach((activation, index) => {
      if (skipped > 0 && index >= FIRST_LEVELS && index <= FIRST_LEVELS + skipped) {
        if (index === FIRST_LEVELS) lines.push(`...\t(skipping ${skipped} levels)`);
        return;
      }
      lines.push(...this.#describe(activation));
    });
    return lines.join('\n\t');
  }

  /** A nameless function that a Lua-written library function has made for its own use. */
  #isHelper({ func, frame, caller }: Activation): boolean {
    return this.#frames.isBuiltinFrame(frame) && this.#frames.isBuiltinFrame(caller) && this.#names.globalName(func) === undefined;
  }

  #describe(activation: Activation): string[] {
    if (activation.func === 0) return ['[C]: in ?'];
    const line = `${this.#place(activation)} in ${this.#names.describe(activation)}`;
    return activation.isTail ? [line, '(...tail calls...)'] : [line];
  }

  #place({ frame }: Activation): string {
    if (frame === 0 || this.#frames.isBuiltinFrame(frame)) return '[C]:';
    const proto = this.#frames.prototype(frame);
    const line = this.#frames.lineAt(proto, this.#frames.pc(frame));
    return `${this.#frames.shortSource(proto)}:${line > 0 ? `${line}:` : ''}`;
  }
}
