/**
 * The one door to the outside world. Every library function that reads a clock, a file, the environment or a stream goes through
 * this interface, so a sandbox is an environment that says no. `node/environment.ts` is the implementation for Node.
 */

/**
 * An open file or stream. All counts are bytes. A file that is not open for reading, not open for writing, or has no position leaves the
 * method out. All methods @throw HostFailure.
 */
export interface HostFile {
  /** Reads up to `target.length` bytes into `target`; 0 at the end. */
  read?(target: Uint8Array): number;
  /** Writes all bytes, which are only valid during the call. */
  write?(bytes: Uint8Array): void;
  /** Moves the position and returns the new one. @param whence 0 start, 1 current, 2 end */
  seek?(whence: 0 | 1 | 2, offset: number): number;
  close(): void;
}

/** How a process ended: its exit code, or the number of the signal that killed it. */
export interface ProcessEnd {
  readonly kind: 'exit' | 'signal';
  readonly code: number;
}

/** A process whose standard output is read, or whose standard input is written. */
export interface HostProcess {
  read?(target: Uint8Array): number;
  write?(bytes: Uint8Array): void;
  /** Closes the stream and waits for the process. @throws HostFailure */
  close(): ProcessEnd;
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

/** Paths, commands and names of variables are byte strings (text.ts): what the program gave, which need not be UTF-8. */
export interface HostEnvironment {
  /** Standard streams. */
  readonly stdin: Pick<HostFile, 'read' | 'seek'>;
  readonly stdout: Pick<HostFile, 'write' | 'seek'> & { readonly isTerminal: boolean };
  readonly stderr: Pick<HostFile, 'write' | 'seek'>;
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
  /** A name for a new file, which it may have created. @throws HostFailure */
  temporaryName(): string;
  /** A new file open for reading and writing that is gone when it is closed. @throws HostFailure */
  temporaryFile(): HostFile;
  /** Whether there is a shell for `execute` and `openProcess`. */
  readonly hasShell: boolean;
  /** Runs a command of the shell to its end. @throws HostFailure if it cannot be started */
  execute(command: string): ProcessEnd;
  /** Starts a command of the shell; 'r' reads its output, 'w' writes its input. @throws HostFailure */
  openProcess(command: string, mode: 'r' | 'w'): HostProcess;
  /** Ends the process. */
  exit(code: number): never;
}

const refuse = (what: string): never => {
  throw new HostFailure(`${what} are not supported by this host`, 95);
};

/** 32 bits that do not follow from others: programs see some of them (math.randomseed), and must not learn the keys of the hashes from these. */
export const randomWord = (): number => crypto.getRandomValues(new Uint32Array(1))[0]!;

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
    entropy: randomWord,
    getenv: () => undefined,
    readFile: () => refuse('files'),
    openFile: () => refuse('files'),
    remove: () => refuse('files'),
    rename: () => refuse('files'),
    temporaryName: () => refuse('temporary files'),
    temporaryFile: () => refuse('temporary files'),
    hasShell: false,
    execute: () => refuse('processes'),
    openProcess: () => refuse('processes'),
    exit: () => refuse('processes'),
  };
}
