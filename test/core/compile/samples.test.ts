/** Every Lua file in the repository compiles to verified code, with PUC-Rio's lines. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeInstructions } from '../../support/disassembler.ts';
import type { Prototype } from '../../support/prototype.ts';
import { compileSource, findDefect } from '../../support/binary-chunk.ts';
import { LUAC54 } from '../../support/needs.ts';

const ROOTS = ['test/lua', 'bench', 'examples', 'src/stdlib'].filter((root) => existsSync(root));
const FILES = ROOTS.flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.lua')).map((name) => join(root, name)),
);

/**
 * Opcodes that both compilers emit in the same places. (Calls are left out: up to 5.4.4, PUC gave them the line on which the called
 * expression starts.)
 */
const COMPARED = /^(GETTABUP|GETFIELD|SETTABUP|SELF|CLOSURE|CONCAT|MOD|DIV|IDIV|LEN|UNM|FORPREP|FORLOOP|TFORCALL|NEWTABLE|SETLIST|[GS]ETUPVAL|VARARG)$/;

const flatten = (prototype: Prototype): Prototype[] => [prototype, ...prototype.prototypes.flatMap(flatten)];
const compileFile = (file: string): Prototype => compileSource(readFileSync(file), `@${file}`);

/** Opcode names without the forms for constants, and their lines, function by function. */
function linesOf(prototype: Prototype): string[][] {
  return flatten(prototype).map((each) =>
    decodeInstructions(each)
      .map(({ at, description }) => ({ name: description.name.replace(/K$/, ''), line: each.lines[at] }))
      .filter(({ name }) => COMPARED.test(name))
      .map(({ name, line }) => `${name} ${line}`),
  );
}

function referenceLinesOf(file: string): string[][] {
  const listing = execFileSync('luac5.4', ['-l', '-p', file], { encoding: 'latin1', maxBuffer: 1 << 26 });
  const functions: string[][] = [];
  for (const line of listing.split('\n')) {
    if (/^(main|function) </.test(line)) functions.push([]);
    const [, at, op] = /^\t\d+\t\[(\d+)\]\t(\w+)/.exec(line) ?? [];
    const name = op?.replace(/K$/, '');
    if (name !== undefined && COMPARED.test(name)) functions.at(-1)!.push(`${name} ${at}`);
  }
  return functions;
}

describe.each(FILES)('%s', (file) => {
  it('compiles to valid code', () => {
    expect(findDefect(compileFile(file))).toBeUndefined();
  });

  it.skipIf(LUAC54.isMissing)(LUAC54.title('has the lines of the reference implementation'), () => {
    expect(linesOf(compileFile(file))).toEqual(referenceLinesOf(file));
  });
});
