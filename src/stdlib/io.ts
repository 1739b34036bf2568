/**
 * The io library (manual, section 6.8): files are userdata whose handle is a Stream. `lines` is written in Lua (src/stdlib/lua/io.lua).
 * The registry holds the metatable and the default files under the names PUC uses.
 */
import { SLOT_SIZE, TAG_FLOAT, TAG_INT, TAG_STRING, TAG_TABLE, TAG_USERDATA, USERDATA_HANDLE, VM_HOST_SCRATCH, VM_REGISTRY } from '../bytecode/layout.ts';
import { HostFailure } from '../hosts/environment.ts';
import type { RawHostFunction } from '../engine/host-objects.ts';
import { fromByteString } from '../engine/text.ts';
import type { LibraryContext, LibraryFunctions } from './library.ts';
import { readNumeral } from './read-numeral.ts';
import type { BufferMode, Stream } from './streams.ts';

const WHENCE = ['set', 'cur', 'end'] as const;
const BUFFER_MODES = ['no', 'full', 'line'] as const;
/** LUAL_BUFFERSIZE: what setvbuf takes where no size is given. */
const DEFAULT_BUFFER = 1024n;

export interface IoLibrary {
  readonly functions: LibraryFunctions;
  /** Methods of files. */
  readonly methods: LibraryFunctions;
  readonly metamethods: LibraryFunctions;
  readonly internal: LibraryFunctions;
  /** Makes the metatable known, once it exists, and the standard files. @returns userdata of stdin, stdout, stderr; nothing holds the last yet */
  setMetatable(metatable: number): readonly [stdin: number, stdout: number, stderr: number];
}

