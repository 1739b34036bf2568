/** `-j stats`: in what the time went, what the JIT did and did not, and the most expensive places, with what to do about them. */
import { type JitReport, type JitStats, type Profile, STATE_NAMES, STATES, timeByState, totalTime } from '../../../api/profile-port.ts';
import { findLines, JitFindings, type LineFinding, lineKey, mainState } from '../findings.ts';
import { functionLabel, lineLabel } from '../profile/labels.ts';
import { interpretedInstructions } from './interpreter-speed.ts';

/** Places that are listed. */
const PLACES = 10;

export interface StatsInput {
  readonly profile: Profile;
  readonly jit: JitStats;
  readonly report: JitReport;
  /** What an instruction takes in the interpreter, on this machine. */
  readonly nanosecondsPerInstruction: number;
}

const percent = (part: number, whole: number): string => `${(whole === 0 ? 0 : (100 * part) / whole).toFixed(0).padStart(3)}%`;
const milliseconds = (time: number): string => `${time.toFixed(0)} ms`;
const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** @returns lines, the last one ended */
export function statsReport({ profile, jit, report, nanosecondsPerInstruction }: StatsInput): string {
  const whole = totalTime(profile);
  const byState = timeByState(profile);
  const interpreted = interpretedInstructions(profile, nanosecondsPerInstruction);
  const states = STATE_NAMES.filter((state) => byState[state] > 0).sort((a, b) => byState[b] - byState[a]);
  return `${[
    `The program ran for ${milliseconds(whole)}:`,
    ...states.map((state) => `  ${percent(byState[state], whole)}  ${STATES[state]}`),
    `About ${percent(jit.instructions, jit.instructions + interpreted).trim()} of its instructions ran in compiled code: ${millions(jit.instructions)}, and ${millions(interpreted)} in the interpreter (at ${nanosecondsPerInstruction.toFixed(1)} ns each).`,
    jit.recorded + jit.restored === 0 ? 'The JIT had nothing to do: no loop was hot, or it is off.' : `The JIT took ${milliseconds(jit.spent.recording + jit.spent.compiling)} (recording ${milliseconds(jit.spent.recording)}, compiling ${milliseconds(jit.spent.compiling)}) and has ${jit.saved < 0 ? 'lost' : 'saved'} about ${milliseconds(Math.abs(jit.saved))}.`,
    ...(jit.restored === 0 ? [] : [`Traces that the image had: ${jit.restored}`]),
    ...(jit.recorded === 0 ? [] : recordings(jit, report)),
    ...places(profile, report),
  ].join('\n')}\n`;
}

const millions = (count: number): string => `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} million`;

function recordings({ recorded, compiled, aborted }: JitStats, { failures, traces }: JitReport): string[] {
  const reasons = new Map([...failures, ...traces.map(({ discarded }) => ({ reason: discarded }))].flatMap(({ reason }) => (reason === undefined ? [] : [[reason.name, reason.meaning]])));
  const counts = Object.entries(aborted).sort(([, a], [, b]) => b - a);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return [
    `Recordings: ${recorded}; compiled: ${compiled}; given up: ${total}${total === 0 ? '' : ', because'}`,
    ...counts.map(([name, count]) => `  ${String(count).padStart(4)}  ${reasons.get(name) ?? name} (${name})`),
  ];
}

function places(profile: Profile, report: JitReport): string[] {
  const whole = totalTime(profile);
  const lines = findLines(profile).slice(0, PLACES);
  if (lines.length === 0) return [];
  const jit = new JitFindings(report);
  return ['The most expensive lines:', ...lines.flatMap((line) => describe(line, whole, jit))];
}

function describe(line: LineFinding, whole: number, { failures }: JitFindings): string[] {
  const { frame, time } = line;
  const state = mainState(line);
  const text = [`  ${percent(time, whole)}  ${lineLabel(frame)} in ${functionLabel(frame)}: ${STATES[state].toLowerCase()}`];
  const failure = failures.get(lineKey(frame.source, frame.line))?.find(({ reason }) => reason.advice !== '');
  if (state === 'interpreted' && failure !== undefined) text.push(`        not compiled (${times(failure.times)}): ${failure.reason.meaning}.`, `        ${failure.reason.advice}`);
  return text;
}
