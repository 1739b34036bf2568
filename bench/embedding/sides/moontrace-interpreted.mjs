// The same without a JIT.
import { prepare as prepareWith } from './moontrace.mjs'

export { close, create, run } from './moontrace.mjs'
export const prepare = () => prepareWith({})
