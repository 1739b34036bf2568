/**
 * The traces that exist: their IR, their code, what they keep alive, and how they hang together. A root with its sides is a tree; its traces
 * are first functions of their own, later one function.
 */
import { EXIT_HITS, EXIT_SIZE, TRACE_ENTERED, TRACE_PARTS, TRACE_ROUNDS, TRACE_SIZE } from '../../src/bytecode/layout.ts';
import type { Memory } from '../../src/engine/memory.ts';
import type { HeldBlock, TraceStats } from '../../src/engine/jit-port.ts';
import type { TraceUse } from '../dump/report-recorder.ts';
import type { ParentPlace, Place } from '../events.ts';
import type { InstalledExit, InstalledTrace } from '../install/trace-installer.ts';
import type { RecordedTrace } from '../ir/recorded-trace.ts';
import { placeText } from '../places.ts';

export interface LiveTrace {
  readonly number: number;
  readonly trace: RecordedTrace;
  readonly place: Place;
  readonly parent: ParentPlace | undefined;
  /** The root of its tree; itself for a root. */
  readonly root: LiveTrace | undefined;
  /** Bytecode instructions recorded. */
  readonly length: number;
  /** Library functions that a round calls in place. */
  readonly calls: number;
  /** Handles of pinned objects, and of the prototype its tree starts in (the last). */
  readonly pins: readonly number[];
  /** Its code, undefined while it is being compiled or when it has become part of its root's function. */
  installed: InstalledTrace | undefined;
  /** It has been code once. */
  isCompiled: boolean;
  /** Roots only: sides in the order they were recorded. */
  readonly sides: LiveTrace[];
  /** Roots only: sides that are not part of the tree's function yet, budget stops since the last came, times the tree was compiled. */
  loose: number;
  quiet: number;
  builds: number;
  /** Roots only: the roots that share its function, itself among them. */
  group: readonly LiveTrace[];
  /** Roots of functions only: the roots of the loops whose traces are part of its code. */
  embedded: readonly LiveTrace[];
  /** Roots only: the penalty its loop had collected when it was compiled (loop-code.ts). */
  penalty: number;
  /** What it had run at the last look at what all have saved, and at what it is good for (roots only), and how many sides it had then. */
  counted: Executed;
  judged: Executed;
  judgedSides: number;
}

/** What the code behind a descriptor has run so far (TRACE_*). */
interface Executed {
  readonly entries: number;
  readonly rounds: number;
  readonly parts: number;
}

const NOTHING_EXECUTED: Executed = { entries: 0, rounds: 0, parts: 0 };

/**
 * What an instruction costs in the interpreter more than in a trace, and what it costs to enter and leave one, in milliseconds. Loops of nine kinds with 2 to 32
 * rounds show 1.5 to 4 ns and 5 to 46 ns; code that V8 has not optimised yet, and paths that leave early, gain less.
 */
const INSTRUCTION_GAIN = 2e-6;
const ENTRY_COST = 50e-6;
/** What it loses by calling a library function in place, for which the stack has to be in order, in instructions: loops of gmatch and format take 10 to 20 ns longer than interpreted. */
const CALL_LOSS = 10;

/** A trace that has just been recorded. */
export function newLiveTrace(
  trace: RecordedTrace, place: Place, length: number, pins: readonly number[], side: { readonly parent: ParentPlace; readonly root: LiveTrace } | undefined,
): LiveTrace {
  return {
    number: trace.number, trace, place, length, calls: trace.callsInRound, pins, parent: side?.parent, root: side?.root, installed: undefined, isCompiled: false, sides: [],
    loose: 0, quiet: 0, builds: 0, group: [], embedded: [], penalty: 0, counted: NOTHING_EXECUTED, judged: NOTHING_EXECUTED, judgedSides: 0,
  };
}

/** The roots that share this one's function. */
export const groupOf = (root: LiveTrace): readonly LiveTrace[] => (root.group.length === 0 ? [root] : root.group);

/** Bytecode instructions of a round: of the loop, or of a call of the function, some of whose ways are short. */
function roundLength({ trace, length, sides }: LiveTrace): number {
  return trace.functionProto === 0 ? length : sides.reduce((sum, side) => sum + side.length, length) / (sides.length + 1);
}

/** What was executed between two looks, and what that is worth in instructions of other traces. The counts wrap around. */
function executedSince(before: Executed, now: Executed, live: LiveTrace): { entries: number; instructions: number; worth: number } {
  const grown = (name: keyof Executed): number => (now[name] - before[name]) >>> 0;
  const rounds = grown('rounds');
  const instructions = rounds * roundLength(live) + grown('parts');
  return { entries: grown('entries'), instructions, worth: instructions - rounds * live.calls * CALL_LOSS };
}

