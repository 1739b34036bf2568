/** "stack traceback:" as luaL_traceback writes it. */
import type { Activation, Frames } from './frames.ts';
import type { FunctionNames } from './function-names.ts';

/** Levels shown at the top and at the bottom of a long traceback. */
const FIRST_LEVELS = 10;
const LAST_LEVELS = 11;
const RING = LAST_LEVELS + 1;

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
    const first: Activation[] = [];
    // A ring of the outermost ones: a stack may be a million functions deep.
    const last: Activation[] = [];
    let count = 0;
    let skipped = level;
    const visit = (activation: Activation): boolean | 'pass' => {
      // There is nothing above the running function.
      if (level < 0) return false;
      if (skipped-- > 0 || this.#isHelper(activation)) return true;
      if (count < FIRST_LEVELS) first.push(activation);
      else last[(count - FIRST_LEVELS) % RING] = activation;
      count++;
      return count < FIRST_LEVELS ? true : 'pass';
    };
    this.#frames.visitLevels(thread, visit, (passed) => {
      count += passed;
    });
    const lines = ['stack traceback:', ...first.flatMap((activation) => this.#describe(activation))];
    const inRing = count - first.length;
    // One level may take the place of the line about skipped levels, and that line does not count itself (as in luaL_traceback).
    const left = inRing - RING;
    if (left > 0) lines.push(`...\t(skipping ${left} levels)`);
    for (let index = left > 0 ? left + 1 : 0; index < inRing; index++) lines.push(...this.#describe(last[index % RING] as Activation));
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
