/** What the program is called in messages and in `arg`: a word or path that a shell can run again, as C programs have in argv[0]. */
import { realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';

/** @param script what Node runs, as an absolute path @param path the variable PATH */
export function programName(script: string, path: string): string {
  const name = basename(script);
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    if (folder === dirname(script)) return name;
    // The first program of that name is what a shell would run.
    const found = resolved(join(folder, name));
    if (found !== undefined) return found === resolved(script) ? name : script;
  }
  return script;
}

function resolved(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
