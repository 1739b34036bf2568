/**
 * Runs the official test suite of Lua 5.4 (`lua/lua`, folder `testes`) against the built command line: each file in a process of its own, in the
 * conditions its `all.lua` sets up, in several modes. Prints a table, with the first error of each failure, and writes JSON.
 * Each process runs in a copy of the folder, since some files write into it. What stands for a C library there is noted below: the engine has none.
 * Usage: npm run official -- <path of testes> [files...] [--modes off,on,eager,stress,cycles] [--timeout seconds] [--json file] [--jobs n] [--verbose]
 * The package has to be built: `npm run build`, and `node scripts/build.mjs --test` for the modes with stress.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildStressCli } from './stress-cli.mjs';

const CLI = join(dirname(fileURLToPath(import.meta.url)), '../dist/cli.cjs');

/** Arguments of the command line by mode; `stress`: with the collector at work all the time (stress-cli.mjs). */
const MODES = {
  off: { args: ['-j', 'off'] },
  on: { args: ['-j', 'on'] },
  eager: { args: ['-j', 'on', '-j', 'share=100', '-j', 'hotloop=1', '-j', 'hotexit=1'] },
  stress: { args: ['-j', 'off'], stress: 'pieces' },
  cycles: { args: ['-j', 'off'], stress: 'cycles' },
};

/**
 * The files in the order of all.lua. `how`: whether all.lua runs the function itself (plain), or what string.dump makes of it, with or without
 * debug information; `result`: a condition on what the file returns; `portable`: false runs it as on a Unix system.
 */
const FILES = [
  { file: 'main.lua', how: 'dumped' },
  { file: 'main.lua', title: 'main.lua (Unix)', how: 'dumped', portable: false },
  { file: 'gc.lua', how: 'plain' },
  { file: 'db.lua', how: 'dumped' },
  { file: 'calls.lua', how: 'dumped', result: 'result == deep and deep' },
  { file: 'strings.lua', how: 'plain' },
  { file: 'literals.lua', how: 'plain' },
  { file: 'tpack.lua', how: 'dumped' },
  { file: 'attrib.lua', how: 'dumped', result: 'result == 27' },
  { file: 'gengc.lua', how: 'dumped' },
  { file: 'locals.lua', how: 'dumped', result: 'result == 5' },
  { file: 'constructs.lua', how: 'dumped' },
  { file: 'code.lua', how: 'stripped' },
  { file: 'cstack.lua', how: 'dumped' },
  { file: 'nextvar.lua', how: 'dumped' },
  { file: 'pm.lua', how: 'dumped' },
  { file: 'utf8.lua', how: 'dumped' },
  { file: 'api.lua', how: 'dumped' },
  { file: 'events.lua', how: 'dumped', result: 'result == 12' },
  { file: 'vararg.lua', how: 'dumped' },
  { file: 'closure.lua', how: 'dumped' },
  { file: 'coroutine.lua', how: 'dumped' },
  { file: 'goto.lua', how: 'stripped' },
  { file: 'errors.lua', how: 'dumped' },
  { file: 'math.lua', how: 'dumped' },
  { file: 'sort.lua', how: 'stripped' },
  { file: 'bitwise.lua', how: 'dumped' },
  { file: 'verybig.lua', how: 'stripped', result: 'result == 10' },
  { file: 'files.lua', how: 'dumped' },
  { file: 'all.lua', how: 'whole' },
];

/** The program for the modes with stress, once it is built. */
let stressCli;

/** Lua in place of C libraries, by name: the files that need them test something else. */
const STAND_INS = { 'lib2-v2.lua': 'return { id = function() return true end }' };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    modes: { type: 'string', default: 'off,on,eager,stress' },
    timeout: { type: 'string', default: '120' },
    json: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    'no-dump': { type: 'boolean', default: false },
  },
});

/** What runs one file: the globals and the loading of all.lua, in our own words. */
function wrapperOf({ file, how, result = 'true', portable = true }) {
  const load = `local chunk = assert(loadfile('${file}'))`;
  const again = how === 'plain' || values['no-dump'] ? '' : `chunk = assert(load(string.dump(chunk, ${how === 'stripped'})))`;
  return `
_U, ARG, T, debug = ${portable || undefined}, arg, nil, nil
_soft, _port, _nomsg = true, ${portable}, true
function Message() end
assert(os.setlocale 'C')
if '${file}' ~= 'main.lua' and '${file}' ~= 'gc.lua' then require 'tracegc'.start() end
${load}
${again}
local result = chunk()
assert(${result}, 'unexpected result')
io.stderr:write('official: passed\\n')
`;
}

/** The part of the error output that tells what went wrong first. */
function firstError(stderr) {
  const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Lua warning'));
  const start = lines.findIndex((line) => /:\d+: |: /.test(line) && !line.startsWith('\t'));
  // The suite prints a dot for every collection.
  return (lines[Math.max(start, 0)] ?? '').replace(/^\.+(?=\/)/, '').replace(CLI, 'moontrace').slice(0, 240);
}

