/** What a profiler has seen: where the program was and in which state, with the time that was so. */

/** THE states of a program, and what they are called. */
export const STATES = {
  interpreted: 'Interpreted',
  compiled: 'Compiled',
  library: 'Library functions',
  host: 'Host functions',
  collector: 'Garbage collector',
  recording: 'JIT: recording',
  compiling: 'JIT: compiling',
} as const;

export type State = keyof typeof STATES;
export const STATE_NAMES = Object.keys(STATES) as State[];

/** An active function, and where it stands. */
export interface ProfileFrame {
  /** The name it was called by, or a library function's own; undefined if none is known. */
  readonly name: string | undefined;
  /** The chunk as messages show it, and as `load` was given it (`@file`, `=name`, or the source). Both empty for library functions. */
  readonly source: string;
  readonly chunk: string;
  /** Line of the instruction; 0 if it is not known, or the function is none of the program's. */
  readonly line: number;
  /** Line in which the function begins, 0 for a chunk. */
  readonly lineDefined: number;
}

/** All samples of one stack in one state: a program that runs for hours has few of these. */
export interface Sample {
  readonly state: State;
  /** Places in `frames`, the innermost first. */
  readonly stack: readonly number[];
  /** Milliseconds: a sample stands for the time since the one before, without what the machine gave to other programs. */
  time: number;
  count: number;
}

export interface Profile {
  /** Milliseconds between two samples, as was wanted. */
  readonly interval: number;
  readonly frames: readonly ProfileFrame[];
  readonly samples: readonly Sample[];
}

/** Functions of the libraries have no lines: what they take belongs to the line that calls them. */
export const isProgram = ({ source }: ProfileFrame): boolean => source !== '';

export const sampleCount = ({ samples }: Profile): number => samples.reduce((sum, { count }) => sum + count, 0);

export const totalTime = ({ samples }: Profile): number => samples.reduce((sum, { time }) => sum + time, 0);

/** Time of each state. */
export function timeByState({ samples }: Profile): Record<State, number> {
  const times = Object.fromEntries(STATE_NAMES.map((state) => [state, 0])) as Record<State, number>;
  for (const { state, time } of samples) times[state] += time;
  return times;
}

/** The innermost line of the program's that a sample stands in. */
export const programFrame = ({ frames }: Profile, { stack }: Sample): ProfileFrame | undefined => {
  const place = stack.find((id) => isProgram(frames[id] as ProfileFrame));
  return place === undefined ? undefined : frames[place];
};
