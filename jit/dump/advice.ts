/** What the JIT's reasons ask of somebody who wants the program faster. */
import type { ReportReason } from '../../src/engine/jit-report.ts';
import { ABORT_REASONS, type AbortReason } from '../abort-reasons.ts';

const NOTHING = '';

/** What to change in the program, by reason; nothing where the JIT goes on by itself. */
const ADVICE: Readonly<Record<AbortReason, string>> = {
  'trace-too-long': 'Split the loop: move a part of its body into a loop of its own, or out of it what is the same in each iteration.',
  'too-slow': NOTHING,
  'too-many-constants': 'Split the loop, or keep its constants in a table.',
  'too-many-snapshots': 'Split the loop: it has too many branches and calls for one piece of code.',
  'leaves-root-frame': 'The loop is left before it comes round. If it usually ends in its first iteration, it is not worth compiling; the loop that calls the function may be.',
  'inner-loop': NOTHING,
  'loop-unroll-limit': 'An inner loop runs a few times only, but not always as often. If it always has the same few rounds, write them out.',
  'inline-depth': 'Calls are nested too deep. Call fewer small functions through one another in the hot loop.',
  'recursion': 'A function that calls itself is compiled once it has run for some milliseconds, but not with variable arguments. Give it named ones, or use a loop with a table as its stack.',
  'type-instability': 'A variable holds another type in each iteration, an integer and then a float for instance. Begin with the type it will have: `local sum = 0.0` if it becomes a float.',
  'unsupported-instruction': 'Keep `local x <close>` out of the hot loop.',
  'unsupported-metamethod': 'Call a function in place of the operator or the access with this metamethod, or keep it out of the hot loop.',
  'unsupported-call': 'A value with `__call` or a function like error, pcall, collectgarbage is called. Call the function itself, and keep pcall outside of the loop: around it rather than in it.',
  'coroutine-switch': 'Coroutines are switched in the hot loop. Let each resume do more work, or pass a callback in place of yielding each value.',
  'varargs': 'Pass a table or a fixed number of arguments in the hot loop in place of `...`.',
  'error': 'The program raises errors in its hot loop. Return nil and a message for what is expected to happen.',
  'interrupted': NOTHING,
  'blacklisted-callee': 'What it calls cannot be compiled: look at that loop first.',
  'side-limit': 'The loop takes too many different ways. Sort what it works on by kind and handle each kind in a loop of its own, or look functions up in a table in place of a long if-chain.',
  'megamorphic': 'One line meets objects with many different sets of fields. Give all objects the same fields, set in the same order in one constructor, and one metatable for each class.',
  'backend-declined': 'The backend that was chosen compiles nothing.',
  'wasm-refused': 'The machine has no room for more code, or the code is too large: make the loop smaller.',
  'compile-error': 'This is a fault of the JIT. Please report it, with the program.',
  'polymorphic': NOTHING,
  'unprofitable': 'The loop runs too few rounds each time to pay for entering its code. Make the loop around it the hot one: iterate over one long list rather than many short ones.',
  'abandoned': NOTHING,
  'collected': 'The function with this loop was made anew and thrown away again. Define functions once, outside of what runs often, and do not load the same source many times.',
};

export const reasonOf = (name: AbortReason): ReportReason => ({ name, meaning: ABORT_REASONS[name], advice: ADVICE[name] });
