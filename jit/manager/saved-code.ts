/**
 * The code of a VM as it goes with a copy of its memory: to a fork as it is, modules and IR shared, and to an image as bytes. What the memory has itself is not in it:
 * descriptors, patched instructions, counters.
 *
 *   +0 bytes of text (u32, little endian) | text: JSON | the modules, one behind the other
 */
import { MoontraceError } from '../../src/engine/errors/errors.ts';
import type { SavedCode } from '../../src/engine/jit-port.ts';
import type { Place } from '../events.ts';
import { CODE_HASH } from '../generated/code-hash.ts';
import type { InstalledExit, SavedFunction } from '../install/trace-installer.ts';
import { RecordedTrace } from '../ir/recorded-trace.ts';
import type { FunctionCode } from './function-code.ts';
import type { KnownPrototypes } from './known-prototypes.ts';
import type { LiveTrace } from './live-traces.ts';

/** A trace that is code. Others are named by their numbers, objects by their addresses. */
export interface SavedTrace extends Pick<LiveTrace, 'length' | 'isCompiled' | 'loose' | 'quiet' | 'builds' | 'penalty'> {
  readonly trace: RecordedTrace;
  readonly place: Place;
  readonly root: number | undefined;
  readonly group: readonly number[];
  readonly embedded: readonly number[];
  readonly pins: readonly number[];
}

export interface CodeParts {
  readonly functions: readonly SavedFunction[];
  /** Roots in front of their sides. */
  readonly traces: readonly SavedTrace[];
  /** The last number of a trace. */
  readonly lastNumber: number;
  /** Loops whose code was under way: nobody finishes it. */
  readonly unfinished: readonly number[];
  readonly attempts: readonly (readonly [exit: string, attempts: number])[];
  readonly knownClosures: ReturnType<KnownPrototypes['save']>;
  readonly knownFunctions: ReturnType<FunctionCode['save']>;
}

type PackedExit = readonly [kind: InstalledExit['kind'], trace: number, snapshot: number, pc: number];

type PackedCode = Omit<CodeParts, 'functions' | 'traces'> & {
  /** Of the JIT, and of the core that the code is for. */
  readonly hash: string;
  readonly functions: readonly (Omit<SavedFunction, 'binary' | 'module' | 'exits'> & { readonly size: number; readonly exits: readonly PackedExit[] })[];
  readonly traces: readonly (Omit<SavedTrace, 'trace'> & { readonly words: readonly number[] })[];
};

const LENGTH_SIZE = 4;

export class TraceImage implements SavedCode {
  constructor(readonly parts: CodeParts) {}

  toBytes(): Uint8Array<ArrayBuffer> {
    const { functions, traces, ...rest } = this.parts;
    const packed: PackedCode = {
      ...rest, hash: CODE_HASH,
      functions: functions.map(({ binary, module: _, exits, ...others }) => ({ ...others, size: binary.length, exits: exits.map(({ kind, trace, snapshot, pc }): PackedExit => [kind, trace, snapshot, pc]) })),
      traces: traces.map(({ trace, ...others }) => ({ ...others, words: [...trace.words] })),
    };
    const text = new TextEncoder().encode(JSON.stringify(packed));
    const pieces = [text, ...functions.map(({ binary }) => binary)];
    const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, LENGTH_SIZE));
    new DataView(bytes.buffer).setUint32(0, text.length, true);
    let end = LENGTH_SIZE;
    for (const piece of pieces) {
      bytes.set(piece, end);
      end += piece.length;
    }
    return bytes;
  }
}

/** What was written is not what the JIT writes. */
export const badCode = (cause: unknown): MoontraceError => new MoontraceError('bad-image', 'its compiled code is not in order', { cause });

/** @returns undefined for code of another version, or that this engine does not take @throws MoontraceError bad-image */
export function readCode(bytes: Uint8Array): CodeParts | undefined {
  let packed: PackedCode;
  let end = LENGTH_SIZE;
  const take = (size: number): Uint8Array<ArrayBuffer> => {
    if (!(size <= bytes.length - end)) throw new RangeError('it is cut off');
    end += size;
    return bytes.slice(end - size, end);
  };
  try {
    packed = JSON.parse(new TextDecoder().decode(take(new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0, true)))) as PackedCode;
    const { hash, functions, traces, ...rest } = packed;
    if (hash !== CODE_HASH) return undefined;
    return {
      ...rest,
      functions: functions.map(({ size, exits, ...others }) => {
        const binary = take(size);
        return { ...others, exits: exits.map(([kind, trace, snapshot, pc]) => ({ kind, trace, snapshot, pc })), binary, module: new WebAssembly.Module(binary) };
      }),
      traces: traces.map(({ words, ...others }) => ({ ...others, trace: new RecordedTrace(Int32Array.from(words)) })),
    };
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return undefined;
    throw badCode(error);
  }
}
