/**
 * The io library (manual, section 6.8): files are userdata whose handle is a Stream. `lines` is written in Lua (src/stdlib/lua/io.lua).
 */
import { SLOT_SIZE, TAG_USERDATA, USERDATA_HANDLE, USERDATA_METATABLE } from '../bytecode/layout.ts';
import { HostFailure } from '../vm/host-environment.ts';
import type { RawHostFunction } from '../vm/host-objects.ts';
import type { LibraryContext, LibraryFunctions } from './library.ts';
import { readNumeral } from './read-numeral.ts';
import type { BufferMode, Stream } from './streams.ts';

const WHENCE = ['set', 'cur', 'end'] as const;
const BUFFER_MODES = ['no', 'full', 'line'] as const;

export interface IoLibrary {
  readonly functions: LibraryFunctions;
  /** Methods of files. */
  readonly methods: LibraryFunctions;
  readonly metamethods: LibraryFunctions;
  readonly internal: LibraryFunctions;
  /** Makes the metatable known, once it exists, and the standard files. @returns userdata of stdin, stdout, stderr (pinned) */
  setMetatable(metatable: number): readonly [stdin: number, stdout: number, stderr: number];
}

export function createIoLibrary({ machine, args, streams }: LibraryContext): IoLibrary {
  const { slots, core, memory, errors, environment, hostObjects } = machine;
  let fileMetatable = 0;
  let defaultInput = 0;
  let defaultOutput = 0;

  const newFile = (stream: Stream): number => {
    const file = core.newUserdata(0, hostObjects.addObject(stream));
    memory.store(file + USERDATA_METATABLE, fileMetatable);
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

  /** Reads with the formats from argument `first` on. */
  const read = (stream: Stream, base: number, count: number, first: number): number =>
    args.attempt(base, '', () => {
      const results: (Uint8Array | number | bigint | undefined)[] = [];
      if (count < first) results.push(stream.readLine(false));
      for (let n = first; n <= count; n++) {
        const result = readOne(stream, base, count, n);
        results.push(result);
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
    });

  /** Writes the arguments from `first` on; the file is the result. */
  const write = (file: number, stream: Stream, base: number, count: number, first: number): number =>
    args.attempt(base, '', () => {
      for (let n = first; n <= count; n++) {
        const slot = args.slot(base, n);
        if (slots.isNumber(slot)) stream.write(slots.stringView(core.stringFromNumber(slot)));
        else if (slots.typeName(slot) === 'string') stream.write(slots.stringView(slots.pointer(slot)));
        else args.typeError(base, count, n, 'string');
      }
      return args.object(base, TAG_USERDATA, file);
    });

  const open = (path: string, mode: string): number => newFile(streams.add(environment.openFile(path, mode.replace('b', ''))));

  const closeStream = (stream: Stream, base: number): number =>
    args.attempt(base, '', () => {
      streams.remove(stream);
      stream.close();
      return args.boolean(base, true);
    });

  /** Opens a file or raises (opencheckfile of liolib). */
  const openOrRaise = (path: string, mode: string): number => {
    try {
      return open(path, mode);
    } catch (error) {
      if (!(error instanceof HostFailure)) throw error;
      return errors.throwMessage(`cannot open file '${path}' (${error.message})`);
    }
  };

  /** io.input and io.output: get or set a default file. */
  const defaultFile = (get: () => number, set: (file: number) => void, mode: string): RawHostFunction => (base, count) => {
    if (!args.isAbsent(base, count, 1)) {
      if (streamOf(base) === undefined) {
        set(openOrRaise(args.checkText(base, count, 1), mode));
      } else {
        set(slots.pointer(base));
      }
    }
    return args.object(base, TAG_USERDATA, get());
  };

  let inputPin = 0;
  let outputPin = 0;
  const setInput = (file: number): void => {
    if (inputPin !== 0) core.unpinObject(inputPin);
    inputPin = core.pinObject(file);
    defaultInput = file;
  };
  const setOutput = (file: number): void => {
    if (outputPin !== 0) core.unpinObject(outputPin);
    outputPin = core.pinObject(file);
    defaultOutput = file;
  };

  const functions: LibraryFunctions = {
    write: (base, count) => write(defaultOutput, checkDefault(defaultOutput, 'output'), base, count, 1),
    read: (base, count) => read(checkDefault(defaultInput, 'input'), base, count, 1),
    input: defaultFile(() => defaultInput, setInput, 'r'),
    output: defaultFile(() => defaultOutput, setOutput, 'w'),
    open(base, count) {
      const path = args.checkText(base, count, 1);
      const mode = args.optionalText(base, count, 2) ?? 'r';
      if (!/^[rwa]\+?b?$/.test(mode)) errors.throwArgument(2, 'invalid mode');
      return args.attempt(base, path, () => args.object(base, TAG_USERDATA, open(path, mode)));
    },
    close: (base, count) => closeStream(count === 0 ? checkDefault(defaultOutput, 'output') : checkFile(base, count), base),
    type(base, count) {
      args.checkAny(count, 1);
      const stream = streamOf(base);
      return stream === undefined ? args.nil(base) : args.text(base, stream.isClosed ? 'closed file' : 'file');
    },
    tmpfile: (base) => args.attempt(base, '', () => args.object(base, TAG_USERDATA, open(environment.temporaryName(), 'w+'))),
    popen: () => errors.throwMessage("'popen' not supported"),
  };

  const methods: LibraryFunctions = {
    read: (base, count) => read(checkFile(base, count), base, count, 2),
    write(base, count) {
      const stream = checkFile(base, count);
      return write(slots.pointer(base), stream, base, count, 2);
    },
    close: (base, count) => closeStream(checkFile(base, count), base),
    flush(base, count) {
      const stream = checkFile(base, count);
      return args.attempt(base, '', () => {
        stream.flush();
        return args.object(base, TAG_USERDATA, slots.pointer(base));
      });
    },
    seek(base, count) {
      const stream = checkFile(base, count);
      const whence = WHENCE.indexOf(args.checkOption(base, count, 2, WHENCE, 'cur')) as 0 | 1 | 2;
      const offset = Number(args.optionalInteger(base, count, 3, 0n));
      if (!stream.canSeek) {
        args.failure(base, 'Illegal seek');
        slots.setInteger(base + SLOT_SIZE, 29n);
        return 3;
      }
      return args.attempt(base, '', () => args.integer(base, stream.seek(whence, offset)));
    },
    setvbuf(base, count) {
      const stream = checkFile(base, count);
      args.checkText(base, count, 2);
      stream.setMode(args.checkOption<BufferMode>(base, count, 2, BUFFER_MODES, 'full'));
      return args.boolean(base, true);
    },
  };

  const flushDefault: RawHostFunction = (base) => {
    const stream = checkDefault(defaultOutput, 'output');
    return args.attempt(base, '', () => {
      stream.flush();
      return args.object(base, TAG_USERDATA, defaultOutput);
    });
  };

  return {
    functions: { ...functions, flush: flushDefault },
    methods,
    metamethods: {
      __tostring(base, count) {
        const stream = count >= 1 ? streamOf(base) : undefined;
        if (stream === undefined) return args.typeError(base, count, 1, 'FILE*');
        return args.text(base, stream.isClosed ? 'file (closed)' : `file (0x${slots.pointer(base).toString(16).padStart(8, '0')})`);
      },
      __close: (base, count) => closeUnlessClosed(base, count),
      __gc: (base, count) => closeUnlessClosed(base, count),
    },
    internal: {
      checkOpen(base) {
        if (streamOf(base)?.isClosed) errors.throwMessage('file is already closed');
        return 0;
      },
      /** readLine(file): the next line without its end, for the plain iterator of lines; failures are raised. */
      readLine(base) {
        const stream = streamOf(base);
        if (stream === undefined || stream.isClosed) return errors.throwMessage('file is already closed');
        try {
          const line = stream.readLine(false);
          return line === undefined ? args.nil(base) : args.bytes(base, line);
        } catch (error) {
          if (!(error instanceof HostFailure)) throw error;
          return errors.throwMessage(error.message);
        }
      },
      openForReading: (base, count) => args.object(base, TAG_USERDATA, openOrRaise(args.checkText(base, count, 1), 'r')),
    },
    setMetatable(metatable) {
      fileMetatable = metatable;
      const files = [newFile(streams.stdin), newFile(streams.stdout), newFile(streams.stderr)] as const;
      setInput(files[0]);
      setOutput(files[1]);
      return files;
    },
  };

  function closeUnlessClosed(base: number, count: number): number {
    const stream = count >= 1 ? streamOf(base) : undefined;
    if (stream !== undefined && !stream.isClosed) closeStream(stream, base);
    return 0;
  }
}
