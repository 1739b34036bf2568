/** The compiler: source bytes in linear memory, or a reader's pieces, to the prototype of their main function. */
import { hostCheckStack } from '../base/host';
import { stringFromLiteral } from '../strings/string';
import { addEnvironment } from './emit/scope';
import { advance, check } from './lex/lexer';
import { pay } from './lex/source';
import { T_EOF } from './lex/token';
import { enterBlock } from './parse/block';
import { beginFunction, finishFunction, mainPrototype, makeVararg } from './parse/function';
import { compileBody, statements } from './parse/statement';
import { BODY_COMPILER, ENVIRONMENT_NAME, LEX_LAST_LINE, LEX_LINE, SOURCE_BASE, SOURCE_HAS_READER, SOURCE_LIMIT } from './state/cells';

/**
 * Compiles a chunk of Lua 5.4 to a vararg function whose one upvalue is _ENV.
 * @param source address of its bytes, which stay where they are; 0: the host is asked for pieces
 * @returns the prototype, which nothing roots @throws a syntax error (COMPILE_FAILED), or for want of memory, fuel, time
 */
export function compileChunk(source: u32, length: u32): u32 {
  hostCheckStack();
  store<u32>(SOURCE_BASE, source);
  store<u32>(SOURCE_LIMIT, length);
  store<u32>(SOURCE_HAS_READER, u32(source == 0));
  store<u32>(LEX_LINE, 1);
  store<u32>(LEX_LAST_LINE, 1);
  store<u32>(ENVIRONMENT_NAME, stringFromLiteral('_ENV'));
  store<u32>(BODY_COMPILER, compileBody.index);
  const f = beginFunction(0);
  addEnvironment(f);
  enterBlock(false);
  makeVararg(f);
  advance();
  statements();
  check(T_EOF);
  pay();
  finishFunction(0);
  return mainPrototype();
}
