/** All attack programs, by kind. */
import { api } from './kinds/api.ts';
import { builtins } from './kinds/builtins.ts';
import { collector } from './kinds/collector.ts';
import { compiling } from './kinds/compile.ts';
import { coroutines, loops, metamethods } from './kinds/control.ts';
import { errors, output } from './kinds/errors.ts';
import { hashes } from './kinds/hashes.ts';
import { jit } from './kinds/jit.ts';
import { memory } from './kinds/memory.ts';
import { operators, straightLines } from './kinds/operators.ts';
import { chunks, sandbox } from './kinds/sandbox.ts';
import { largeTables, longTexts } from './kinds/sizes.ts';
import { numerals, patterns, strings } from './kinds/texts.ts';
import type { Kind, Package } from './program.ts';

export const allKinds = (moontrace: Package): readonly Kind[] => [
  loops, metamethods, coroutines, operators, straightLines, builtins(moontrace), patterns, numerals, strings, largeTables, longTexts, collector, compiling, memory, output, errors, hashes, jit, chunks, sandbox, api,
];
