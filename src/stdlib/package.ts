/** The parts of the package library (manual, section 6.3) that look at the outside: paths and files. `require` itself is Lua (src/stdlib/lua/package.lua). */
import { SLOT_SIZE } from '../bytecode/layout.ts';
import { type HostEnvironment, HostFailure } from '../hosts/environment.ts';
import { encodeText, toByteString } from '../engine/text.ts';
import type { HostFunctions } from './catalogue.ts';
import type { LibraryContext } from './library.ts';

const SHARE = '/usr/local/share/lua/5.4/';
const LIBRARY = '/usr/local/lib/lua/5.4/';
/** Where systems put modules that they install themselves. */
const SYSTEM_SHARE = '/usr/share/lua/5.4/';

const DEFAULT_PATHS = {
  PATH: [SHARE, LIBRARY, SYSTEM_SHARE, './'].map((folder) => `${folder}?.lua;${folder}?/init.lua`).join(';'),
  CPATH: `${LIBRARY}?.so;${LIBRARY}loadall.so;./?.so`,
} as const;

/** Directory separator, template separator, mark, executable's folder, ignore mark. */
const CONFIG = '/\n;\n?\n!\n-\n';
/** No file has a longer name, on any system. */
const LONGEST_NAME = 1 << 16;
const NO_LIBRARIES = 'dynamic libraries not enabled; check your Lua installation';

/** The path in an environment variable, its first ";;" replaced by the default. */
function pathOf(environment: HostEnvironment, name: 'PATH' | 'CPATH'): string {
  const standard = DEFAULT_PATHS[name];
  const given = environment.getenv(`LUA_${name}_5_4`) ?? environment.getenv(`LUA_${name}`);
  if (given === undefined) return standard;
  const path = toByteString(encodeText(given));
  const mark = path.indexOf(';;');
  if (mark < 0) return path;
  const before = path.slice(0, mark);
  const after = path.slice(mark + 2);
  return `${before === '' ? '' : `${before};`}${standard}${after === '' ? '' : `;${after}`}`;
}

/** The strings in the table `package`. */
export function packageTexts(environment: HostEnvironment): Readonly<Record<string, string>> {
  return { path: pathOf(environment, 'PATH'), cpath: pathOf(environment, 'CPATH'), config: CONFIG };
}

export function createPackageFunctions({ machine, args }: LibraryContext): HostFunctions {
  const { environment } = machine;

  const isReadable = (path: string): boolean => {
    try {
      environment.openFile(path, 'r').close();
      return true;
    } catch (error) {
      if (error instanceof HostFailure) return false;
      throw error;
    }
  };

  return {
    'package.searchpath'(base, count) {
      const length = machine.slots.stringLength(args.checkString(base, count, 1));
      if (length > LONGEST_NAME) return args.failure(base, `name of more than ${LONGEST_NAME} bytes`);
      const given = args.checkText(base, count, 1);
      const path = args.checkText(base, count, 2);
      const separator = args.optionalText(base, count, 3) ?? '.';
      const replacement = args.optionalText(base, count, 4) ?? '/';
      const name = separator === '' ? given : given.replaceAll(separator, () => replacement);
      const files = path.replaceAll('?', () => name).split(';');
      const found = files.find(isReadable);
      return found !== undefined ? args.text(base, found) : args.failure(base, files.map((file) => `no file '${file}'`).join('\n\t'));
    },

    'package.loadlib'(base, count) {
      args.checkText(base, count, 1);
      args.checkText(base, count, 2);
      args.failure(base, NO_LIBRARIES);
      machine.slots.setText(base + SLOT_SIZE, 'absent');
      return 3;
    },
  };
}
