/**
 * The reference of the API, made by TypeDoc of the sources' comments, into build/docs.
 * Usage: node scripts/docs.mjs
 *
 * TypeDoc is no dependency of the package: it stands on the compiler's JavaScript API, which TypeScript 7 has not got, and two versions of TypeScript cannot be installed
 * side by side for it. So it is fetched into build/typedoc once, with the last TypeScript that it knows.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const place = join(root, 'build/typedoc');
const program = join(place, 'node_modules/typedoc/bin/typedoc');

/** Ends with the status of a program that fails. */
function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(program)) {
  mkdirSync(place, { recursive: true });
  run('npm', ['install', '--prefix', place, '--no-save', '--no-audit', '--no-fund', 'typedoc@0.28', 'typescript@6.0']);
}
const entries = ['src/api/index-node.ts', 'jit/index.ts', 'contracts/index-node.ts', 'pool/index.ts'];
run(process.execPath, [
  program, ...entries.flatMap((entry) => ['--entryPoints', entry]), '--tsconfig', 'tsconfig.build.json', '--out', 'build/docs', '--name', 'moontrace', '--excludeInternal', '--readme', 'none',
  // The sources are checked by the TypeScript that they are written for.
  '--skipErrorChecking', '--validation.notExported', 'false', '--logLevel', 'Warn',
]);
console.log('build/docs/index.html');
