/** A trace that lowering cannot express: a bug in the recorder or the optimiser, reported as abort reason 'compile-error'. */
export class LoweringError extends Error {
  override readonly name = 'LoweringError';
}
