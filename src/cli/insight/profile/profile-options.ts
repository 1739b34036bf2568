/** The options of `-j p`, as LuaJIT's -jp has them: `fl3i5`. */
import { MoontraceError } from '../../../api/profile-port.ts';

export interface ProfileOptions {
  readonly format: 'text' | 'annotated' | 'stacks' | 'speedscope';
  /** What is listed: functions (by name, or with their chunk), or lines. */
  readonly unit: 'function' | 'chunk-function' | 'line';
  /** Levels of a stack that are told apart; `fromCallers`: what stands above is split by what it calls, not by who calls it. */
  readonly depth: number;
  readonly fromCallers: boolean;
  /** The first level is listed by itself, those behind it below. */
  readonly isSplit: boolean;
  readonly showsPaths: boolean;
  /** States of the program: not listed, alone (`v`), each with its places below (`vf`), or below each place (`fv`). */
  readonly states: 'hidden' | 'only' | 'above' | 'below';
  /** Milliseconds rather than percent. */
  readonly showsTimes: boolean;
  /** Whole files are annotated, not only around hot lines. */
  readonly annotatesAll: boolean;
  /** Percent below which nothing is listed. */
  readonly least: number;
  /** Milliseconds between two samples. */
  readonly interval: number;
}

const DEFAULTS: ProfileOptions = {
  format: 'text', unit: 'function', depth: 1, fromCallers: false, isSplit: false, showsPaths: false, states: 'hidden', showsTimes: false, annotatesAll: false, least: 3, interval: 2,
};

/** What a letter stands for. */
const LETTERS: Readonly<Record<string, Partial<ProfileOptions>>> = {
  f: { unit: 'function' },
  F: { unit: 'chunk-function' },
  l: { unit: 'line' },
  s: { isSplit: true },
  p: { showsPaths: true },
  r: { showsTimes: true },
  a: { format: 'annotated', unit: 'line' },
  A: { format: 'annotated', unit: 'line', annotatesAll: true },
  G: { format: 'stacks' },
};

const UNITS = ['f', 'F', 'l'];

/** The word that asks for a file of speedscope's, which options may follow. */
const SPEEDSCOPE = 'speedscope';

/** @param text behind `p=`, up to the comma @throws MoontraceError bad-option */
export function parseProfileOptions(text: string): ProfileOptions {
  const isSpeedscope = text.startsWith(SPEEDSCOPE);
  const letters = isSpeedscope ? text.slice(SPEEDSCOPE.length) : text;
  let options: ProfileOptions = { ...DEFAULTS, ...(isSpeedscope ? { format: 'speedscope', depth: Number.POSITIVE_INFINITY } : {}) };
  let hasUnit = false;
  for (const [option, letter = '', number = ''] of letters.matchAll(/([im])(\d+)|(-?\d+)|./gsu)) {
    if (letter !== '') options = { ...options, ...(letter === 'i' ? { interval: Math.max(Number(number), 1) } : { least: Number(number) }) };
    else if (/^-?\d+$/.test(option)) options = { ...options, depth: Math.max(Math.abs(Number(option)), 1), fromCallers: option.startsWith('-') };
    else if (option === 'v') options = { ...options, states: hasUnit ? 'below' : 'only' };
    else if (Object.hasOwn(LETTERS, option)) options = { ...options, ...LETTERS[option], ...(UNITS.includes(option) && options.states === 'only' ? { states: 'above' } : {}) };
    else throw new MoontraceError('bad-option', `-j p=${text}: '${option}' is none of the options (f F l s p v r a A G, m<percent>, i<milliseconds>, a depth, ${SPEEDSCOPE})`);
    hasUnit ||= UNITS.includes(option);
  }
  return options.isSplit ? { ...options, depth: Math.max(options.depth, 2) } : options;
}
