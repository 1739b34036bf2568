/**
 * The page of `moontrace explain`: where the time of a program went, and what to change. One file, which loads nothing: no script, only elements that open. For who wants
 * the program faster; IR and WebAssembly are there for who asks.
 */
import {
  type JitReport, type JitStats, type Profile, type ProfileFrame, sampleCount, STATE_NAMES, STATES, timeByState, totalTime, VERSION,
} from '../../../api/profile-port.ts';
import { JitFindings, placeKey } from '../findings.ts';
import { functionLabel } from '../profile/labels.ts';
import { Html, html } from './html.ts';
import style from './page.css';
import { lineAnchor, type SourceText, sourceViews } from './source-view.ts';
import { suggest } from './suggestions.ts';
import { type PrintWasm, traceViews } from './trace-view.ts';

export interface PageInput {
  /** The program as it was called. */
  readonly command: string;
  readonly profile: Profile;
  readonly jit: JitStats;
  readonly report: JitReport;
  /** Part of the instructions that ran in compiled code, 0 to 1. */
  readonly compiledShare: number;
  readonly sources: readonly SourceText[];
  readonly print: PrintWasm;
}

/** Functions that are listed. */
const FUNCTIONS = 15;

const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(whole, Number.MIN_VALUE)).toFixed(1)} %`;
const milliseconds = (time: number): string => (time < 10_000 ? `${time.toFixed(0)} ms` : `${(time / 1000).toFixed(1)} s`);

function overview({ profile, jit, compiledShare }: PageInput): Html {
  const whole = totalTime(profile);
  const times = timeByState(profile);
  const states = STATE_NAMES.filter((state) => times[state] > 0);
  const spent = jit.spent.recording + jit.spent.compiling;
  return html`<div class="bar" role="img" aria-label="${states.map((state) => `${STATES[state]} ${percent(times[state], whole)}`).join(', ')}">${states.map(
    (state) => html`<span class="${state}" style="width:${percent(times[state], whole).replace(' ', '')}" title="${STATES[state]} ${percent(times[state], whole)}"></span>`,
  )}</div><ul class="legend">${[...states].sort((a, b) => times[b] - times[a]).map((state) => html`<li class="${state}">${STATES[state]} <b>${percent(times[state], whole)}</b></li>`)}</ul>
<p>${jit.recorded + jit.restored === 0 ? 'The JIT had nothing to do: no loop was hot, or it is off.' : html`About <b>${(100 * compiledShare).toFixed(0)} %</b> of the instructions ran in compiled code. The JIT took ${milliseconds(spent)} for it (recording ${milliseconds(jit.spent.recording)}, compiling ${milliseconds(jit.spent.compiling)}), and has ${jit.saved < 0 ? 'lost' : 'saved'} about ${milliseconds(Math.abs(jit.saved))}.`}</p>`;
}

function suggestionList({ profile, jit }: PageInput, findings: JitFindings, shown: ReadonlySet<string>): Html {
  return html`<ol class="suggestions">${suggest(profile, jit, findings).map(({ title, text, line }) => {
    const place = line && shown.has(line.source) ? html`<h3><a href="#${lineAnchor(line.source, line.line)}">${title}</a></h3>` : html`<h3>${title}</h3>`;
    return html`<li>${place}<p>${text}</p></li>`;
  })}</ol>`;
}

/** Functions by the time spent in them, and in them with what they called. */
function functionTable({ profile }: PageInput): Html {
  const whole = totalTime(profile);
  const functions = new Map<string, { own: number; all: number }>();
  for (const { stack, time } of profile.samples) {
    const labels = stack.map((id) => functionLabel(profile.frames[id] as ProfileFrame, true));
    for (const label of new Set(labels)) {
      const entry = functions.get(label) ?? { own: 0, all: 0 };
      functions.set(label, entry);
      entry.all += time;
      if (label === labels[0]) entry.own += time;
    }
  }
  const rows = [...functions].sort(([, a], [, b]) => b.own - a.own || b.all - a.all).slice(0, FUNCTIONS);
  return html`<div class="scroll"><table><thead><tr><th class="r">itself</th><th class="r">with calls</th><th>function</th></tr></thead><tbody>${rows.map(
    ([label, { own, all }]) => html`<tr><td class="r">${percent(own, whole)}</td><td class="r">${percent(all, whole)}</td><td>${label}</td></tr>`,
  )}</tbody></table></div>`;
}

function failureTable({ failures, givenUp }: JitReport): Html {
  const final = new Set(givenUp.map(placeKey));
  if (failures.length === 0) return html`<p>All that was hot was compiled.</p>`;
  return html`<div class="scroll"><table><thead><tr><th>where</th><th class="r">tried</th><th>why not, and what to do</th></tr></thead><tbody>${failures.map(
    ({ place, at, reason, detail, times, isSide }) => html`<tr><td>${placeKey(place)}${isSide && ' (a way through a loop)'}</td><td class="r">${times}</td><td>${reason.meaning}${detail !== '' && ` (${detail})`}${
      placeKey(at) !== placeKey(place) && `, at ${placeKey(at)}`}. ${reason.advice}${final.has(placeKey(place)) && ' It is not tried any more.'}</td></tr>`,
  )}</tbody></table></div>`;
}

/** @returns the file's content */
export function explainPage(input: PageInput): string {
  const { command, profile, report, sources, print } = input;
  const findings = new JitFindings(report);
  const shown = new Set(sources.map(({ name }) => name));
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="generator" content="moontrace ${VERSION}"><title>${command}: where its time went</title><style>${new Html(style)}</style></head>
<body><header><h1>${command}</h1><p class="dim">ran for ${milliseconds(totalTime(profile))}, seen ${sampleCount(profile).toLocaleString('en')} times</p>
<nav aria-label="Parts of this page"><a href="#change">What to change</a><a href="#source">Source</a><a href="#functions">Functions</a><a href="#failures">Not compiled</a><a href="#traces">Compiled code</a></nav></header>
<main>${overview(input)}
<section aria-labelledby="change"><h2 id="change">What to change</h2>${suggestionList(input, findings, shown)}</section>
<section aria-labelledby="source"><h2 id="source">Source</h2><p class="dim">The warmer a line, the more time it took. &#9679; it is part of compiled code, &#9675; it was tried and not compiled. Time in compiled code counts for the line of its loop.
A line with more to say opens (click, or Tab and Enter).</p>${sourceViews(profile, findings, sources)}</section>
<section aria-labelledby="functions"><h2 id="functions">Functions</h2>${functionTable(input)}</section>
<section aria-labelledby="failures"><h2 id="failures">Not compiled</h2>${failureTable(report)}</section>
<section aria-labelledby="traces"><h2 id="traces">Compiled code</h2>${report.traces.length === 0 ? html`<p>There is none.</p>` : traceViews(report.traces, print)}</section>
</main></body></html>
`.text;
}
