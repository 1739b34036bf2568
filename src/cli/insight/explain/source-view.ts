/** The sources of a program, each line coloured by its share of the time; what is known of a line opens below it. */
import { type Profile, type ReportedTrace, STATES, totalTime } from '../../../api/profile-port.ts';
import { findLines, type JitFindings, type LineFinding, lineKey, mainState } from '../findings.ts';
import { highlight } from './highlight.ts';
import { Html, html } from './html.ts';
import { traceAnchor } from './trace-view.ts';

/** A chunk whose text is at hand. */
export interface SourceText {
  /** As messages show it. */
  readonly name: string;
  readonly text: string;
}

/** Marks of lines that are part of compiled code, and of those that were tried in vain. */
const COMPILED = new Html('&#9679;');
const FAILED = new Html('&#9675;');
/** Exits of a line that are told. */
const EXITS = 4;

export const lineAnchor = (source: string, line: number): string => `line-${source}-${line}`.replaceAll(/\s/g, '_');

const plural = (count: number, unit: string): string => `${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`;

function timeNote({ time, states }: LineFinding, whole: number): Html {
  const parts = [...states].sort(([, a], [, b]) => b - a).map(([state, part]) => html`<span class="tag ${state}">${STATES[state]} ${((100 * part) / time).toFixed(0)} %</span> `);
  return html`<p>${((100 * time) / whole).toFixed(1)} % of the time, ${time.toFixed(0)} ms: ${parts}</p>`;
}

function compiledNote(traces: readonly ReportedTrace[]): Html {
  const links = traces.map(({ number, place }, index) => html`${index > 0 && ', '}<a href="#${traceAnchor(number)}">trace ${number}</a> (line ${place.line})`);
  return html`<p>Compiled: it is part of ${links}.</p>`;
}

function exitNotes(key: string, traces: readonly ReportedTrace[]): Html | undefined {
  const exits = traces.flatMap(({ exits: all }) => all.filter(({ place, hits }) => hits > 0 && key.endsWith(`:${place.line}`))).sort((a, b) => b.hits - a.hits).slice(0, EXITS);
  if (exits.length === 0) return undefined;
  return html`<p>Compiled code was left here:</p><ul>${exits.map(({ hits, reason }) => html`<li>${plural(hits, 'time')}, since ${reason.meaning}. ${reason.advice}</li>`)}</ul>`;
}

/** One line. */
function lineView(source: string, line: number, code: Html, finding: LineFinding | undefined, whole: number, hottest: number, { traces, failures }: JitFindings): Html {
  const key = lineKey(source, line);
  const own = traces.get(key) ?? [];
  const failed = failures.get(key) ?? [];
  const share = finding === undefined ? 0 : finding.time / whole;
  const heat = finding === undefined ? 0 : Math.sqrt(finding.time / hottest);
  const [kind, sign, says] = own.length > 0 ? ['compiled', COMPILED, 'compiled'] : failed.length > 0 ? ['interpreted', FAILED, 'not compiled'] : ['', ' ', ''];
  const cells = html`<span class="n">${line}</span><span class="t">${share >= 0.001 && `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`}</span><span class="m ${kind}" ${says !== '' && html` title="${says}"`}>${sign}</span><span>${code}</span>`;
  const style = heat > 0 && html` style="--h:${heat.toFixed(3)}"`;
  const id = lineAnchor(source, line);
  if (finding === undefined && own.length + failed.length === 0) return html`<div id="${id}">${cells}</div>`;
  const state = finding === undefined ? '' : mainState(finding);
  return html`<details id="${id}" data-state="${state}"><summary${style}>${cells}</summary><div class="note">${finding && timeNote(finding, whole)}${own.length > 0 && compiledNote(own)}${exitNotes(key, own)}${failed.map(
    ({ reason, detail, times, isSide }) => html`<p><b>Not compiled</b>${isSide && ', a way through the loop'} (${times === 1 ? 'tried once' : `tried ${times} times`}): ${reason.meaning}${detail !== '' && ` (${detail})`}. ${reason.advice}</p>`,
  )}</div></details>`;
}

export function sourceViews(profile: Profile, jit: JitFindings, sources: readonly SourceText[]): Html {
  const lines = findLines(profile);
  const byKey = new Map(lines.map((line) => [lineKey(line.frame.source, line.frame.line), line]));
  const whole = totalTime(profile);
  const hottest = lines[0]?.time ?? 1;
  return html`${sources.map(({ name, text }) => html`<h3 class="dim">${name}</h3><div class="source" role="group" aria-label="Source of ${name}">${
    highlight(text.replace(/\n$/, '')).map((code, index) => lineView(name, index + 1, code, byKey.get(lineKey(name, index + 1)), whole, hottest, jit))
  }</div>`)}`;
}
