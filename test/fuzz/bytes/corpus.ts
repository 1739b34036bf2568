/** Valid Lua to start from: the project's own scripts, cut to functions and statements of a handy size. */
import { readdirSync, readFileSync } from 'node:fs';

const MAX_SIZE = 1200;

function luaFiles(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter((path) => path.endsWith('.lua')).map((path) => `${folder}/${path}`).sort();
}

/** Pieces of the scripts in test/lua and of the library: whole files if they are short, else runs of lines. Not all of them compile. */
export function readCorpus(): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (const path of [...luaFiles('test/lua'), ...luaFiles('src/stdlib/lua')]) {
    let piece = '';
    for (const line of readFileSync(path, 'latin1').split(/(?<=\n)/)) {
      if (piece.length > 0 && piece.length + line.length > MAX_SIZE) {
        pieces.push(Buffer.from(piece, 'latin1'));
        piece = '';
      }
      piece += line;
    }
    if (piece !== '') pieces.push(Buffer.from(piece, 'latin1'));
  }
  return pieces.map((piece) => new Uint8Array(piece));
}