/** Where the file itself was when it failed: its lines in the traceback, innermost first. */
function placeIn(file, stderr) {
  const lines = [...stderr.matchAll(new RegExp(`^\\t[^\\n]*${file.replace('.', '\\.')}:(\\d+):`, 'gm'))].map(([, line]) => line);
  return lines.length === 0 ? undefined : lines.slice(0, 3).join(' < ');
}

/** @returns outcome 'pass', 'fail' or 'time', seconds, the error */
function runFile(entry, mode, testes) {
  const folder = mkdtempSync(join(tmpdir(), 'moontrace-official-'));
  cpSync(testes, folder, { recursive: true });
  const wrapper = 'official-wrapper.lua';
  if (entry.portable === false) for (const [name, text] of Object.entries(STAND_INS)) writeFileSync(join(folder, name), text);
  if (entry.how !== 'whole') writeFileSync(join(folder, wrapper), wrapperOf(entry));
  const program = entry.how === 'whole' ? ['-e', '_U=true', entry.file] : [wrapper];
  const { args, stress } = MODES[mode];
  const start = performance.now();
  return new Promise((done) => {
    const child = spawn(stress ? stressCli : CLI, [...args, ...program], { cwd: folder, env: { ...process.env, MOONTRACE_STRESS: stress ?? '' }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('latin1');
      child[name].on('data', (text) => {
        output[name] = (output[name] + text).slice(-1 << 16);
      });
    }
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      // The file may have started programs of its own.
      process.kill(-child.pid, 'SIGKILL');
    }, Number(values.timeout) * 1000);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true });
      const seconds = (performance.now() - start) / 1000;
      const isGood = code === 0 && (entry.how === 'whole' ? output.stdout.includes('final OK') : output.stderr.includes('official: passed'));
      if (isGood) return done({ outcome: 'pass', seconds });
      if (isLate) return done({ outcome: 'time', seconds, error: `more than ${values.timeout} s`, output: output.stdout.slice(-300) });
      const line = placeIn(entry.file, output.stderr);
      const error = signal === null ? firstError(output.stderr) || `exit code ${code}` : `signal ${signal}`;
      done({ outcome: 'fail', seconds, error: line === undefined ? error : `${error} [line ${line}]`, output: output.stdout.slice(-300) });
    });
  });
}

async function main() {
  const [testes, ...only] = positionals;
  if (testes === undefined || !existsSync(join(testes, 'all.lua'))) {
    console.error('usage: npm run official -- <path of testes> [files...] [--modes off,on,eager,stress,cycles] [--timeout seconds] [--json file] [--jobs n] [--verbose]');
    return 2;
  }
  const modes = values.modes.split(',');
  const unknown = modes.find((mode) => MODES[mode] === undefined);
  if (unknown !== undefined) {
    console.error(`no mode '${unknown}'`);
    return 2;
  }
  if (modes.some((mode) => MODES[mode].stress)) {
    stressCli = await buildStressCli();
    if (stressCli === undefined) {
      console.error('stress needs the debug build of the core: node scripts/build.mjs --test');
      return 2;
    }
  }
  const wanted = FILES.filter(({ file }) => only.length === 0 || only.some((name) => file === name || file === `${name}.lua`));
  const rows = wanted.map((entry) => ({ file: entry.title ?? entry.file, runs: {} }));
  const queue = wanted.flatMap((entry, i) => modes.map((mode) => ({ entry, mode, row: rows[i] })));
  const width = Math.max(...rows.map(({ file }) => file.length));
  const printRow = ({ file, runs }) => {
    const cells = modes.map((mode) => `${runs[mode].outcome} ${runs[mode].seconds.toFixed(1).padStart(6)}s`.padEnd(14));
    const errors = [...new Map(modes.filter((mode) => runs[mode].error !== undefined).map((mode) => [runs[mode].error, mode]))];
    console.log([file.padEnd(width), ...cells].join('  ').trimEnd());
    for (const [error] of errors) {
      const where = modes.filter((mode) => runs[mode].error === error).join(', ');
      console.log(`${' '.repeat(width)}    ${where}: ${error}`);
      if (values.verbose) console.log(runs[where.split(', ')[0]].output.replace(/^/gm, `${' '.repeat(width)}    | `));
    }
  };

  console.log([' '.repeat(width), ...modes.map((mode) => mode.padEnd(14))].join('  ').trimEnd());
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { entry, mode, row } = next;
      row.runs[mode] = await runFile(entry, mode, resolve(testes));
      if (modes.every((each) => row.runs[each] !== undefined)) printRow(row);
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));

  const summary = modes.map((mode) => `${mode} ${rows.filter(({ runs }) => runs[mode].outcome === 'pass').length}/${rows.length}`);
  console.log(`\npassed: ${summary.join(', ')}`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ testes: resolve(testes), modes, rows }, undefined, 2)}\n`);
  return rows.every(({ runs }) => modes.every((mode) => runs[mode].outcome === 'pass')) ? 0 : 1;
}

process.exit(await main());
