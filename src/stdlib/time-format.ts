/**
 * Broken-down time and C's strftime in the "C" locale, for os.date and os.time. Times are seconds since 1970 as bigint: the years that
 * fit C's int reach beyond what a Date, or a float, can hold. The zone's offset is the only thing a Date is asked for.
 */

export interface TimeFields {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 1 = Sunday. */
  readonly weekDay: number;
  /** 1 to 366. */
  readonly yearDay: number;
  readonly isDaylightSaving: boolean;
  /** Minutes east of Greenwich. */
  readonly offset: number;
  readonly zone: string;
}

/** Fields given to os.time: integers in the range of C's int, not normalised. */
export interface GivenTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** undefined: whatever holds at that time. */
  readonly isDaylightSaving: boolean | undefined;
}

const DAY = 86_400;
/** Seconds after which the calendar repeats. */
const CYCLE = 146_097n * BigInt(DAY);
/** Seconds a Date can hold. */
const DATE_LIMIT = 8_640_000_000_000n;
/** Years (from 1900) are an int in C. */
const INT_LIMIT = 2 ** 31;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** Days from 1970-01-01 to the first of a month of the proleptic Gregorian calendar. @param month 1 to 12 */
function daysToMonth(year: number, month: number): number {
  // Years that begin in March have their leap day last.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const inEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5);
  return era * 146_097 + inEra * 365 + Math.floor(inEra / 4) - Math.floor(inEra / 100) + dayOfYear - 719_468;
}

