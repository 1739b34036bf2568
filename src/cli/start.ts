/**
 * The file that the command `moontrace` runs: loads the command (main.ts), which is a script beside it, and ends the process as it says.
 * A script itself (cli.cjs), for Node loads those sooner than modules.
 */
import { scriptLoader } from './load-script.ts';

const loadScript = scriptLoader(import.meta.dirname);
const { main } = loadScript('command.cjs') as typeof import('./main.ts');
void main(process.argv[1] as string, process.argv.slice(2), loadScript).then(process.exit);
