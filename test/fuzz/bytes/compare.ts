/** Runs a script under lua5.4 and on the checked core, and compares what they print line by line. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLua54 } from '../../support/lua54.ts';
import { createCheckedVm, engineFailure, heapProblem, stress } from './checked-vm.ts';

/** Work a batch may do; more counts as a hang. */
const FUEL = 500_000_000;

/** A byte string as a Lua literal. */
export function quote(text: string): string {
  const escaped = (char: string): string => `\\${char.charCodeAt(0).toString().padStart(3, '0')}`;
  return `"${text.replace(/[^ !#-[\]-~]/g, escaped)}"`;
}

/** Prints the outcome of a protected call of each case on a line of its own; addresses, and what pads them, are left out. */
const PRELUDE = `
local pcall, type, format, select, tostring, concat, mathtype = pcall, type, string.format, select, tostring, table.concat, math.type
local function show(v)
  local kind = type(v)
  if kind == "string" then return (format("%q", v:gsub(" *(%a+: )0x%x+ *", "%1address"):gsub(" *0x[57]" .. ("%x"):rep(11) .. " *", "address"):gsub(" *0x00%x%x%x%x%x%x *", "address")):gsub("\\n", "n"):gsub("\\r", "\\\\r")) end
  if kind == "number" then return v ~= v and "nan" or (mathtype(v) == "float" and format("%a", v) or format("%d", v)) end
  if kind == "nil" or kind == "boolean" then return tostring(v) end
  return kind
end
local function line(...)
  local out = {}
  for i = 1, select("#", ...) do out[i] = show((select(i, ...))) end
  return concat(out, " ")
end
local function case(f, ...) print(line(pcall(f, ...))) end
`;

/** What the reference prints for the cases; each is a Lua expression list for \`case\`. */
function runReference(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'moontrace-bytes-'));
  try {
    writeFileSync(join(folder, 'cases.lua'), `assert(load(${quote(script)}, "=cases"))()`, 'latin1');
    return runLua54(join(folder, 'cases.lua'), 300_000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param cases argument lists of `case`: a function and its arguments
 * @param isStressed collect at every allocation
 * @param accept whether two different outcomes are one all the same
 * @returns problems, each with its case
 */
export function compareCases(cases: readonly string[], isStressed: boolean, accept: (expected: string, actual: string) => boolean = () => false): string[] {
  // Each case in a function of its own: there may be more than a function has room for.
  const script = PRELUDE + cases.map((text) => `;(function() case(${text}) end)()\n`).join('');
  const expected = runReference(script).split('\n');
  const output: string[] = [];
  const vm = createCheckedVm(output, cases.length, { fuel: FUEL });
  const problems: string[] = [];
  try {
    if (isStressed) stress(vm);
    const failure = engineFailure(() => vm.doString(Buffer.from(script, 'latin1'), '=cases'), true);
    const actual = output.join('').split('\n');
    cases.forEach((text, i) => {
      if (expected[i] !== actual[i] && !accept(expected[i] ?? '', actual[i] ?? '')) problems.push(`${text}\n  lua5.4 ${expected[i]}\n  here   ${actual[i]}`);
    });
    const heap = failure === undefined ? heapProblem(vm) : undefined;
    if (failure !== undefined) problems.unshift(failure);
    if (heap !== undefined) problems.unshift(heap);
  } finally {
    vm.close();
  }
  return problems.slice(0, 5);
}
