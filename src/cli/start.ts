/**
 * The file that the command `moontrace` runs: loads the command (main.ts), which is a script beside it, and ends the process as it says.
 * A script itself (cli.cjs), for Node loads those sooner than modules.
 */
import { createCodeStore } from './code-store.ts';
import { scriptLoader } from './load-script.ts';

/** Names the scripts that were built with this file. */
declare const BUILD: string;

const loadScript = scriptLoader(import.meta.dirname, undefined, createCodeStore(BUILD, process.env));
const { main } = loadScript('command.cjs') as typeof import('./main.ts');
void main(process.argv[1] as string, process.argv.slice(2), loadScript).then(process.exit);