export function createIoLibrary({ machine, args, streams }: LibraryContext): IoLibrary {
  const { slots, core, memory, errors, environment, hostObjects } = machine;
  let fileMetatable = 0;
  let defaultInput = 0;
  let defaultOutput = 0;

  const newFile = (stream: Stream): number => {
    const file = core.newUserdata(0, hostObjects.addObject(stream));
    core.setUserdataMetatable(file, fileMetatable);
    return file;
  };

  /** The stream of a file in a slot; undefined for other values. */
  const streamOf = (slot: number): Stream | undefined => {
    if (slots.tag(slot) !== TAG_USERDATA || slots.metatable(slot) !== fileMetatable) return undefined;
    return hostObjects.objectAt(memory.load(slots.pointer(slot) + USERDATA_HANDLE)) as Stream;
  };

  const streamOfFile = (file: number): Stream => hostObjects.objectAt(memory.load(file + USERDATA_HANDLE)) as Stream;

  /** The open file that is the first argument of a method. */
  const checkFile = (base: number, count: number): Stream => {
    const stream = count >= 1 ? streamOf(base) : undefined;
    if (stream === undefined) return args.typeError(base, count, 1, 'FILE*');
    return stream.isClosed ? errors.throwMessage('attempt to use a closed file') : stream;
  };

  /** The default input or output. */
  const checkDefault = (file: number, name: string): Stream => {
    const stream = streamOfFile(file);
    return stream.isClosed ? errors.throwMessage(`default ${name} file is closed`) : stream;
  };

  /** Result of one format, as bytes or a number; undefined at the end of the file. */
  const readOne = (stream: Stream, base: number, count: number, n: number): Uint8Array | number | bigint | undefined => {
    const slot = args.slot(base, n);
    if (slots.isNumber(slot)) {
      const wanted = Number(args.checkInteger(base, count, n));
      if (wanted < 0) return errors.throwOutOfMemory();
      if (wanted === 0) return stream.peek() < 0 ? undefined : new Uint8Array(0);
      const bytes = stream.readBytes(wanted);
      return bytes.length === 0 ? undefined : bytes;
    }
    const format = args.checkText(base, count, n).replace(/^\*/, '');
    switch (format[0]) {
      case 'n':
        return readNumeral(stream);
      case 'l':
        return stream.readLine(false);
      case 'L':
        return stream.readLine(true);
      case 'a':
        return stream.readAll();
      default:
        return errors.throwArgument(n, 'invalid format');
    }
  };

  /** Reads with the formats from argument `first` on; the results go behind each other from the builtin's own slot. @throws HostFailure */
  const readAll = (stream: Stream, base: number, count: number, first: number): number => {
    const results: (Uint8Array | number | bigint | undefined)[] = [];
    if (count < first) results.push(stream.readLine(false));
    for (let n = first; n <= count; n++) {
      const result = readOne(stream, base, count, n);
      results.push(result instanceof Uint8Array && n < count ? result.slice() : result);
      if (result === undefined) break;
    }
    results.forEach((result, i) => {
      const slot = base + (i - 1) * SLOT_SIZE;
      if (result === undefined) slots.setNil(slot);
      else if (typeof result === 'bigint') slots.setInteger(slot, result);
      else if (typeof result === 'number') slots.setFloat(slot, result);
      else slots.setString(slot, result);
    });
    return results.length;
  };

  const read = (stream: Stream, base: number, count: number, first: number): number => args.attempt(base, '', () => readAll(stream, base, count, first));

  /** Writes the arguments from `first` on; the file is the result. A failure does not keep the arguments behind it from being written. */
  const write = (file: number, stream: Stream, base: number, count: number, first: number): number =>
    args.attempt(base, '', () => {
      let failure: HostFailure | undefined;
      for (let n = first; n <= count; n++) {
        const bytes = bytesToWrite(args.slot(base, n)) ?? args.typeError(base, count, n, 'string');
        try {
          stream.write(bytes);
        } catch (error) {
          if (!(error instanceof HostFailure)) throw error;
          failure = error;
        }
      }
      if (failure !== undefined) throw failure;
      return args.object(base, TAG_USERDATA, file);
    });

  const bytesToWrite = (slot: number): Uint8Array | undefined => {
    switch (slots.tag(slot)) {
      case TAG_STRING:
        return slots.stringView(slots.pointer(slot));
      case TAG_INT:
        return slots.stringView(core.stringFromNumber(slot));
      case TAG_FLOAT:
        // As C's '%.14g': no ".0" marks integral values.
        return fromByteString(slots.stringText(core.stringFromNumber(slot)).replace(/\.0$/, ''));
      default:
        return undefined;
    }
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
  const setInput = (file: number): void => {
    register('_IO_input', TAG_USERDATA, file);
    defaultInput = file;
  };
  const setOutput = (file: number): void => {
    register('_IO_output', TAG_USERDATA, file);
    defaultOutput = file;
  };

  /** io.input and io.output: get or set a default file. */
  const defaultFile = (get: () => number, set: (file: number) => void, mode: string): RawHostFunction => (base, count) => {
    if (!args.isAbsent(base, count, 1)) {
      if (slots.isNumber(base) || slots.tag(base) === TAG_STRING) set(openOrRaise(args.checkText(base, count, 1), mode));
      else {
        checkFile(base, count);
        set(slots.pointer(base));
      }
    }
    return args.object(base, TAG_USERDATA, get());
  };

  const functions: LibraryFunctions = {
    write: (base, count) => write(defaultOutput, checkDefault(defaultOutput, 'output'), base, count, 1),
    read: (base, count) => read(checkDefault(defaultInput, 'input'), base, count, 1),
    input: defaultFile(() => defaultInput, setInput, 'r'),
    output: defaultFile(() => defaultOutput, setOutput, 'w'),
    flush: (base) => flush(checkDefault(defaultOutput, 'output'), base),
    open(base, count) {
      const path = args.checkText(base, count, 1);
      const mode = args.optionalText(base, count, 2) ?? 'r';
      if (!/^[rwa]\+?b*$/.test(mode)) errors.throwArgument(2, 'invalid mode');
      return args.attempt(base, path, () => args.object(base, TAG_USERDATA, open(path, mode)));
    },
    close(base, count) {
      if (count > 0) return closeStream(checkFile(base, count), base);
      const stream = streamOfFile(defaultOutput);
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
    read: (base, count) => read(checkFile(base, count), base, count, 2),
    write(base, count) {
      const stream = checkFile(base, count);
      return write(slots.pointer(base), stream, base, count, 2);
    },
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
      /** readStep(file, closes, ...): what an iterator of lines returns; nothing at the end, where the file is closed if wanted. Failures are raised. */
      readStep(base, count) {
        const stream = streamOf(base);
        if (stream === undefined || stream.isClosed) return errors.throwMessage('file is already closed');
        const closes = !slots.isFalsy(base + SLOT_SIZE);
        try {
          // In PUC's numbering the formats begin with 2; the results land one slot too high.
          const results = readAll(stream, base + SLOT_SIZE, count - 1, 2);
          if (slots.isNil(base)) {
            if (closes) closeStream(stream, base);
            return 0;
          }
          for (let i = 0; i < results; i++) slots.copy(base + (i - 1) * SLOT_SIZE, base + i * SLOT_SIZE);
          return results;
        } catch (error) {
          if (!(error instanceof HostFailure)) throw error;
          return errors.throwMessage(error.message);
        }
      },
      openForReading: (base, count) => args.object(base, TAG_USERDATA, openOrRaise(args.checkText(base, count, 1), 'r')),
    },
    setMetatable(metatable) {
      fileMetatable = metatable;
      register('FILE*', TAG_TABLE, metatable);
      const input = newFile(streams.stdin);
      setInput(input);
      const output = newFile(streams.stdout);
      setOutput(output);
      return [input, output, newFile(streams.stderr)];
    },
  };
}
