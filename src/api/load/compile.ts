/** Chunks of the host's on their way into the VM. */
import { THREAD_ERROR, VM_SOURCE_NAME } from '../../bytecode/layout.ts';
import { LuaError, MoontraceError } from '../../engine/errors/errors.ts';
import { CORE_THROW } from '../../engine/errors/messages.ts';
import { isBytes, plainBytes } from '../../engine/host-values.ts';
import { ChunkError } from '../../engine/load/chunk-loader.ts';
import type { Machine } from '../../engine/machine.ts';
import { decodeText, encodeText, fromByteString } from '../../engine/text.ts';
import { checkText } from '../check-options.ts';
import { locationIn } from './options.ts';

/** Pushes the function of a chunk. @param environment slot with what it has as globals, if they are not the VM's @internal */
export function pushCompiled(machine: Machine, source: string | Uint8Array, chunkName?: string, environment?: number, mode?: string): void {
  if (typeof source !== 'string' && !isBytes(source)) throw new MoontraceError('bad-argument', 'source: a string or a Uint8Array expected');
  if (chunkName !== undefined) checkText(chunkName, 'chunkName');
  const bytes = typeof source === 'string' ? encodeText(source) : plainBytes(source);
  if (bytes === undefined) throw new MoontraceError('bad-argument', 'source: its buffer was transferred');
  machine.pushChunk(compile(machine, bytes, chunkName === undefined ? bytes : encodeText(chunkName), mode), environment);
}

/** Loads a chunk; its error as a LuaError. */
function compile({ chunks, slots, frames, memory, core }: Machine, bytes: Uint8Array, name: Uint8Array, mode?: string): number {
  let text: Uint8Array;
  let cause: unknown;
  try {
    return chunks.loadBytes(bytes, slots.newString(name), mode);
  } catch (error) {
    cause = error;
    if (error instanceof ChunkError) text = fromByteString(error.message);
    else if (error === CORE_THROW && chunks.isSyntaxError) text = slots.stringView(slots.pointer(frames.thread + THREAD_ERROR));
    else throw error;
  }
  const message = decodeText(text);
  const chunk = decodeText(memory.viewBytes(VM_SOURCE_NAME, core.sourceName(slots.newString(name))));
  const location = locationIn(message, chunk);
  throw new LuaError(message, { code: 'syntax', value: message, traceback: '', cause, ...(location && { location }) });
}
