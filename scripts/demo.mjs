/** Runs an example with the JIT on, and shows what was compiled. Usage: npm run demo */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const command = ['dist/cli.cjs', '-j', 'v', 'examples/mandelbrot.lua'];
console.log(`$ node ${command.join(' ')}\n`);
const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
