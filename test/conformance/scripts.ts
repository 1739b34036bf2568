/** The scripts and programs that every mode of the engine must run alike, with what they must print. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface Script {
  /** Relative to the project's root; also the chunk's name in messages. */
  readonly path: string;
  readonly source: string;
  /** What lua5.4 prints, a character per byte. */
  readonly expected: string;
  /** Its standard input, a character per byte: the file `name.in` beside it, if there is one. */
  readonly input: string;
}

const scriptFolder = 'test/lua';
const programFolder = 'bench/programs';
const expectedPrograms = 'test/conformance/bench-expected.json';

function luaFiles(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.lua') && !path.includes('/wishlist/'))
    .sort();
}

function inputOf(path: string): string {
  const file = path.replace(/\.lua$/, '.in');
  return existsSync(file) ? readFileSync(file, 'latin1') : '';
}

/** Every script in test/lua, regressions included; the wishlist holds known gaps and is left out. */
export function findScripts(): Script[] {
  return luaFiles(scriptFolder).map((path) => ({
    path,
    source: readFileSync(path, 'latin1'),
    expected: readFileSync(path.replace(/\.lua$/, '.out'), 'latin1'),
    input: inputOf(path),
  }));
}

/** Every benchmark program at its small size, as a script that prints the checksum. */
export function findPrograms(): Script[] {
  const expected = JSON.parse(readFileSync(expectedPrograms, 'utf8')) as Record<string, string>;
  return luaFiles(programFolder).map((path) => ({
    path,
    source: `local program = (function(...) ${readFileSync(path, 'latin1')}\nend)()\nprint(program.run(program.small))\n`,
    expected: expected[path] ?? 'missing: run test/conformance/update-expected.mjs',
    input: '',
  }));
}
