/** io.read("n"): takes the longest prefix that looks like a numeral, up to 200 bytes, as l_read_number of PUC. */
import { parseNumeral } from './parse-numeral.ts';
import type { Stream } from './streams.ts';

const MAX_NUMERAL = 200;
const isSpace = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13);

/** @returns the number; undefined if there is none */
export function readNumeral(stream: Stream): number | bigint | undefined {
  let text = '';
  const next = (): string => {
    const byte = stream.peek();
    return byte < 0 ? '' : String.fromCharCode(byte);
  };
  const take = (): boolean => {
    if (text.length >= MAX_NUMERAL) {
      text = '';
      return false;
    }
    text += next();
    stream.skip();
    return true;
  };
  /** Takes the next byte if it is one of `set`. */
  const accept = (set: string): boolean => {
    const char = next();
    return char !== '' && set.includes(char) && take();
  };
  const digits = (isHex: boolean): number => {
    let count = 0;
    while ((isHex ? /^[0-9a-fA-F]$/ : /^[0-9]$/).test(next()) && take()) count++;
    return count;
  };

  while (isSpace(stream.peek())) stream.skip();
  accept('+-');
  let isHex = false;
  let count = 0;
  if (accept('0')) {
    if (accept('xX')) isHex = true;
    else count = 1;
  }
  count += digits(isHex);
  if (accept('.')) count += digits(isHex);
  if (count > 0 && accept(isHex ? 'pP' : 'eE')) {
    accept('+-');
    digits(false);
  }
  return parseNumeral(text);
}
