/** What to change in a program, the most rewarding first: drawn from where its time went and from what the JIT says of it. */
import { isProgram, type JitStats, type Profile, type ProfileFrame, timeByState, totalTime } from '../../../api/profile-port.ts';
import { findLines, type JitFindings, type LineFinding, lineKey, mainState, placeKey } from '../findings.ts';

export interface Suggestion {
  readonly title: string;
  readonly text: string;
  /** The line it is about. */
  readonly line: { readonly source: string; readonly line: number } | undefined;
  /** Part of the time that is at stake, 0 to 1. */
  readonly share: number;
}

/** Parts of the time from which on something is worth a word. */
const LINE = 0.03;
const COLLECTOR = 0.1;
const FUNCTION = 0.08;
const JIT = 0.15;
const COMPILED = 0.75;
/** Milliseconds that a program has to run for a picture one can rely on. */
const SHORT = 100;
/** Times an exit was taken from which on it is worth a word, and exits that are named. */
const MANY_EXITS = 1000;
const EXITS = 3;

/** What to do about library functions that take long. */
const LIBRARY: Readonly<Record<string, string>> = {
  'string.format': 'Where it only joins, `..` or table.concat is quicker; keep what was formatted rather than do so again.',
  'string.rep': 'Make the string once, outside of the loop.',
  'string.sub': 'To look at single characters string.byte makes no strings.',
  'string.find': 'With `true` as the fourth argument it looks for plain text; a pattern that begins with ^ is tried at one place only.',
  'string.match': 'A pattern that begins with ^ is tried at one place only; string.byte is quicker for single characters.',
  'string.gmatch': 'Walk over a long string once and keep what was found.',
  'string.gsub': 'A table as replacement is quicker than a function; do several replacements in one pass.',
  'table.insert': 'At the end of a list, `list[#list + 1] = value` or a counter of your own is quicker; inserting in front moves all elements.',
  'table.remove': 'Removing in front moves all elements: keep an index to the first one, or remove at the end.',
  'table.concat': 'Join once, at the end.',
  'table.sort': 'Its comparison function is called n log n times: keep it short, or sort by keys that were made beforehand.',
  'table.unpack': 'Name the elements (`local a, b = t[1], t[2]`) where their number is known.',
  setmetatable: 'One object less is one call less: use objects again where you can.',
  tostring: 'Keep the text rather than make it again.',
  tonumber: 'Convert once, when the data comes in.',
  pcall: 'Put it around the loop rather than into it.',
  print: 'Collect the output and write it with one io.write.',
  'io.write': 'Write larger pieces: collect with table.concat.',
  'io.read': 'Read larger pieces, or the whole file with io.read("a").',
};

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

const NOT_TRIED =
  'Only loops are compiled, with what they call. This ran in none that was hot for long enough, or its loop\'s compiled code went other ways. If it is a function that is called from many places, or calls itself, bring the loop to it: let it work on many things in one call.';

const COMPILED_TOO =
  'It is part of compiled code, and took this time in the interpreter before that was made, or where it was left. If it stays so when the program runs for longer, open the line: it tells where its compiled code is left, and why.';

const functionKey = ({ frame }: LineFinding): string => `${frame.source}:${frame.lineDefined}`;

/** What to do about lines that are interpreted, those of a function for one reason together. */
function adviseOnInterpreted(lines: readonly LineFinding[], whole: number, { failures, traces }: JitFindings): Suggestion[] {
  const groups = new Map<string, { readonly text: string; readonly lines: LineFinding[] }>();
  const failureAt = ({ frame }: LineFinding) => failures.get(lineKey(frame.source, frame.line))?.find(({ reason }) => reason.advice !== '');
  // What stopped a recording in one line of a function keeps its other lines in the interpreter, too.
  const failureOf = (line: LineFinding) => failureAt(line) ?? lines.filter((other) => functionKey(other) === functionKey(line)).map(failureAt).find(Boolean);
  for (const line of lines) {
    const failure = failureOf(line);
    const text = traces.has(lineKey(line.frame.source, line.frame.line)) ? COMPILED_TOO : failure === undefined ? NOT_TRIED : `It was not compiled: ${failure.reason.meaning}. ${failure.reason.advice}`;
    const key = `${functionKey(line)} ${text}`;
    const group = groups.get(key) ?? { text, lines: [] };
    groups.set(key, group);
    group.lines.push(line);
  }
  return [...groups.values()].map(({ text, lines: group }) => {
    const share = group.reduce((sum, { time }) => sum + time, 0) / whole;
    const numbers = group.map(({ frame }) => frame.line).sort((a, b) => a - b);
    const title = `${group.length === 1 ? `Line ${numbers[0]} runs` : `Lines ${numbers.join(', ')} run`} in the interpreter (${percent(share)} of the time)`;
    return { title, text, line: group[0]?.frame, share };
  });
}

