/** THE table of reasons why a recording is given up or a trace is not compiled. `-j v` and the statistics name them. */
export const ABORT_REASONS = {
  'trace-too-long': 'more instructions than maxrecord',
  'too-slow': 'it took more time than the account has',
  'too-many-constants': 'more constants than maxirconst',
  'too-many-snapshots': 'more exits than maxsnap',
  'leaves-root-frame': 'the function that holds the loop returned',
  'inner-loop': 'an inner loop is not compiled yet',
  'loop-unroll-limit': 'an inner loop was unrolled too often',
  'inline-depth': 'calls nested deeper than maxinline',
  'recursion': 'a recursive call was unrolled too often',
  'type-instability': 'a slot changes its type from iteration to iteration',
  'unsupported-instruction': 'an instruction the recorder does not know',
  'unsupported-metamethod': 'a metamethod the recorder does not follow',
  'unsupported-call': 'a call of something that is neither a Lua function nor a builtin',
  'coroutine-switch': 'another coroutine is resumed, or this one yields',
  'varargs': 'variable arguments whose number is not known',
  'error': 'the program raised an error while recording',
  'interrupted': 'the host took control while recording',
  'blacklisted-callee': 'the callee or loop inside is blacklisted',
  'side-limit': 'more side traces than maxside',
  'megamorphic': 'an instruction met objects of more kinds than maxkinds',
  'backend-declined': 'the backend declines everything (null)',
  'wasm-refused': 'the Wasm engine refused the module',
  'compile-error': 'lowering or the backend failed (a bug: please report)',
  'polymorphic': 'a function has several closures: its callers are recorded anew',
  'unprofitable': 'the trace left after too few iterations',
  'abandoned': 'it names objects that nothing else refers to',
  'collected': 'the function that holds the loop is garbage',
} as const;

export type AbortReason = keyof typeof ABORT_REASONS;

/** Thrown by the recorder to give up; caught by the trace manager only. */
export class RecordingAborted extends Error {
  override readonly name = 'RecordingAborted';
  constructor(
    readonly reason: AbortReason,
    /** More on where and why, for -j v. */
    readonly detail = '',
  ) {
    super(detail === '' ? ABORT_REASONS[reason] : `${ABORT_REASONS[reason]}: ${detail}`);
  }
}
