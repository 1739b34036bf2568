/**
 * Function code as words, for the host:
 *
 *     entries, parameters
 *     lists, each behind its length: imports (Helper, CoreCall), globals (imports.ts), types of the locals, body (empty if nobody asks for it)
 *     bytes of the encoded module, behind their number
 */
import { WordReader, WordWriter } from '../ir/flat';
import { ByteWriter } from './byte-writer';
import { coalesceLocals } from './coalesce-locals';
import { encodeModule } from './encoder';
import { FunctionCode } from './function-code';

export function writeCode(code: FunctionCode, out: WordWriter, withBody: bool): void {
  out.put(code.entries);
  out.put(code.parameters);
  writeList(code.imports, out);
  writeList(code.globals, out);
  writeList(code.locals, out);
  if (withBody) writeList(code.body, out);
  else out.put(0);
  writeBytes(encodeModule(code), out);
}

function writeList(list: Array<i32>, out: WordWriter): void {
  out.put(list.length);
  for (let i = 0; i < list.length; i++) out.put(list[i]);
}

function writeBytes(bytes: ByteWriter, out: WordWriter): void {
  out.put(bytes.length);
  while ((bytes.length & 3) != 0) bytes.byte(0);
  for (let at = 0; at < bytes.length; at += 4) out.put(load<i32>(bytes.address + at));
}

/** Tests: encodes code that was made by hand. @param words it, without the bytes @param coalesces its locals @returns address of words: all of them, then the code */
export function encodeCode(words: usize, coalesces: bool): usize {
  const reader = new WordReader(words);
  const entries = reader.next();
  const code = new FunctionCode(entries, reader.next());
  readList(reader, code.imports);
  readList(reader, code.globals);
  readList(reader, code.locals);
  readList(reader, code.body);
  if (coalesces) coalesceLocals(code);
  const out = new WordWriter();
  out.put(0);
  writeCode(code, out, true);
  out.words[0] = out.words.length;
  return out.words.dataStart;
}

function readList(words: WordReader, list: Array<i32>): void {
  for (let rest = words.next(); rest > 0; rest--) list.push(words.next());
}
