/** The door to the engine below the API, for the package's own tools (the command line) and tests. No entry point of the package exports it. */
export { SLOT_SIZE, TAG_BUILTIN, TAG_STRING, THREAD_ERROR } from '../bytecode/layout.ts';
export { CORE_THROW } from '../engine/errors/messages.ts';
export { coreModule } from '../engine/core-module.ts';
export { isHostError, textOfHost } from '../engine/host-values.ts';
export { isImage } from '../engine/image/format.ts';
export { createLateJit } from '../engine/late-jit.ts';
export type { Machine } from '../engine/machine.ts';
export { decodeText, encodeText, fromByteString, toByteString } from '../engine/text.ts';
export { machineOf, streamsOf } from './vm.ts';
