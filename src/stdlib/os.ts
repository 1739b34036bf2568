/** The os library (manual, section 6.9). */
import { SLOT_SIZE, TAG_TABLE, VM_HOST_SCRATCH } from '../bytecode/layout.ts';
import { encodeText, fromByteString } from '../vm/text.ts';
import type { LibraryContext, LibraryFunctions } from './library.ts';
import { formatTime, splitTime, type TimeFields } from './time-format.ts';

const DATE_FIELDS: readonly (readonly [field: string, key: keyof TimeFields])[] = [
  ['year', 'year'], ['month', 'month'], ['day', 'day'], ['hour', 'hour'], ['min', 'minute'], ['sec', 'second'], ['yday', 'yearDay'], ['wday', 'weekDay'],
];

const CATEGORIES = ['all', 'collate', 'ctype', 'monetary', 'numeric', 'time'] as const;

export function createOsFunctions({ machine, args, streams }: LibraryContext): LibraryFunctions {
  const { slots, core, environment, errors } = machine;
  const scratch = VM_HOST_SCRATCH;

  const setFields = (table: number, fields: TimeFields): void => {
    for (const [name, key] of DATE_FIELDS) {
      slots.setInteger(scratch, BigInt(fields[key] as number));
      slots.setField(table, name, scratch);
    }
    slots.setBoolean(scratch, fields.isDaylightSaving);
    slots.setField(table, 'isdst', scratch);
  };

  /** An integer field of the table given to os.time (getfield of loslib). */
  const dateField = (table: number, name: string, otherwise: number | undefined): number => {
    slots.getField(table, name, scratch);
    if (slots.isNil(scratch)) return otherwise ?? errors.throwMessage(`field '${name}' missing in date table`);
    const value = machine.values.toHost(scratch);
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number === 'bigint') return errors.throwMessage(`field '${name}' is out-of-bound`);
    if (typeof number !== 'number' || !Number.isInteger(number)) return errors.throwMessage(`field '${name}' is not an integer`);
    if (Math.abs(number) > 2 ** 31 + 1900) return errors.throwMessage(`field '${name}' is out-of-bound`);
    return number;
  };

  return {
    clock: (base) => args.float(base, environment.cpuSeconds()),

    time(base, count) {
      if (args.isAbsent(base, count, 1)) return args.integer(base, Math.floor(environment.now() / 1000));
      const table = args.checkTable(base, count, 1);
      const year = dateField(table, 'year', undefined);
      const month = dateField(table, 'month', undefined);
      const day = dateField(table, 'day', undefined);
      const hour = dateField(table, 'hour', 12);
      const minute = dateField(table, 'min', 0);
      const second = dateField(table, 'sec', 0);
      const date = new Date(2000, 0, 1);
      // The fields may be out of their usual ranges; Date normalises them as mktime does, in local time.
      date.setFullYear(year, month - 1, day);
      date.setHours(hour, minute, second, 0);
      const time = Math.floor(date.getTime() / 1000);
      if (Number.isNaN(time)) return errors.throwMessage('time result cannot be represented in this installation');
      setFields(table, splitTime(time, false));
      return args.integer(base, time);
    },

    date(base, count) {
      const given = args.optionalText(base, count, 1) ?? '%c';
      const time = args.isAbsent(base, count, 2) ? Math.floor(environment.now() / 1000) : Number(args.checkInteger(base, count, 2));
      const isUtc = given.startsWith('!');
      const format = isUtc ? given.slice(1) : given;
      const fields = splitTime(time, isUtc);
      if (Number.isNaN(fields.year)) return errors.throwMessage('date result cannot be represented in this installation');
      if (format.startsWith('*t')) {
        const table = core.newTable(0, DATE_FIELDS.length + 1);
        setFields(table, fields);
        return args.object(base, TAG_TABLE, table);
      }
      const text = formatTime(format, fields);
      if (typeof text !== 'string') return errors.throwArgument(1, `invalid conversion specifier '%${text.invalid}'`);
      return args.text(base, text);
    },

    difftime: (base, count) => args.float(base, args.checkNumber(base, count, 1) - args.checkNumber(base, count, 2)),

    getenv(base, count) {
      const value = environment.getenv(args.checkText(base, count, 1));
      return value === undefined ? args.nil(base) : args.bytes(base, encodeText(value));
    },

    remove(base, count) {
      const path = args.checkText(base, count, 1);
      return args.attempt(base, path, () => {
        environment.remove(path);
        return args.boolean(base, true);
      });
    },

    rename(base, count) {
      const from = args.checkText(base, count, 1);
      const to = args.checkText(base, count, 2);
      return args.attempt(base, '', () => {
        environment.rename(from, to);
        return args.boolean(base, true);
      });
    },

    tmpname(base) {
      return args.bytes(base, fromByteString(environment.temporaryName()));
    },

    exit(base, count) {
      let code = 0;
      if (count >= 1 && slots.typeName(base) === 'boolean') code = slots.isFalsy(base) ? 1 : 0;
      else code = Number(args.optionalInteger(base, count, 1, 0n));
      streams.flush();
      machine.jit.close();
      return environment.exit(code & 0xff);
    },

    setlocale(base, count) {
      const locale = args.optionalText(base, count, 1);
      args.checkOption(base, count, 2, CATEGORIES, 'all');
      return locale === undefined || locale === '' || locale === 'C' || locale === 'POSIX' ? args.text(base, 'C') : args.nil(base);
    },

    execute(base, count) {
      if (args.isAbsent(base, count, 1)) return args.boolean(base, false);
      args.failure(base, 'exit');
      slots.setInteger(base + SLOT_SIZE, 127n);
      return 3;
    },
  };
}
