/** Entry of the front end: a source text to the prototype of its main function. */
import { Op } from '../bytecode/opcode-table.ts';
import type { Prototype } from '../bytecode/prototype.ts';
import type { FunctionBody } from './ast.ts';
import { compileStatements, emitReturn } from './compile-statement.ts';
import { type Chunk, FunctionState } from './function-state.ts';
import type { SourceReader } from './lexer.ts';
import { parseChunk } from './parser.ts';

/**
 * Compiles a chunk of Lua 5.4 to its main function, a vararg function whose one upvalue is _ENV.
 *
 * @param source bytes of the chunk, or what reads them piece by piece; an initial `#` line is the caller's to remove
 * @param chunkName as PUC has it: `@file`, `=name`, or the source text. It, names and messages have one char (0..255) per byte.
 * @throws LuaSyntaxError with PUC's message, position included
 */
export function compileChunk(source: Uint8Array | SourceReader, chunkName: string): Prototype {
  const parsed = parseChunk(source, chunkName);
  return compileFunction({ source: parsed.source, name: chunkName, compileFunction }, parsed.body);
}

function compileFunction(chunk: Chunk, body: FunctionBody): Prototype {
  const state = new FunctionState(chunk, body);
  state.activateAll(body.parameters);
  if (body.isVararg) {
    state.line = body.varargLine;
    state.emit(Op.VARARGPREP, body.parameters.length);
  }
  state.reserve(body.parameters.length);
  state.moveTo(body.block);
  compileStatements(state, body.block);
  state.moveTo(body.end);
  emitReturn(state, state.registerLevel(state.level), 0);
  state.deactivate(0);
  return state.finish();
}
