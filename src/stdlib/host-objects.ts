/** Metamethods of host objects in Lua's hands: opaque, but they print as the host prints them; an exception reads as its message. */
import { TAG_STRING } from '../bytecode/layout.ts';
import { isHostError, textOfHost } from '../engine/host-values.ts';
import { encodeText, toByteString } from '../engine/text.ts';
import type { HostFunctions } from './catalogue.ts';
import type { LibraryContext } from './library.ts';

export function createHostObjectFunctions({ machine, args }: LibraryContext): HostFunctions {
  const { slots, errors } = machine;
  const textOf = (slot: number): string => toByteString(encodeText(textOfHost(machine.values.toHost(slot))));

  const tostring = (base: number, count: number): number => {
    args.checkAny(count, 1);
    return args.text(base, textOf(base));
  };

  /** An operand of `..` */
  const operandText = (base: number, count: number, n: number): string => {
    const slot = args.slot(base, n);
    if (n <= count && (slots.tag(slot) === TAG_STRING || slots.isNumber(slot))) return args.checkText(base, count, n);
    if (n <= count && isHostError(machine.values.toHost(slot))) return textOf(slot);
    return errors.throwMessage(`attempt to concatenate a ${n <= count ? slots.operandType(slot) : 'nil'} value`);
  };

  return {
    'object metatable.__tostring': tostring,
    'error metatable.__tostring': tostring,
    'error metatable.__concat': (base, count) => args.text(base, operandText(base, count, 1) + operandText(base, count, 2)),
  };
}