/** Library functions by their time. */
function libraryTimes({ samples, frames }: Profile): [name: string, time: number][] {
  const times = new Map<string, number>();
  for (const { state, stack, time } of samples) {
    const frame = frames[stack[0] as number] as ProfileFrame | undefined;
    if ((state !== 'library' && state !== 'host') || frame === undefined || isProgram(frame)) continue;
    times.set(frame.name ?? '?', (times.get(frame.name ?? '?') ?? 0) + time);
  }
  return [...times];
}

/** Exits that are taken often, though they have a cure. */
function adviseOnExits({ traces }: JitFindings, lines: readonly LineFinding[], whole: number): Suggestion[] {
  const timeOf = new Map(lines.map(({ frame, time }) => [lineKey(frame.source, frame.line), time]));
  const found = [...new Set([...traces.values()].flat())].flatMap((trace) => trace.exits.filter(({ hits, reason }) => hits >= MANY_EXITS && reason.advice !== '').map((exit) => ({ trace, exit })));
  return found.sort((a, b) => b.exit.hits - a.exit.hits).slice(0, EXITS).map(({ trace, exit }) => ({
    title: `The code of the loop in line ${trace.place.line} was left ${exit.hits.toLocaleString('en')} times in line ${exit.place.line}`,
    text: `Because ${exit.reason.meaning}. ${exit.reason.advice}`,
    line: exit.place,
    share: Math.max(timeOf.get(placeKey(exit.place)) ?? 0, (timeOf.get(placeKey(trace.place)) ?? 0) / 4) / whole,
  }));
}

/** @returns what there is to say, the most rewarding first; at least one thing */
export function suggest(profile: Profile, { spent, saved }: JitStats, jit: JitFindings): Suggestion[] {
  const whole = totalTime(profile);
  if (whole === 0) return [{ title: 'The program was over before anything could be seen', text: 'Give it more to do.', line: undefined, share: 0 }];
  const times = timeByState(profile);
  const lines = findLines(profile);
  const found = [
    ...adviseOnInterpreted(lines.filter((line) => mainState(line) === 'interpreted' && line.time / whole >= LINE), whole, jit),
    ...libraryTimes(profile).filter(([, time]) => time / whole >= FUNCTION).map(([name, time]): Suggestion => ({
      title: `${name} takes ${percent(time / whole)} of the time`, line: undefined, share: time / whole,
      text: LIBRARY[name] ?? 'Call it less often: keep its results, or move the call out of the loop.',
    })),
    ...adviseOnExits(jit, lines, whole),
  ];
  if (times.collector / whole >= COLLECTOR) {
    found.push({
      title: `The garbage collector takes ${percent(times.collector / whole)} of the time`, line: undefined, share: times.collector / whole,
      text: 'Make fewer objects: use tables again, make closures outside of loops, join strings with table.concat, pass several values in place of a table. `collectgarbage("setpause", 400)` lets it begin later, for more memory.',
    });
  }
  const jitShare = (times.recording + times.compiling) / whole;
  if (jitShare >= JIT) {
    found.push({
      title: `Compiling takes ${percent(jitShare)} of the time`, line: undefined, share: jitShare,
      text: `It took ${(spent.recording + spent.compiling).toFixed(0)} ms, and what it made has ${saved < 0 ? 'lost' : 'saved'} about ${Math.abs(saved).toFixed(0)} ms. A program that is as short as this, or that has many loops that each run a little, may be as fast with -joff.`,
    });
  }
  if (times.compiled / whole >= COMPILED) {
    found.push({
      title: `${percent(times.compiled / whole)} of the time is in compiled code`, line: lines[0]?.frame, share: 0.01,
      text: 'That is as it should be. What is left is to do less: look at what the hottest loops do.',
    });
  }
  if (whole < SHORT) found.push({ title: `The program ran for ${whole.toFixed(0)} ms only`, text: 'Give it more to do, for a picture you can rely on.', line: undefined, share: 1 });
  if (found.length === 0) found.push({ title: 'Nothing stands out', text: 'The time is spread over many lines. Look at the functions that call them.', line: undefined, share: 0 });
  return found.sort((a, b) => b.share - a.share);
}
