/** Where reports go. */
import { writeFileSync, writeSync } from 'node:fs';

/** A writer of one text to a file, or to a stream of the process if there is none. @throws Error at once if the file cannot be written */
export function reportTo(file: string | undefined, stream: 1 | 2): (text: string) => void {
  if (file !== undefined) {
    writeFileSync(file, '');
    return (text) => {
      try {
        writeFileSync(file, text);
      } catch (error) {
        // The program has ended by now, and only its status can still tell.
        process.stderr.write(`${(error as Error).message}\n`);
        process.exitCode = 1;
      }
    };
  }
  return (text) => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeAll(stream, bytes, at);
  };
}

/** Pipes may be full: then again. What nobody reads any more counts as written. */
function writeAll(stream: 1 | 2, bytes: Buffer, from: number): number {
  try {
    return writeSync(stream, bytes, from);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : bytes.length - from;
  }
}
