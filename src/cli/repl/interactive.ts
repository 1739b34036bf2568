/** The interactive mode where input or output is no terminal: prompts and results as plain text, byte for byte as `lua -i` with the readline library (lua.c, doREPL). */
import { encodeText, streamsOf, toByteString } from '../../api/engine-port.ts';
import type { Session } from '../session.ts';
import { Statement } from './statement.ts';

/** Runs until the end of the input. */
export function runInteractive(session: Session): void {
  const { vm } = session;
  const write = (text: string): void => {
    streamsOf(vm).writeOutput(toByteString(encodeText(text)));
  };
  const readLine = (isFirst: boolean): string | undefined => {
    write(session.prompt(isFirst));
    const line = streamsOf(vm).stdin.readLine(false);
    if (line === undefined) return undefined;
    const text = toByteString(line);
    // The readline library, with which lua is built, repeats what it reads.
    streamsOf(vm).writeOutput(`${text}\n`);
    return text;
  };

  /** Reads and runs a statement. @returns false at the end of the input */
  const runStatement = (): boolean => {
    const statement = new Statement(vm);
    let line = readLine(true);
    if (line === undefined) return false;
    session.evaluate(() => {
      for (;;) {
        const chunk = line === undefined ? statement.finish() : statement.add(line);
        if (chunk !== undefined) return chunk;
        line = readLine(false);
      }
    });
    return true;
  };

  while (runStatement());
  write('\n');
}
