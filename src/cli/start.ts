/** The file that the command `moontrace` runs: loads the command (main.ts), which is a script beside it, and ends the process as it says. */
import { scriptLoader } from './load-script.ts';

const loadScript = scriptLoader(new URL('.', import.meta.url));
const { main } = loadScript('command.cjs') as typeof import('./main.ts');
process.exit(await main(process.argv[1] as string, process.argv.slice(2), loadScript));
