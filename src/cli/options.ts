/** The command line's options, read as `lua` reads them (lua.c, collectargs); `-j` as LuaJIT's. */

/** An action before the script, in the order given. */
export type Action =
  | { readonly kind: 'execute'; readonly code: string }
  | { readonly kind: 'require'; readonly module: string; readonly global: string }
  | { readonly kind: 'warnings' };

/** What `-j` asks for. */
export interface JitChoice {
  readonly isOn: boolean;
  /** Print a line per event, to a file or (undefined) to stderr. */
  readonly verbose?: { readonly file: string | undefined };
  readonly dump?: { readonly file: string | undefined };
  /** Sample the program, and print a profile at its end, to a file or (undefined) to stdout. */
  readonly profile?: { readonly options: string; readonly file: string | undefined };
  /** Tell at the end where the time went and what the JIT did, in a file or (undefined) on stderr. */
  readonly stats?: { readonly file: string | undefined };
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Options {
  readonly actions: readonly Action[];
  readonly isInteractive: boolean;
  readonly showsVersion: boolean;
  readonly ignoresEnvironment: boolean;
  readonly jit: JitChoice;
  /** Place of the script in the arguments; undefined if there is none. */
  readonly scriptIndex: number | undefined;
  /** The script is standard input (`-`). */
  readonly isScriptStdin: boolean;
  /** Where an image of the VM is to be written when the program is over. */
  readonly snapshotFile: string | undefined;
}

/** `--help`, `--version`: all that is asked for. */
export interface Question {
  readonly asksFor: 'help' | 'version';
}

/** A bad option: what `lua` prints before its usage text. */
export interface BadOption {
  readonly problem: string;
}

export const usage = (program: string): string => `usage: ${program} [options] [script [args]]
       ${program} explain [options] script [args] [-o page.html]   run a script, and write a page: where its time went, what to change
Available options are:
  -e stat   execute string 'stat'
  -i        enter interactive mode after executing 'script'
  -l mod    require library 'mod' into global 'mod'
  -l g=mod  require library 'mod' into global 'g'
  -v        show version information
  -E        ignore environment variables
  -W        turn warnings on
  -j cmd    control the JIT, or see what it does:
    on, off            compile hot loops (the default), or interpret only
    name=value         set a parameter, switch an optimisation, choose a backend
    v[=file]           a line for each trace
    dump[=file]        bytecode, IR and Wasm text of each trace
    stats[=file]       at the end: where the time went, what the JIT did and did not, the most expensive lines
    p[=options[,file]] at the end: a profile; options as LuaJIT's, in any order:
      f, F, l          by function (the default), by file and function, by line
      v                by state (interpreted, compiled, ...); vf, fv: and by function, in that order
      3, -3            up to so many levels of the stack, from the callee or (-) from the caller; s: split behind the first
      a, A             files with the share of each line, around hot lines or whole
      G                stacks for flame graphs;  speedscope: a file for speedscope.app
      m<percent>       the least share that is listed (3);  r: milliseconds;  p: full paths
      i<milliseconds>  time between samples (2)
  --snapshot-on-exit file
            write an image of the VM at the end; as a script it goes on with its function 'main'
  --help    show this text
  --version show version information
  --        stop handling options
  -         stop handling options and execute stdin
`;

interface JitState {
  isOn: boolean;
  verbose?: { file: string | undefined };
  dump?: { file: string | undefined };
  profile?: { options: string; file: string | undefined };
  stats?: { file: string | undefined };
  parameters: Record<string, string>;
}

/** Applies one `-j` command. @returns false if there is no such command */
function applyJitCommand(state: JitState, command: string): boolean {
  const [name = '', ...rest] = command.split('=');
  const value = rest.length === 0 ? undefined : rest.join('=');
  switch (name) {
    case 'on':
    case 'off':
      state.isOn = name === 'on';
      return value === undefined;
    case 'v':
      state.verbose = { file: value };
      return true;
    case 'dump':
      state.dump = { file: value };
      return true;
    case 'stats':
      state.stats = { file: value };
      return true;
    case 'p': {
      const [letters = '', ...file] = (value ?? '').split(',');
      state.profile = { options: letters, file: file.length === 0 ? undefined : file.join(',') };
      return true;
    }
    default:
      if (value === undefined || name === '') return false;
      state.parameters[name] = value;
      return true;
  }
}

/** @param args without program and interpreter */
export function parseOptions(args: readonly string[]): Options | Question | BadOption {
  const actions: Action[] = [];
  const jit: JitState = { isOn: true, parameters: {} };
  let isInteractive = false;
  let showsVersion = false;
  let ignoresEnvironment = false;
  let isScriptStdin = false;
  let snapshotFile: string | undefined;
  let i = 0;

  for (; i < args.length; i++) {
    const arg = args[i] as string;
    if (!arg.startsWith('-')) break;
    if (arg === '-') {
      isScriptStdin = true;
      break;
    }
    if (arg === '--') {
      i += 1;
      break;
    }
    if (arg === '--snapshot-on-exit') {
      snapshotFile = args[i + 1];
      if (snapshotFile === undefined) return { problem: `'${arg}' needs argument` };
      i += 1;
      continue;
    }
    if (arg === '--help' || arg === '--version') return { asksFor: arg === '--help' ? 'help' : 'version' };
    const letter = arg[1] as string;
    const attached = arg.slice(2);
    switch (letter) {
      case 'E':
      case 'W':
      case 'i':
      case 'v':
        // -i implies -v.
        if (attached !== '') return { problem: `unrecognized option '${arg}'` };
        if (letter === 'E') ignoresEnvironment = true;
        else if (letter === 'W') actions.push({ kind: 'warnings' });
        else showsVersion = true;
        if (letter === 'i') isInteractive = true;
        break;
      case 'e':
      case 'l':
      case 'j': {
        let value = attached;
        if (value === '') {
          const next = args[i + 1];
          if (next === undefined || (next.startsWith('-') && letter !== 'j')) return { problem: `'${arg}' needs argument` };
          value = next;
          i += 1;
        }
        if (letter === 'e') actions.push({ kind: 'execute', code: value });
        else if (letter === 'l') actions.push(parseModule(value));
        else if (!applyJitCommand(jit, value)) return { problem: `unknown JIT command '${value}'` };
        break;
      }
      default:
        return { problem: `unrecognized option '${arg}'` };
    }
  }
  const scriptIndex = i < args.length ? i : undefined;
  return { actions, isInteractive, showsVersion, ignoresEnvironment, jit, scriptIndex, isScriptStdin, snapshotFile };
}

/** "global=mod", "mod", or "mod-version" for the global "mod". */
function parseModule(text: string): Action {
  const equals = text.indexOf('=');
  if (equals >= 0) return { kind: 'require', global: text.slice(0, equals), module: text.slice(equals + 1) };
  return { kind: 'require', global: text.split('-', 1)[0] as string, module: text };
}
