/**
 * The io library (manual, section 6.8) but for reading and writing, which is the core's (src/core/lib/io.ts): files are userdata whose handle is a
 * Stream. `lines` is written in Lua (src/stdlib/lua/io.lua). The registry holds the metatable and the default files under the names PUC uses.
 */
import { SCRATCH_VALUE } from '../bytecode/host-scratch.ts';
import { OBJECT_EXTRA, TAG_STRING, TAG_TABLE, TAG_USERDATA, USERDATA_IS_FILE, VM_FILE_METATABLE, VM_INPUT, VM_OUTPUT, VM_REGISTRY } from '../bytecode/layout.ts';
import type { RawHostFunction } from '../engine/host-objects.ts';
import type { Machine } from '../engine/machine.ts';
import { HostFailure } from '../hosts/environment.ts';
import type { HostFunctions } from './catalogue.ts';
import type { LibraryContext } from './library.ts';
import type { BufferMode, Stream } from './streams.ts';

const WHENCE = ['set', 'cur', 'end'] as const;
const BUFFER_MODES = ['no', 'full', 'line'] as const;
/** LUAL_BUFFERSIZE: what setvbuf takes where no size is given. */
const DEFAULT_BUFFER = 1024n;

export function createIoFunctions({ machine, args, streams }: LibraryContext): HostFunctions {
  const { slots, core, memory, errors, environment } = machine;

  const newFile = (stream: Stream): number => {
    core.setUserdataMetatable(stream.file, memory.load(VM_FILE_METATABLE));
    return stream.file;
  };

  /** The stream of a file in a slot; undefined for other values. */
  const streamOf = (slot: number): Stream | undefined => {
    const file = slots.pointer(slot);
    const isFile = slots.tag(slot) === TAG_USERDATA && memory.loadByte(file + OBJECT_EXTRA) === USERDATA_IS_FILE && slots.metatable(slot) === memory.load(VM_FILE_METATABLE);
    return isFile ? streams.at(file) : undefined;
  };

  /** The open file that is the first argument of a method. */
  const checkFile = (base: number, count: number): Stream => {
    const stream = count >= 1 ? streamOf(base) : undefined;
    if (stream === undefined) return args.typeError(base, count, 1, 'FILE*');
    return stream.isClosed ? errors.throwMessage('attempt to use a closed file') : stream;
  };

  /** The default output. */
  const checkOutput = (): Stream => {
    const stream = streams.at(memory.load(VM_OUTPUT));
    return stream.isClosed ? errors.throwMessage('default output file is closed') : stream;
  };

  const open = (path: string, mode: string): number => newFile(streams.add(environment.openFile(path, mode.replaceAll('b', '')), path));

  const closeStream = (stream: Stream, base: number): number => {
    if (stream.isStandard) return args.failure(base, 'cannot close standard file');
    return args.attempt(base, '', () => {
      streams.remove(stream);
      const end = stream.close();
      return end === undefined ? args.boolean(base, true) : args.processEnd(base, end);
    });
  };

  const flush = (stream: Stream, base: number): number =>
    args.attempt(base, '', () => {
      stream.flush();
      return args.boolean(base, true);
    });

  /** Opens a file or raises. */
  const openOrRaise = (path: string, mode: string): number => {
    try {
      return open(path, mode);
    } catch (error) {
      if (!(error instanceof HostFailure)) throw error;
      return errors.throwMessage(`cannot open file '${path}' (${error.message})`);
    }
  };

  /** io.input and io.output: get or set a default file. */
  const defaultFile = (place: DefaultPlace, mode: string): RawHostFunction => (base, count) => {
    if (!args.isAbsent(base, count, 1)) {
      if (slots.isNumber(base) || slots.tag(base) === TAG_STRING) setDefault(machine, place, openOrRaise(args.checkText(base, count, 1), mode));
      else {
        checkFile(base, count);
        setDefault(machine, place, slots.pointer(base));
      }
    }
    return args.object(base, TAG_USERDATA, memory.load(place));
  };

  const closeUnlessClosed: RawHostFunction = (base, count) => {
    const stream = count >= 1 ? streamOf(base) : undefined;
    if (stream === undefined) return args.typeError(base, count, 1, 'FILE*');
    if (!stream.isClosed) closeStream(stream, base);
    return 0;
  };

  return {
    'io.input': defaultFile(VM_INPUT, 'r'),
    'io.output': defaultFile(VM_OUTPUT, 'w'),
    'io.flush': (base) => flush(checkOutput(), base),
    'io.open'(base, count) {
      const path = args.checkText(base, count, 1);
      const mode = args.optionalName(base, count, 2) ?? 'r';
      if (!/^[rwa]\+?b*$/.test(mode)) errors.throwArgument(2, 'invalid mode');
      return args.attempt(base, path, () => args.object(base, TAG_USERDATA, open(path, mode)));
    },
    'io.close'(base, count) {
      if (count > 0) return closeStream(checkFile(base, count), base);
      const stream = streams.at(memory.load(VM_OUTPUT));
      return stream.isClosed ? errors.throwMessage('attempt to use a closed file') : closeStream(stream, base);
    },
    'io.type'(base, count) {
      args.checkAny(count, 1);
      const stream = streamOf(base);
      return stream === undefined ? args.nil(base) : args.text(base, stream.isClosed ? 'closed file' : 'file');
    },
    'io.tmpfile': (base) => args.attempt(base, '', () => args.object(base, TAG_USERDATA, newFile(streams.add(environment.temporaryFile(), 'a temporary file')))),
    'io.popen'(base, count) {
      const command = args.checkText(base, count, 1);
      const mode = args.optionalName(base, count, 2) ?? 'r';
      if (!environment.hasShell) errors.throwMessage("'popen' not supported");
      if (mode !== 'r' && mode !== 'w') return errors.throwArgument(2, 'invalid mode');
      return args.attempt(base, command, () => {
        streams.flush();
        return args.object(base, TAG_USERDATA, newFile(streams.add(environment.openProcess(command, mode), command)));
      });
    },


    'file.close': (base, count) => closeStream(checkFile(base, count), base),
    'file.flush': (base, count) => flush(checkFile(base, count), base),
    'file.seek'(base, count) {
      const stream = checkFile(base, count);
      const whence = WHENCE.indexOf(args.checkOption(base, count, 2, WHENCE, 'cur')) as 0 | 1 | 2;
      const offset = Number(args.optionalInteger(base, count, 3, 0n));
      return args.attempt(base, '', () => args.integer(base, stream.seek(whence, offset)));
    },
    'file.setvbuf'(base, count) {
      const stream = checkFile(base, count);
      args.checkText(base, count, 2);
      const mode = args.checkOption<BufferMode>(base, count, 2, BUFFER_MODES, 'full');
      const size = args.optionalInteger(base, count, 3, DEFAULT_BUFFER);
      return args.attempt(base, '', () => {
        stream.setMode(mode, Number(size));
        return args.boolean(base, true);
      });
    },

    'file metatable.__tostring'(base, count) {
      const stream = count >= 1 ? streamOf(base) : undefined;
      if (stream === undefined) return args.typeError(base, count, 1, 'FILE*');
      return args.text(base, stream.isClosed ? 'file (closed)' : `file (0x${slots.pointer(base).toString(16).padStart(8, '0')})`);
    },
    'file metatable.__close': closeUnlessClosed,
    'file metatable.__gc': closeUnlessClosed,

    /** checkFile(file): raises unless it is an open file. */
    'internal.checkFile'(base, count) {
      checkFile(base, count);
      return 0;
    },
    'internal.openForReading': (base, count) => args.object(base, TAG_USERDATA, openOrRaise(args.checkText(base, count, 1), 'r')),
  };
}

