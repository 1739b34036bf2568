/** The os library (manual, section 6.9). os.time reads and writes a table of the program, so it is Lua (src/stdlib/lua/os.lua) over `joinTime`. */
import { SCRATCH_VALUE } from '../bytecode/host-scratch.ts';
import { SLOT_SIZE, TAG_TABLE } from '../bytecode/layout.ts';
import { HostFailure } from '../hosts/environment.ts';
import { closeState } from '../engine/state/close.ts';
import { encodeText } from '../engine/text.ts';
import type { HostFunctions } from './catalogue.ts';
import type { LibraryContext } from './library.ts';
import { formatTime, joinTime, splitTime, type TimeFields } from './time-format.ts';

const DATE_FIELDS: readonly (readonly [field: string, key: keyof TimeFields])[] = [
  ['year', 'year'], ['month', 'month'], ['day', 'day'], ['hour', 'hour'], ['min', 'minute'], ['sec', 'second'], ['yday', 'yearDay'], ['wday', 'weekDay'],
];

const CATEGORIES = ['all', 'collate', 'ctype', 'monetary', 'numeric', 'time'] as const;

export function createOsFunctions({ machine, args, streams, exitsProcess }: LibraryContext): HostFunctions {
  const { slots, core, environment, errors } = machine;

  const setFields = (table: number, fields: TimeFields): void => {
    for (const [name, key] of DATE_FIELDS) {
      slots.setInteger(SCRATCH_VALUE, BigInt(fields[key] as number));
      slots.setField(table, name, SCRATCH_VALUE);
    }
    slots.setBoolean(SCRATCH_VALUE, fields.isDaylightSaving);
    slots.setField(table, 'isdst', SCRATCH_VALUE);
  };
  const currentTime = (): bigint => BigInt(Math.floor(environment.now() / 1000));

  return {
    'internal.currentTime': (base) => args.integer(base, currentTime()),

    'internal.checkTable'(base, count) {
      args.checkTable(base, count, 1);
      return 0;
    },

    /** joinTime(year, month, day, hour, minute, second, isDaylightSaving): the time, and a table of the normalised fields. */
    'internal.joinTime'(base, count) {
      const field = (n: number): number => Number(args.checkInteger(base, count, n));
      args.checkAny(count, 7);
      const flag = args.slot(base, 7);
      const time = joinTime({
        year: field(1), month: field(2), day: field(3), hour: field(4), minute: field(5), second: field(6),
        isDaylightSaving: slots.isNil(flag) ? undefined : !slots.isFalsy(flag),
      });
      const fields = splitTime(time, false);
      // C's mktime says -1 when it fails, so the second before 1970 cannot be told.
      if (fields === undefined || time === -1n) return errors.throwMessage('time result cannot be represented in this installation');
      const table = core.newTable(0, DATE_FIELDS.length + 1);
      args.object(base, TAG_TABLE, table);
      setFields(table, fields);
      slots.copy(base, base - SLOT_SIZE);
      args.integer(base, time);
      return 2;
    },

    'os.clock': (base) => args.float(base, environment.cpuSeconds()),

    'os.date'(base, count) {
      const pieces = args.isAbsent(base, count, 1) ? () => ['%c'] : () => args.pieces(base, count, 1);
      const [first = ''] = pieces();
      const time = args.isAbsent(base, count, 2) ? currentTime() : args.checkInteger(base, count, 2);
      const isUtc = first.startsWith('!');
      const fields = splitTime(time, isUtc);
      if (fields === undefined) return errors.throwMessage('date result cannot be represented in this installation');
      if (first === (isUtc ? '!*t' : '*t')) {
        const table = core.newTable(0, DATE_FIELDS.length + 1);
        args.object(base, TAG_TABLE, table);
        setFields(table, fields);
        return 1;
      }
      function* format(): Generator<string> {
        let skipped = isUtc ? 1 : 0;
        for (const piece of pieces()) {
          if (piece.length > skipped) yield piece.slice(skipped);
          skipped = 0;
        }
      }
      const pay = (length: number): void => machine.payBytes(length);
      const fail = (rest: string): never => errors.throwArgument(1, `invalid conversion specifier '%${rest}'`);
      return args.streamed(base, () => formatTime(format(), fields, pay, fail));
    },

    'os.difftime': (base, count) => args.float(base, Number(args.checkInteger(base, count, 1)) - Number(args.checkInteger(base, count, 2))),

    'os.getenv'(base, count) {
      const value = environment.getenv(args.checkText(base, count, 1));
      return value === undefined ? args.nil(base) : args.bytes(base, encodeText(value));
    },

    'os.remove'(base, count) {
      const path = args.checkText(base, count, 1);
      return args.attempt(base, path, () => {
        environment.remove(path);
        return args.boolean(base, true);
      });
    },

    'os.rename'(base, count) {
      const from = args.checkText(base, count, 1);
      const to = args.checkText(base, count, 2);
      return args.attempt(base, '', () => {
        environment.rename(from, to);
        return args.boolean(base, true);
      });
    },

    'os.tmpname'(base) {
      try {
        return args.text(base, environment.temporaryName());
      } catch (error) {
        if (!(error instanceof HostFailure)) throw error;
        return errors.throwMessage('unable to generate a unique filename');
      }
    },

    'os.exit'(base, count) {
      let code = 0;
      if (count >= 1 && slots.typeName(base) === 'boolean') code = slots.isFalsy(base) ? 1 : 0;
      else code = Number(args.optionalInteger(base, count, 1, 0n));
      const isClosing = count >= 2 && !slots.isFalsy(base + SLOT_SIZE);
      if (!exitsProcess) return machine.exit(code & 0xff, isClosing);
      if (isClosing) closeState(machine);
      streams.flush();
      machine.jit.close();
      return environment.exit(code & 0xff);
    },

    'os.setlocale'(base, count) {
      const locale = args.optionalText(base, count, 1);
      args.checkOption(base, count, 2, CATEGORIES, 'all');
      return locale === undefined || locale === '' || locale === 'C' || locale === 'POSIX' ? args.text(base, 'C') : args.nil(base);
    },

    'os.execute'(base, count) {
      const command = args.optionalText(base, count, 1);
      if (command === undefined) return args.boolean(base, environment.hasShell);
      return args.attempt(base, '', () => {
        // What the program has written comes before what the command writes.
        streams.flush();
        return args.processEnd(base, environment.execute(command));
      });
    },
  };
}
