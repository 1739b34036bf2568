/** The pieces of compiled code of a program, each with where it is left, its IR and its WebAssembly. */
import type { ReportedTrace } from '../../../api/profile-port.ts';
import { placeKey } from '../findings.ts';
import { type Html, html } from './html.ts';

/** The text of a WebAssembly module; undefined where there is nothing that prints it. */
export type PrintWasm = ((binary: Uint8Array<ArrayBuffer>) => string) | undefined;

/** Characters of WebAssembly text in one page. */
const MAX_TEXT = 4_000_000;

export const traceAnchor = (number: number): string => `trace-${number}`;

function exitTable({ exits }: ReportedTrace): Html {
  const taken = exits.filter(({ hits }) => hits > 0).sort((a, b) => b.hits - a.hits);
  if (taken.length === 0) return html`<p class="dim">${exits.length} exits, none of which was taken and counted.</p>`;
  return html`<div class="scroll"><table><caption>Where it was left (${taken.length} of ${exits.length} exits were taken)</caption><thead><tr><th class="r">times</th><th>line</th><th>because</th></tr></thead><tbody>${taken.map(
    ({ hits, place, reason }) => html`<tr><td class="r">${hits.toLocaleString('en')}</td><td>${placeKey(place)}</td><td>${reason.meaning}</td></tr>`,
  )}</tbody></table></div>`;
}

const codeOf = (title: string, text: string): Html => html`<details><summary>${title}</summary><pre tabindex="0">${text}</pre></details>`;

/** @param print @param room characters there is still room for @returns the view, and what of the room it took */
function wasmView({ wasm }: ReportedTrace, print: PrintWasm, room: number): { readonly view: Html; readonly size: number } {
  if (wasm === undefined) return { view: html`<p class="dim">Its WebAssembly is part of another trace's function.</p>`, size: 0 };
  if (print === undefined) return { view: html`<p class="dim">WebAssembly: ${wasm.length.toLocaleString('en')} bytes. To see it as text install the package binaryen.</p>`, size: 0 };
  const text = print(wasm);
  if (text.length > room) return { view: html`<p class="dim">WebAssembly: ${wasm.length.toLocaleString('en')} bytes; as text it is too long for this page (-j dump -j backend=binaryen prints it).</p>`, size: 0 };
  return { view: codeOf(`WebAssembly (${wasm.length.toLocaleString('en')} bytes)`, text), size: text.length };
}

export function traceViews(traces: readonly ReportedTrace[], print: PrintWasm): Html {
  let room = MAX_TEXT;
  return html`${traces.map((trace) => {
    const { number, place, parent, link, length, discarded, entered, ir } = trace;
    const { view, size } = wasmView(trace, print, room);
    room -= size;
    const kind = parent === undefined ? 'loop' : `way from trace ${parent}`;
    const fate = discarded === undefined ? (entered > 0 ? `entered ${entered.toLocaleString('en')} times` : 'part of its loop\'s code') : `thrown away: ${discarded.meaning}`;
    return html`<details class="trace" id="${traceAnchor(number)}"><summary><b>Trace ${number}</b>, ${placeKey(place)} <span class="dim">(${kind}; ${length} instructions; ends with: ${link}; ${fate})</span></summary><div>${
      discarded !== undefined && discarded.advice !== '' && html`<p>${discarded.advice}</p>`}${exitTable(trace)}${codeOf('IR', ir)}${view}</div></details>`;
  })}`;
}
