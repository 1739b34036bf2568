/** Lua source as HTML with its comments, strings, numbers and keywords marked. Works line by line; long comments and strings are carried over. */
import { type Html, html } from './html.ts';

const KEYWORDS = new Set(
  'and break do else elseif end false for function goto if in local nil not or repeat return then true until while'.split(' '),
);
const TOKEN = /--\[(=*)\[|--.*|\[(=*)\[|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|\b\d[\w.]*|[A-Za-z_]\w*/g;

const mark = (kind: string, text: string): Html => html`<span class="${kind}">${text}</span>`;

/** @returns the lines of a source */
export function highlight(source: string): Html[] {
  /** A long comment or string that goes on: its kind and what ends it. */
  let open: { readonly kind: string; readonly end: string } | undefined;
  return source.split('\n').map((line) => {
    const parts: (Html | string)[] = [];
    let at = 0;
    /** Takes what is open up to its end, or all of the line. @param from where its text begins */
    const close = (from: number, search: number): void => {
      const { kind, end } = open as { kind: string; end: string };
      const found = line.indexOf(end, search);
      at = found < 0 ? line.length : found + end.length;
      parts.push(mark(kind, line.slice(from, at)));
      if (found >= 0) open = undefined;
    };
    if (open !== undefined) close(0, 0);
    while (at < line.length) {
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(line);
      if (match === null) break;
      const [text, comment, string] = match;
      parts.push(line.slice(at, match.index));
      const level = comment ?? string;
      if (level !== undefined) {
        open = { kind: comment === undefined ? 'string' : 'comment', end: `]${level}]` };
        close(match.index, match.index + text.length);
        continue;
      }
      at = match.index + text.length;
      if (text.startsWith('--')) parts.push(mark('comment', text));
      else if (/^["']/.test(text)) parts.push(mark('string', text));
      else if (/^\d/.test(text)) parts.push(mark('number', text));
      else parts.push(KEYWORDS.has(text) ? mark('keyword', text) : text);
    }
    return html`${parts}${line.slice(at)}`;
  });
}
