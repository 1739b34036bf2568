/**
 * The one door to the outside world. Every library function that reads a clock, a file, the environment or a stream goes through
 * this interface, so a sandbox is an environment that says no. `node-environment.ts` is the implementation for Node.
 */

/** An open file. All counts are bytes. */
export interface HostFile {
  /** Reads up to `target.length` bytes into `target`; 0 at the end. */
  read(target: Uint8Array): number;
  write(bytes: Uint8Array): void;
  /** Moves the position and returns the new one. @param whence 0 start, 1 current, 2 end */
  seek(whence: 0 | 1 | 2, offset: number): number;
  close(): void;
}

/** A failed operation on the outside: message as C's strerror gives it, and the number. */
export class HostFailure extends Error {
  override readonly name = 'HostFailure';
  readonly errorNumber: number;

  constructor(message: string, errorNumber: number, options?: ErrorOptions) {
    super(message, options);
    this.errorNumber = errorNumber;
  }
}

export interface HostEnvironment {
  /** Standard streams. */
  readonly stdin: Pick<HostFile, 'read'>;
  readonly stdout: Pick<HostFile, 'write'> & { readonly isTerminal: boolean };
  readonly stderr: Pick<HostFile, 'write'>;
  /** CPU time of the process in seconds, as C's clock() / CLOCKS_PER_SEC. */
  cpuSeconds(): number;
  /** Milliseconds since 1970. */
  now(): number;
  /** 32 unpredictable bits. */
  entropy(): number;
  getenv(name: string): string | undefined;
  /** The whole file. @throws HostFailure */
  readFile(path: string): Uint8Array;
  /** @param mode C's fopen mode without "b" @throws HostFailure */
  openFile(path: string, mode: string): HostFile;
  /** @throws HostFailure */
  remove(path: string): void;
  /** @throws HostFailure */
  rename(from: string, to: string): void;
  temporaryName(): string;
  /** Ends the process. */
  exit(code: number): never;
}

const refuse = (what: string): never => {
  throw new HostFailure(`${what}: not supported by this host`, 95);
};

/** Joins written bytes to lines and hands them to a console method. */
function lineWriter(log: (line: string) => void): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder();
  let rest = '';
  return (bytes) => {
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) log(line);
  };
}

/** The environment where there is no operating system: console output, clocks, nothing else. Also the base of sandboxes. */
export function createDefaultEnvironment(): HostEnvironment {
  const start = Date.now();
  return {
    stdin: { read: () => 0 },
    stdout: { write: lineWriter((line) => console.log(line)), isTerminal: false },
    stderr: { write: lineWriter((line) => console.error(line)) },
    cpuSeconds: () => (Date.now() - start) / 1000,
    now: () => Date.now(),
    entropy: () => (Math.random() * 2 ** 32) >>> 0,
    getenv: () => undefined,
    readFile: (path) => refuse(path),
    openFile: (path) => refuse(path),
    remove: (path) => refuse(path),
    rename: (path) => refuse(path),
    temporaryName: () => refuse('tmpname'),
    exit: () => refuse('exit'),
  };
}
