/** Shorthands of the compiler's tests: sources as byte strings (one char per byte), listings, and the reference implementation. */
import { execFileSync } from 'node:child_process';
import { disassemble } from '../../support/disassembler.ts';
import type { Prototype } from '../../support/prototype.ts';
import { LuaError } from '../../../src/engine/errors/errors.ts';
import { fromByteString } from '../../../src/engine/text.ts';
import { compileSource } from '../../support/binary-chunk.ts';

export const CHUNK_NAME = '=c';

export const compileText = (text: string): Prototype => compileSource(fromByteString(text), CHUNK_NAME);

/** Listing of a source, its functions in order, without titles, line numbers and padding. */
export function listCode(text: string): string {
  return disassemble(compileText(text))
    .split('\n')
    .map((line) => line.replace(/^(main|function) <.*$/, '$1').replace(/^ *(\d+) \[-?\d+\] +/, '$1 ').replace(/ {2,}/g, ' '))
    .join('\n');
}

/** Message of the syntax error a source has, undefined if it compiles. */
export function errorOf(text: string): string | undefined {
  try {
    compileText(text);
    return undefined;
  } catch (error) {
    if (error instanceof LuaError && error.code === 'syntax') return error.message;
    throw error;
  }
}

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

/** Messages of `lua5.4` for the same sources, in one run. */
export function referenceErrors(sources: readonly string[]): (string | undefined)[] {
  const script = `
    for line in io.lines() do
      local source = line:gsub('%x%x', function(digits) return string.char(tonumber(digits, 16)) end)
      local f, message = load(source, '${CHUNK_NAME}')
      if f then print('') else
        message = message:gsub('\\nstack traceback:.*', '')
        print((message:gsub('.', function(c) return ('%02x'):format(c:byte()) end)))
      end
    end`;
  const input = `${sources.map(hex).join('\n')}\n`;
  const output = execFileSync('lua5.4', ['-e', script], { input, encoding: 'latin1', maxBuffer: 1 << 26 });
  return output.trimEnd().split('\n').map((line) => (line === '' ? undefined : Buffer.from(line, 'hex').toString('latin1')));
}
