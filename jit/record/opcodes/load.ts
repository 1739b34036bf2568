/** Recording of moves, constants and jumps. */
import type { OpName } from '../../../src/bytecode/opcode-table.ts';
import { TAG_FLOAT, TAG_INT } from '../../../src/bytecode/layout.ts';
import type { RecordFunction } from '../core/recording.ts';
import { booleanValue, FALSE, isFalsyTag, NIL, TRUE } from '../core/value.ts';

export const LOAD_RECORDERS: { readonly [name in OpName]?: RecordFunction } = {
  MOVE: (r, { a, b }) => r.write(a, r.read(b)),
  LOADI: (r, { a, d }) => r.write(a, { ref: r.ir.int(BigInt(d)), tag: TAG_INT }),
  LOADF: (r, { a, d }) => r.write(a, { ref: r.ir.float(d), tag: TAG_FLOAT }),
  LOADK: (r, { a, d }) => r.write(a, r.constant(d * 16)),
  LOADNIL: (r, { a, b }) => {
    for (let n = 0; n <= b; n++) r.write(a + 16 * n, NIL);
  },
  LOADFALSE: (r, { a }) => r.write(a, FALSE),
  LOADTRUE: (r, { a }) => r.write(a, TRUE),
  LFALSESKIP: (r, { a }) => r.write(a, FALSE),
  NOT: (r, { a, b }) => r.write(a, booleanValue(isFalsyTag(r.read(b).tag))),
  JMP: () => undefined,
};
