/**
 * Checks the package's types as strict programs see them: right uses compile, wrong ones do not (test/types), the examples of the README and the guide do.
 * Usage: node scripts/types.mjs [versions of TypeScript...]   e.g. 5.0 5.4 5.9; without any, the installed one. A version is fetched from npm into build/typescript once.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ANNOTATIONS, SURROUNDINGS } from '../test/types/annotations.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
// In the package, so that programs find it by its name.
const folder = join(root, 'build/typed-examples');
const failures = [];
const fail = (text) => {
  failures.push(text);
  console.error(text);
};

/** Programs by file. */
function examplesOf(page, path) {
  const text = readFileSync(join(root, path), 'utf8');
  const used = new Set();
  const programs = new Map();
  for (const { 1: file, 2: content, index } of text.matchAll(/^```[jt]s(?: (\S+))?\n([\s\S]*?)^```$/gm)) {
    if (file !== undefined) {
      if (/\.(mjs|js|ts)$/.test(file)) programs.set(join(page, file.replace(/\.ts$/, '.mts')), content);
      continue;
    }
    let program = content;
    for (const [plain, typed] of ANNOTATIONS[page] ?? []) {
      if (!program.includes(plain)) continue;
      used.add(plain);
      program = program.replaceAll(plain, typed);
    }
    const isReadme = page === 'README.md';
    const missing = ['LuaFunction', 'LuaTable', 'StandardSchema', 'FileChanges', 'ClassOptions', ...(isReadme ? ['createVm', 'createSandbox', 'Interrupt'] : [])].filter((name) => new RegExp(`\\b${name}\\b`).test(program) && !new RegExp(`import .*\\b${name}\\b`).test(program));
    const imports = missing.length > 0 ? `import { ${missing.join(', ')} } from 'moontrace';\n` : '';
    const jit = isReadme && !program.includes("'moontrace/jit'") && program.includes('createJit') ? "import { createJit } from 'moontrace/jit';\n" : '';
    programs.set(join(page, `line-${text.slice(0, index).split('\n').length + 1}.mts`), `${imports}${jit}${isReadme ? SURROUNDINGS : ''}\n${program}\nexport {};\n`);
  }
  for (const [plain] of ANNOTATIONS[page] ?? []) if (!used.has(plain)) fail(`test/types/annotations.mjs: '${plain}' is not in ${path}`);
  return programs;
}

function writeExamples() {
  rmSync(folder, { recursive: true, force: true });
  const pages = [['README.md', 'README.md'], ...readdirSync(join(root, 'docs/guide')).filter((name) => name.endsWith('.md') && name !== 'README.md').map((name) => [name, `docs/guide/${name}`])];
  for (const [page, path] of pages) {
    for (const [file, content] of examplesOf(page, path)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), content);
    }
  }
}

const STRICT = { strict: true, exactOptionalPropertyTypes: true, target: 'es2022', module: 'nodenext', moduleResolution: 'nodenext', noEmit: true };
const PROJECTS = {
  // Its declarations are checked with them.
  'uses of the API': { compilerOptions: { ...STRICT, lib: ['es2022', 'dom', 'dom.iterable'], types: [], skipLibCheck: false }, files: ['../../test/types/right.ts', '../../test/types/wrong.ts'] },
  'for bundlers': { compilerOptions: { ...STRICT, module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom', 'dom.iterable'], types: [], skipLibCheck: false }, files: ['../../test/types/right.ts'] },
  // A program need not know what a catch caught.
  'examples': { compilerOptions: { ...STRICT, useUnknownInCatchVariables: false, lib: ['es2022', 'dom', 'dom.iterable'], types: ['node'], skipLibCheck: true, allowJs: true }, include: ['**/*.mts'] },
};

/** The compiler of a version; undefined if it cannot be had. */
function compilerOf(version) {
  if (version === undefined) return join(root, 'node_modules/typescript/bin/tsc');
  const place = join(root, 'build/typescript', version);
  const compiler = join(place, 'node_modules/typescript/bin/tsc');
  if (!existsSync(compiler)) {
    mkdirSync(place, { recursive: true });
    spawnSync('npm', ['install', '--prefix', place, '--no-save', '--no-audit', '--no-fund', `typescript@${version}`], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return existsSync(compiler) ? compiler : undefined;
}

const declarations = spawnSync(process.execPath, [join(root, 'scripts/build-declarations.mjs')], { cwd: root, stdio: 'inherit' });
if (declarations.status !== 0) process.exit(1);
writeExamples();
const versions = process.argv.slice(2);
for (const version of versions.length > 0 ? versions : [undefined]) {
  const compiler = compilerOf(version);
  if (compiler === undefined) {
    fail(`TypeScript ${version} cannot be fetched`);
    continue;
  }
  const { stdout: name } = spawnSync(process.execPath, [compiler, '--version'], { encoding: 'utf8' });
  for (const [title, project] of Object.entries(PROJECTS)) {
    const path = join(folder, `${title.replaceAll(' ', '-')}.json`);
    writeFileSync(path, JSON.stringify(project));
    const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', path], { cwd: root, encoding: 'utf8' });
    if (status === 0) console.log(`TypeScript ${name.trim().replace('Version ', '')}, ${title}: as they should be`);
    else fail(`TypeScript ${name.trim().replace('Version ', '')}, ${title}:\n${stdout}`);
  }
}
if (failures.length > 0) console.error('\nWhat a typed program adds to an example of a page is in test/types/annotations.mjs.');
process.exit(failures.length === 0 ? 0 : 1);
