/** Recording of the string library's small functions: those whose result is a byte, a length or a piece of a string. */
import { TAG_FLOAT, TAG_INT, TAG_STRING } from '../../../src/bytecode/layout.ts';
import type { IRRef } from '../../ir/trace.ts';
import { floatToInteger, isIntegral } from '../access/convert.ts';
import type { Argument, BuiltinRecorder, BuiltinRecorders } from './builtin.ts';
import type { Recording } from '../core/recording.ts';

/** An integer argument, given as integer or as a float with an integer value. */
function integerArgument(r: Recording, { value, slot }: Argument): { ref: IRRef; now: bigint } | undefined {
  if (value.tag === TAG_INT) return { ref: value.ref, now: r.heap.int(slot) };
  if (value.tag !== TAG_FLOAT || !isIntegral(r.heap.float(slot))) return undefined;
  return { ref: floatToInteger(r, value.ref), now: BigInt(r.heap.float(slot)) };
}

const length = (r: Recording, string: IRRef): IRRef => r.ir.emit('ZEXT', 'i64', r.field(string, 'string.length'));

/** string.byte(s, i) with one result. */
const byte: BuiltinRecorder = (r, args) => {
  const { ir, heap } = r;
  if (args.count < 1 || args.count > 2 || args.at(0).value.tag !== TAG_STRING) return undefined;
  const string = args.at(0);
  const position = args.count === 2 ? integerArgument(r, args.at(1)) : { ref: ir.int(1n), now: 1n };
  if (position === undefined) return undefined;
  const size = length(r, string.value.ref);
  const isNegative = position.now < 0n;
  // -1 is the last byte.
  const index = isNegative ? ir.emit('ADD', 'i64', size, position.ref) : ir.emit('SUB', 'i64', position.ref, ir.int(1n));
  const now = isNegative ? position.now + BigInt(heap.stringLength(heap.pointer(string.slot))) : position.now - 1n;
  if (now < 0n || now >= BigInt(heap.stringLength(heap.pointer(string.slot)))) return undefined;
  if (args.count === 2) ir.guard(ir.emit('LT', 'i32', position.ref, ir.int(0n)), isNegative);
  ir.guard(ir.emit('ULT', 'i32', index, size), true);
  const code = ir.emit('BYTE', 'i32', string.value.ref, ir.emit('WRAP', 'i32', index));
  return [{ ref: ir.emit('ZEXT', 'i64', code), tag: TAG_INT }];
};

export const STRING_BUILTINS: BuiltinRecorders = {
  'string.byte': byte,
  'string.len': (r, args) => {
    if (args.count < 1 || args.at(0).value.tag !== TAG_STRING) return undefined;
    return [{ ref: length(r, args.at(0).value.ref), tag: TAG_INT }];
  },
  'string.sub': (r, args) => {
    if (args.count < 2 || args.at(0).value.tag !== TAG_STRING) return undefined;
    const from = integerArgument(r, args.at(1));
    const to = args.count > 2 ? integerArgument(r, args.at(2)) : { ref: r.ir.int(-1n) };
    if (from === undefined || to === undefined) return undefined;
    const piece = r.ir.call('traceSubstring', args.at(0).value.ref, from.ref, to.ref);
    r.ir.guard(piece, true);
    return [{ ref: piece, tag: TAG_STRING }];
  },
  'string.char': (r, args) => {
    if (args.count !== 1 || args.at(0).value.tag !== TAG_INT) return undefined;
    const { ref } = args.at(0).value;
    r.ir.guard(r.ir.emit('ULT', 'i32', ref, r.ir.int(256n)), true);
    const string = r.ir.call('traceChar', ref);
    r.ir.guard(string, true);
    return [{ ref: string, tag: TAG_STRING }];
  },
};