type DefaultPlace = typeof VM_INPUT | typeof VM_OUTPUT;

/** Makes a file the default one. The core finds it at `place`, whatever programs do to the registry. */
function setDefault({ memory, slots }: Machine, place: DefaultPlace, file: number): void {
  memory.store(place, file);
  slots.setObject(SCRATCH_VALUE, TAG_USERDATA, file);
  slots.setField(memory.load(VM_REGISTRY), place === VM_INPUT ? '_IO_input' : '_IO_output', SCRATCH_VALUE);
}

/** Makes the standard files, once their metatable is there. @returns userdata of stdin, stdout, stderr */
export function installFiles({ machine, streams }: LibraryContext, metatable: number): readonly [stdin: number, stdout: number, stderr: number] {
  const { core, memory, slots } = machine;
  memory.store(VM_FILE_METATABLE, metatable);
  slots.setObject(SCRATCH_VALUE, TAG_TABLE, metatable);
  slots.setField(memory.load(VM_REGISTRY), 'FILE*', SCRATCH_VALUE);
  const files = [streams.stdin.file, streams.stdout.file, streams.stderr.file] as const;
  for (const file of files) core.setUserdataMetatable(file, metatable);
  setDefault(machine, VM_INPUT, files[0]);
  setDefault(machine, VM_OUTPUT, files[1]);
  return files;
}
