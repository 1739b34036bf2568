/** What a machine is made with. */
import type { HostEnvironment } from '../hosts/environment.ts';
import type { CoreCell } from './image/core-cell.ts';
import type { CoreExports } from './core-module.ts';
import type { JitPort } from './jit-port.ts';
import type { ValueConverter } from './lua-value.ts';
import type { SharedSession } from './shared/session.ts';
import type { Memory } from './memory.ts';
import type { LimitOptions } from './state/limits.ts';

/** The host's side of files (src/stdlib/streams.ts): see HostCalls. */
export interface FilePort {
  output(file: number, bytes: number, length: number): number;
  input(file: number): number;
  failure(base: number): number;
  close(file: number): void;
  /** Code of the host's is to run: what was written comes before. */
  flushOutput(): void;
}

/** How a machine is one of several over a memory that threads share. */
export interface SharedStart {
  /** Holds the lock while the machine is made. */
  readonly session: SharedSession;
  readonly memory: WebAssembly.Memory;
  /** The memory is empty. */
  readonly isNew: boolean;
}

export interface MachineOptions<Owner> {
  readonly createValues: (machine: Owner) => ValueConverter;
  readonly environment: HostEnvironment;
  readonly jit: JitPort;
  readonly limits?: LimitOptions;
  /** Whether binary chunks can be loaded. */
  readonly binaryChunks?: boolean;
  /** Another build of the core than the embedded one. */
  readonly core?: WebAssembly.Module | undefined;
  /** One whose memory holds a VM already, of the same core. What it keeps of its host is the caller's affair. */
  readonly cell?: CoreCell | undefined;
  /** Looks at that memory before anything else does. */
  readonly check?: ((core: CoreExports, memory: Memory) => void) | undefined;
  readonly shared?: SharedStart | undefined;
}