/** The date of a day counted from 1970-01-01. */
function dateOfDay(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const inEra = shifted - era * 146_097;
  const year = Math.floor((inEra - Math.floor(inEra / 1460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365);
  const dayOfYear = inEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: year + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

/** A Date at a time, or at the same place of another cycle of the calendar if it is out of a Date's range. */
function dateAt(time: bigint): Date {
  const isInRange = -DATE_LIMIT < time && time < DATE_LIMIT;
  return new Date(Number(isInRange ? time : ((time % CYCLE) + CYCLE) % CYCLE) * 1000);
}

/** Minutes east of Greenwich that clocks of the zone show at a time. */
const offsetAt = (time: bigint): number => -dateAt(time).getTimezoneOffset();

/** Offsets of the zone in standard time and in summer, in the year of a date. */
function offsetsOfYear(date: Date): { readonly standard: number; readonly summer: number } {
  const year = date.getFullYear();
  const january = -new Date(year, 0, 1).getTimezoneOffset();
  const july = -new Date(year, 6, 1).getTimezoneOffset();
  return { standard: Math.min(january, july), summer: Math.max(january, july) };
}

function isDaylightSavingAt(time: bigint): boolean {
  const date = dateAt(time);
  return -date.getTimezoneOffset() > offsetsOfYear(date).standard;
}

/** Regional forms of English know different abbreviations of zones; "GMT+1" means none. */
const ZONE_LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA'];

function zoneName(date: Date): string {
  let name = '';
  for (const locale of ZONE_LOCALES) {
    name = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    if (!/^(GMT|UTC)[+-]/.test(name)) break;
  }
  return name;
}

/** Splits a time into local or UTC fields; undefined if the year does not fit C's int. */
export function splitTime(time: bigint, isUtc: boolean): TimeFields | undefined {
  const offset = isUtc ? 0 : offsetAt(time);
  const shown = time + BigInt(Math.round(offset * 60));
  const second = Number(((shown % BigInt(DAY)) + BigInt(DAY)) % BigInt(DAY));
  const days = Number((shown - BigInt(second)) / BigInt(DAY));
  const { year, month, day } = dateOfDay(days);
  if (year - 1900 >= INT_LIMIT || year - 1900 < -INT_LIMIT) return undefined;
  return {
    year,
    month,
    day,
    hour: Math.floor(second / 3600),
    minute: Math.floor(second / 60) % 60,
    second: second % 60,
    weekDay: ((((days + 4) % 7) + 7) % 7) + 1,
    yearDay: days - daysToMonth(year, 1) + 1,
    isDaylightSaving: !isUtc && isDaylightSavingAt(time),
    offset,
    zone: isUtc ? 'GMT' : offset === 0 ? 'UTC' : zoneName(dateAt(time)),
  };
}

/** The time of local fields, which may be out of their usual ranges, as C's mktime finds it. */
export function joinTime(given: GivenTime): bigint {
  const months = given.month - 1;
  const year = given.year + Math.floor(months / 12);
  const days = daysToMonth(year, months - Math.floor(months / 12) * 12 + 1) + given.day - 1;
  const shown = BigInt(days) * BigInt(DAY) + BigInt(given.hour * 3600 + given.minute * 60 + given.second);
  const guess = shown - BigInt(Math.round(offsetAt(shown) * 60));
  const time = shown - BigInt(Math.round(offsetAt(guess) * 60));
  if (given.isDaylightSaving === undefined || given.isDaylightSaving === isDaylightSavingAt(time)) return time;
  const { standard, summer } = offsetsOfYear(dateAt(time));
  const difference = BigInt(Math.round((summer - standard) * 60 || 3600));
  return given.isDaylightSaving ? time - difference : time + difference;
}

const pad = (value: number, width: number, fill = '0'): string => String(value).padStart(width, fill);

/** ISO 8601 week-based year and week. */
function isoWeek({ year, yearDay, weekDay }: TimeFields): { year: number; week: number } {
  const day = weekDay === 1 ? 7 : weekDay - 1;
  const week = Math.floor((yearDay - day + 10) / 7);
  if (week < 1) return { year: year - 1, week: weeksIn(year - 1) };
  return week > weeksIn(year) ? { year: year + 1, week: 1 } : { year, week };
}

function weeksIn(year: number): number {
  const lastDay = (y: number): number => (y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400)) % 7;
  return lastDay(year) === 4 || lastDay(year - 1) === 3 ? 53 : 52;
}

/** THE table of conversions. */
const CONVERSIONS: Readonly<Record<string, (fields: TimeFields) => string>> = {
  a: (t) => (DAYS[t.weekDay - 1] ?? '?').slice(0, 3),
  A: (t) => DAYS[t.weekDay - 1] ?? '?',
  b: (t) => (MONTHS[t.month - 1] ?? '?').slice(0, 3),
  B: (t) => MONTHS[t.month - 1] ?? '?',
  c: (t) => expand('%a %b %e %H:%M:%S %Y', t),
  C: (t) => pad(Math.floor(t.year / 100), 2),
  d: (t) => pad(t.day, 2),
  D: (t) => expand('%m/%d/%y', t),
  e: (t) => pad(t.day, 2, ' '),
  F: (t) => expand('%Y-%m-%d', t),
  g: (t) => pad(isoWeek(t).year % 100, 2),
  G: (t) => String(isoWeek(t).year | 0),
  h: (t) => (MONTHS[t.month - 1] ?? '?').slice(0, 3),
  H: (t) => pad(t.hour, 2),
  I: (t) => pad(t.hour % 12 === 0 ? 12 : t.hour % 12, 2),
  j: (t) => pad(t.yearDay, 3),
  m: (t) => pad(t.month, 2),
  M: (t) => pad(t.minute, 2),
  n: () => '\n',
  p: (t) => (t.hour < 12 ? 'AM' : 'PM'),
  r: (t) => expand('%I:%M:%S %p', t),
  R: (t) => expand('%H:%M', t),
  S: (t) => pad(t.second, 2),
  t: () => '\t',
  T: (t) => expand('%H:%M:%S', t),
  u: (t) => String(t.weekDay === 1 ? 7 : t.weekDay - 1),
  U: (t) => pad(Math.floor((t.yearDay - 1 + 7 - (t.weekDay - 1)) / 7), 2),
  V: (t) => pad(isoWeek(t).week, 2),
  w: (t) => String(t.weekDay - 1),
  W: (t) => pad(Math.floor((t.yearDay - 1 + 7 - ((t.weekDay + 5) % 7)) / 7), 2),
  x: (t) => expand('%m/%d/%y', t),
  X: (t) => expand('%H:%M:%S', t),
  y: (t) => pad(((t.year % 100) + 100) % 100, 2),
  // An int in C, which wraps around in the last years.
  Y: (t) => String(t.year | 0),
  z: (t) => `${t.offset < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(t.offset) / 60), 2)}${pad(Math.abs(t.offset) % 60, 2)}`,
  Z: (t) => t.zone,
  '%': () => '%',
};

const expand = (format: string, fields: TimeFields): string => format.replace(/%(.)/g, (_, conversion: string) => CONVERSIONS[conversion]?.(fields) ?? '');

/** Bytes that a conversion counts for. */
const CONVERSION_LENGTH = 64;

/** Conversions that may follow the modifiers E and O. */
const MODIFIED: Readonly<Record<string, string>> = { E: 'cCxXyY', O: 'deHImMSuUVwWy' };

/**
 * strftime. @param pieces of the format, none of them empty @param pay is told the lengths of what is looked at and made, and may stop it
 * @param fail is told the rest of the format (for C: up to a zero byte) from the first conversion on that C does not know @yields pieces of the text
 */
export function* formatTime(pieces: Iterable<string>, fields: TimeFields, pay: (length: number) => void, fail: (rest: string) => never): Generator<string> {
  let begun = '';
  for (const piece of pieces) {
    pay(piece.length);
    const format = begun + piece;
    let text = '';
    let at = 0;
    begun = '';
    for (let mark = format.indexOf('%'); mark >= 0; mark = format.indexOf('%', at)) {
      text += format.slice(at, mark);
      const modified = MODIFIED[format[mark + 1] ?? ''];
      at = mark + (modified === undefined ? 2 : 3);
      if (at > format.length) {
        begun = format.slice(mark);
        break;
      }
      pay(CONVERSION_LENGTH);
      const conversion = format[at - 1] ?? '';
      const convert = modified === undefined || modified.includes(conversion) ? CONVERSIONS[conversion] : undefined;
      if (convert === undefined) fail(format.slice(mark + 1).split('\0', 1)[0]!);
      text += convert(fields);
    }
    yield text + format.slice(at);
  }
  if (begun !== '') fail(begun.slice(1));
}
