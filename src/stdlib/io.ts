/**
 * The io library (manual, section 6.8) but for reading and writing, which is the core's (src/core/lib/io.ts): files are userdata whose handle is a
 * Stream. `lines` is written in Lua (src/stdlib/lua/io.lua). The registry holds the metatable and the default files under the names PUC uses.
 */
import { OBJECT_EXTRA, TAG_STRING, TAG_TABLE, TAG_USERDATA, USERDATA_IS_FILE, VM_FILE_METATABLE, VM_HOST_SCRATCH, VM_INPUT, VM_OUTPUT, VM_REGISTRY } from '../bytecode/layout.ts';
import type { RawHostFunction } from '../engine/host-objects.ts';
import { HostFailure } from '../hosts/environment.ts';
import type { LibraryContext, LibraryFunctions } from './library.ts';
import type { BufferMode, Stream } from './streams.ts';

const WHENCE = ['set', 'cur', 'end'] as const;
const BUFFER_MODES = ['no', 'full', 'line'] as const;
/** LUAL_BUFFERSIZE: what setvbuf takes where no size is given. */
const DEFAULT_BUFFER = 1024n;

export interface IoLibrary {
  readonly functions: LibraryFunctions;
  /** Methods of files that the core has not got. */
  readonly methods: LibraryFunctions;
  readonly metamethods: LibraryFunctions;
  readonly internal: LibraryFunctions;
  /** Makes the metatable known, once it exists, and the standard files. @returns userdata of stdin, stdout, stderr */
  setMetatable(metatable: number): readonly [stdin: number, stdout: number, stderr: number];
}

export function createIoLibrary({ machine, args, streams }: LibraryContext): IoLibrary {
  const { slots, core, memory, errors, environment } = machine;
  /** Pins of the default files, by the place that holds them. */
  const pins = new Map<number, number>();

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

  const open = (path: string, mode: string): number => newFile(streams.add(environment.openFile(path, mode.replaceAll('b', ''))));

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

  const register = (name: string, tag: number, object: number): void => {
    slots.setObject(VM_HOST_SCRATCH, tag, object);
    slots.setField(memory.load(VM_REGISTRY), name, VM_HOST_SCRATCH);
  };

  /** Makes a file the default one. The core finds it at `place`, whatever programs do to the registry. */
  const setDefault = (place: number, name: string, file: number): void => {
    const pin = core.pinObject(file);
    register(name, TAG_USERDATA, file);
    const old = pins.get(place);
    if (old !== undefined) core.unpinObject(old);
    pins.set(place, pin);
    memory.store(place, file);
  };

  /** io.input and io.output: get or set a default file. */
  const defaultFile = (place: number, name: string, mode: string): RawHostFunction => (base, count) => {
    if (!args.isAbsent(base, count, 1)) {
      if (slots.isNumber(base) || slots.tag(base) === TAG_STRING) setDefault(place, name, openOrRaise(args.checkText(base, count, 1), mode));
      else {
        checkFile(base, count);
        setDefault(place, name, slots.pointer(base));
      }
    }
    return args.object(base, TAG_USERDATA, memory.load(place));
  };

  const functions: LibraryFunctions = {
    input: defaultFile(VM_INPUT, '_IO_input', 'r'),
    output: defaultFile(VM_OUTPUT, '_IO_output', 'w'),
    flush: (base) => flush(checkOutput(), base),
    open(base, count) {
      const path = args.checkText(base, count, 1);
      const mode = args.optionalText(base, count, 2) ?? 'r';
      if (!/^[rwa]\+?b*$/.test(mode)) errors.throwArgument(2, 'invalid mode');
      return args.attempt(base, path, () => args.object(base, TAG_USERDATA, open(path, mode)));
    },
    close(base, count) {
      if (count > 0) return closeStream(checkFile(base, count), base);
      const stream = streams.at(memory.load(VM_OUTPUT));
      return stream.isClosed ? errors.throwMessage('attempt to use a closed file') : closeStream(stream, base);
    },
    type(base, count) {
      args.checkAny(count, 1);
      const stream = streamOf(base);
      return stream === undefined ? args.nil(base) : args.text(base, stream.isClosed ? 'closed file' : 'file');
    },
    tmpfile: (base) => args.attempt(base, '', () => args.object(base, TAG_USERDATA, newFile(streams.add(environment.temporaryFile())))),
    popen(base, count) {
      const command = args.checkText(base, count, 1);
      const mode = args.optionalText(base, count, 2) ?? 'r';
      if (!environment.hasShell) errors.throwMessage("'popen' not supported");
      if (mode !== 'r' && mode !== 'w') return errors.throwArgument(2, 'invalid mode');
      return args.attempt(base, command, () => {
        streams.flush();
        return args.object(base, TAG_USERDATA, newFile(streams.add(environment.openProcess(command, mode))));
      });
    },
  };

  const methods: LibraryFunctions = {
    close: (base, count) => closeStream(checkFile(base, count), base),
    flush: (base, count) => flush(checkFile(base, count), base),
    seek(base, count) {
      const stream = checkFile(base, count);
      const whence = WHENCE.indexOf(args.checkOption(base, count, 2, WHENCE, 'cur')) as 0 | 1 | 2;
      const offset = Number(args.optionalInteger(base, count, 3, 0n));
      return args.attempt(base, '', () => args.integer(base, stream.seek(whence, offset)));
    },
    setvbuf(base, count) {
      const stream = checkFile(base, count);
      args.checkText(base, count, 2);
      const mode = args.checkOption<BufferMode>(base, count, 2, BUFFER_MODES, 'full');
      const size = args.optionalInteger(base, count, 3, DEFAULT_BUFFER);
      return args.attempt(base, '', () => {
        stream.setMode(mode, Number(size));
        return args.boolean(base, true);
      });
    },
  };

  const closeUnlessClosed: RawHostFunction = (base, count) => {
    const stream = count >= 1 ? streamOf(base) : undefined;
    if (stream === undefined) return args.typeError(base, count, 1, 'FILE*');
    if (!stream.isClosed) closeStream(stream, base);
    return 0;
  };

  return {
    functions,
    methods,
    metamethods: {
      __tostring(base, count) {
        const stream = count >= 1 ? streamOf(base) : undefined;
        if (stream === undefined) return args.typeError(base, count, 1, 'FILE*');
        return args.text(base, stream.isClosed ? 'file (closed)' : `file (0x${slots.pointer(base).toString(16).padStart(8, '0')})`);
      },
      __close: closeUnlessClosed,
      __gc: closeUnlessClosed,
    },
    internal: {
      /** checkFile(file): raises unless it is an open file. */
      checkFile(base, count) {
        checkFile(base, count);
        return 0;
      },
      openForReading: (base, count) => args.object(base, TAG_USERDATA, openOrRaise(args.checkText(base, count, 1), 'r')),
    },
    setMetatable(metatable) {
      memory.store(VM_FILE_METATABLE, metatable);
      register('FILE*', TAG_TABLE, metatable);
      const files = [newFile(streams.stdin), newFile(streams.stdout), newFile(streams.stderr)] as const;
      setDefault(VM_INPUT, '_IO_input', files[0]);
      setDefault(VM_OUTPUT, '_IO_output', files[1]);
      return files;
    },
  };
}
