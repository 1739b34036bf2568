/** Broken-down time and C's strftime in the "C" locale, for os.date. */

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
  /** Seconds since 1970. */
  readonly time: number;
}

const DAY = 86_400_000;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** Whether daylight saving is in force: the offset differs from the larger one of January and July. */
function isDaylightSaving(date: Date): boolean {
  const year = date.getFullYear();
  const standard = Math.max(new Date(year, 0, 1).getTimezoneOffset(), new Date(year, 6, 1).getTimezoneOffset());
  return date.getTimezoneOffset() < standard;
}

function zoneName(date: Date): string {
  return new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** Splits seconds since 1970 into local or UTC fields (year is NaN if it cannot be represented). */
export function splitTime(time: number, isUtc: boolean): TimeFields {
  const date = new Date(time * 1000);
  const offset = isUtc ? 0 : -date.getTimezoneOffset();
  // The same clock reading as if it were UTC.
  const shown = new Date(date.getTime() + offset * 60_000);
  const year = shown.getUTCFullYear();
  return {
    year,
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
    weekDay: shown.getUTCDay() + 1,
    yearDay: Math.floor((Date.UTC(year, shown.getUTCMonth(), shown.getUTCDate()) - Date.UTC(year, 0, 1)) / DAY) + 1,
    isDaylightSaving: !isUtc && isDaylightSaving(date),
    offset,
    zone: isUtc || offset === 0 ? (isUtc ? 'GMT' : 'UTC') : zoneName(date),
    time,
  };
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
  G: (t) => String(isoWeek(t).year),
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
  s: (t) => String(t.time),
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
  y: (t) => pad(t.year % 100, 2),
  Y: (t) => String(t.year),
  z: (t) => `${t.offset < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(t.offset) / 60), 2)}${pad(Math.abs(t.offset) % 60, 2)}`,
  Z: (t) => t.zone,
  '%': () => '%',
};

const expand = (format: string, fields: TimeFields): string => format.replace(/%(.)/g, (_, conversion: string) => CONVERSIONS[conversion]?.(fields) ?? '');

/** Conversions that may follow the modifiers E and O. */
const MODIFIED: Readonly<Record<string, string>> = { E: 'cCxXyY', O: 'deHImMSuUVwWy' };

/** strftime; the first conversion C does not know is reported. */
export function formatTime(format: string, fields: TimeFields): string | { readonly invalid: string } {
  let text = '';
  for (let i = 0; i < format.length; i++) {
    const char = format[i] as string;
    if (char !== '%') {
      text += char;
      continue;
    }
    const conversion = format[++i] ?? '';
    const modified = MODIFIED[conversion];
    if (modified !== undefined) {
      const next = format[++i] ?? '';
      if (next === '' || !modified.includes(next)) return { invalid: conversion + next };
      text += CONVERSIONS[next]?.(fields) ?? '';
      continue;
    }
    const convert = CONVERSIONS[conversion];
    if (convert === undefined) return { invalid: conversion };
    text += convert(fields);
  }
  return text;
}
