/** What a profiler has seen: samples of where the program was and in which state, each with the time it stands for. */

/** THE states of a program, and what they are called. */
export const STATES = {
  interpreted: 'Interpreted',
  compiled: 'Compiled',
  library: 'Library functions',
  host: 'Host functions',
  collector: 'Garbage collector',
  engine: 'Engine: between slices',
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

export interface Sample {
  readonly state: State;
  /** Places in `frames`, the innermost first. */
  readonly stack: readonly number[];
  /** Milliseconds it stands for: the time since the sample before. */
  readonly time: number;
}

export interface Profile {
  /** Milliseconds between two samples, as was wanted. */
  readonly interval: number;
  /** Part of the time that the process had a processor, 0 to 1: on a busy machine, or where it waited, less than it took. */
  readonly running: number;
  readonly frames: readonly ProfileFrame[];
  readonly samples: readonly Sample[];
}

/** Functions of the libraries have no lines: what they take belongs to the line that calls them. */
export const isProgram = ({ source }: ProfileFrame): boolean => source !== '';

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