export class LiveTraces {
  /** Instructions of the program that ran in compiled code until the last look at what it has saved. */
  instructions = 0;
  /** Milliseconds that code which is gone has saved since then. */
  #saved = 0;
  readonly #memory: Memory;
  readonly #byNumber = new Map<number, LiveTrace>();
  readonly #byDescriptor = new Map<number, LiveTrace>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  get size(): number {
    return this.#byNumber.size;
  }

  add(live: LiveTrace): void {
    this.#byNumber.set(live.number, live);
    live.root?.sides.push(live);
  }

  /** Its code is there. */
  install(live: LiveTrace, installed: InstalledTrace): void {
    live.installed = installed;
    this.#byDescriptor.set(installed.descriptor, live);
  }

  /** Its code is going; its descriptor is still there. */
  uninstall(live: LiveTrace): void {
    this.#saved += this.#savedBy(live);
    if (live.installed !== undefined) this.#byDescriptor.delete(live.installed.descriptor);
    live.installed = undefined;
  }

  remove(live: LiveTrace): void {
    this.uninstall(live);
    this.#byNumber.delete(live.number);
  }

  get(number: number): LiveTrace | undefined {
    return this.#byNumber.get(number);
  }

  atDescriptor(descriptor: number): LiveTrace | undefined {
    return this.#byDescriptor.get(descriptor);
  }

  /** The exit with this descriptor. @param descriptor of the trace that was entered, which may have called the function that left */
  exitAt(exit: number, descriptor: number): InstalledExit | undefined {
    const find = (live: LiveTrace | undefined): InstalledExit | undefined => live?.installed?.exits[live.installed.exitAt(exit) ?? -1];
    const found = find(this.atDescriptor(descriptor));
    if (found !== undefined) return found;
    for (const live of this.#byDescriptor.values()) {
      const other = find(live);
      if (other !== undefined) return other;
    }
    return undefined;
  }

  /** Is there a side trace at this exit of one of the tree's traces? */
  hasSide(root: LiveTrace, trace: number, snapshot: number): boolean {
    return root.sides.some(({ parent }) => parent?.trace === trace && parent.exit === snapshot);
  }

  all(): LiveTrace[] {
    return [...this.#byNumber.values()];
  }

  roots(): LiveTrace[] {
    return this.all().filter(({ root }) => root === undefined);
  }

  /** Memory of descriptors: those of traces, and of the exits of functions, which several may share. */
  blocks(): readonly HeldBlock[] {
    const blocks = new Map<number, number>();
    for (const { installed } of this.#byNumber.values()) {
      if (installed === undefined) continue;
      blocks.set(installed.descriptor, TRACE_SIZE);
      blocks.set(installed.exitBlock.address, installed.exitBlock.size);
    }
    return [...blocks];
  }

  /** Milliseconds that compiled code has saved since the last look, by its rounds and entries; negative if it lost time. */
  savedTime(): number {
    let saved = this.#saved;
    this.#saved = 0;
    for (const live of this.#byNumber.values()) saved += this.#savedBy(live);
    return saved;
  }

  #savedBy(live: LiveTrace): number {
    if (live.installed === undefined) return 0;
    const executed = this.#executed(live.installed);
    const { entries, instructions, worth } = executedSince(live.counted, executed, live);
    this.instructions += instructions;
    live.counted = executed;
    return worth * INSTRUCTION_GAIN - entries * ENTRY_COST;
  }

  #executed({ descriptor }: InstalledTrace): Executed {
    const at = (offset: number): number => this.#memory.load(descriptor + offset);
    return { entries: at(TRACE_ENTERED), rounds: at(TRACE_ROUNDS), parts: at(TRACE_PARTS) };
  }

  /**
   * Bytecode instructions a root ran per entry since the last look, less what its calls of library functions lost; undefined while there were not enough entries,
   * and while it grows: the next side may be what it lacks.
   */
  instructionsPerEntry(root: LiveTrace, leastEntries: number): number | undefined {
    if (root.installed === undefined) return undefined;
    const executed = this.#executed(root.installed);
    const { entries, worth } = executedSince(root.judged, executed, root);
    if (entries < leastEntries) return undefined;
    const hasGrown = root.sides.length > root.judgedSides;
    root.judged = executed;
    root.judgedSides = root.sides.length;
    return hasGrown ? undefined : worth / entries;
  }

  /**
   * Kinds of objects (shapes, functions) that the instruction at an exit has met: side traces in a row that each begin at the first exit of the
   * one before, since a guard at their beginning failed. Objects whose metatables each have other metamethods are of a new kind each.
   */
  kindsMet(owner: LiveTrace, exit: number): number {
    let kinds = 0;
    let live: LiveTrace | undefined = owner;
    for (let at = exit; at === 0 && live?.parent !== undefined; live = this.#byNumber.get(live.parent.trace)) {
      kinds++;
      at = live.parent.exit;
    }
    return kinds;
  }

  /** What a trace has done; undefined if there is no such trace. */
  useOf(number: number): TraceUse | undefined {
    const live = this.#byNumber.get(number);
    if (live === undefined) return undefined;
    const memory = this.#memory;
    const code = live.installed ?? live.root?.installed;
    const exits = (code?.exits ?? []).flatMap(({ kind, trace, snapshot, pc }, n) =>
      kind === 'guard' && trace === number ? [{ snapshot, pc, hits: memory.load(code!.exitAddress(n) + EXIT_HITS) }] : []);
    return { entered: live.installed === undefined ? 0 : memory.load(live.installed.descriptor + TRACE_ENTERED), exits };
  }

  statsOf({ number, place, trace, installed }: LiveTrace): TraceStats {
    const { link } = trace;
    const memory = this.#memory;
    return {
      number,
      where: placeText(place),
      link: link.kind === 'root' ? `trace ${link.trace}` : link.kind,
      entered: installed === undefined ? 0 : memory.load(installed.descriptor + TRACE_ENTERED),
      rounds: installed === undefined ? 0 : memory.load(installed.descriptor + TRACE_ROUNDS),
      exits: installed === undefined ? [] : installed.exits.map((_, n) => memory.load(installed.exitBlock.address + n * EXIT_SIZE + EXIT_HITS)),
    };
  }
}
