/** The command `moontrace-contracts`: checks api.toml and bundles, makes what follows from them, signs. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseApi } from '../api/parse-api.ts';
import { bundleFiles } from '../bundle/files.ts';
import { generateManifest, parseBundle, readManifest } from '../bundle/manifest.ts';
import { generateSigningKey, SIGNATURE_FILE, signBundle, verifyBundle } from '../bundle/signature.ts';
import { generateAnnotations } from '../generate/annotations.ts';
import { generateTypes } from '../generate/typescript.ts';
import { generateLuaCodec } from '../lua/codec-source.ts';
import { readBundle } from './bundle-folder.ts';

const USAGE = `usage: moontrace-contracts COMMAND
  generate api.toml --out FOLDER      contracts.ts, contracts.lua (checked stubs), annotations/*.lua for the Lua language server
  manifest bundle.toml                manifest.toml beside it
  validate api.toml | FOLDER          an API, or a bundle
  keygen --out FOLDER                 signing.key (keep it secret), verifying.key
  sign FOLDER --key signing.key       bundle.sig in the bundle
  verify FOLDER [--key verifying.key] its signature
`;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** 32 bytes that are public, and the rest that is not. */
const PUBLIC_KEY = 32;

async function write(path: string, content: string | Uint8Array, mode = 0o644): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content, { mode });
  return path;
}

/** What the command was given. */
interface Task {
  readonly path: string;
  readonly out: string;
  readonly key: string | undefined;
}

const TASKS: Readonly<Record<string, (task: Task) => Promise<readonly string[]>>> = {
  async generate({ path, out }) {
    const api = parseApi(await readFile(path, 'utf8'));
    const files = Object.entries(generateAnnotations(api)).map(([name, text]) => write(join(out, 'annotations', name), text));
    return Promise.all([write(join(out, 'contracts.ts'), generateTypes(api)), write(join(out, 'contracts.lua'), generateLuaCodec(api)), ...files]);
  },
  async manifest({ path }) {
    return [await write(join(dirname(path), 'manifest.toml'), generateManifest(parseBundle(await readFile(path, 'utf8'))))];
  },
  async validate({ path }) {
    if (path.endsWith('.toml')) return [`${parseApi(await readFile(path, 'utf8')).contracts.length} contracts`];
    const { name, id } = readManifest(await readBundle(path));
    return [`${name} ${id}`];
  },
  async keygen({ out }) {
    const { privateKey, publicKey } = await generateSigningKey();
    return [await write(join(out, 'signing.key'), Buffer.concat([publicKey, privateKey]), 0o600), await write(join(out, 'verifying.key'), publicKey)];
  },
  async sign({ path, key }) {
    const files = await readBundle(path);
    readManifest(files);
    const bytes = new Uint8Array(await readFile(key ?? 'signing.key'));
    const signature = await signBundle(files, { publicKey: bytes.subarray(0, PUBLIC_KEY), privateKey: bytes.subarray(PUBLIC_KEY) });
    await verifyBundle(bundleFiles(new Map([...files, [SIGNATURE_FILE, signature]])));
    return [await write(join(path, SIGNATURE_FILE), signature)];
  },
  async verify({ path, key }) {
    return [hex(await verifyBundle(await readBundle(path), key === undefined ? undefined : [new Uint8Array(await readFile(key))]))];
  },
};

/** @returns the exit code */
export async function runCommand(args: readonly string[], print: (text: string) => void, printError: (text: string) => void): Promise<number> {
  try {
    const { values, positionals: [command = '', path] } = parseArgs({ args: [...args], allowPositionals: true, options: { out: { type: 'string' }, key: { type: 'string' }, help: { type: 'boolean' } } });
    if (values.help) {
      print(USAGE);
      return 0;
    }
    const task = Object.hasOwn(TASKS, command) ? TASKS[command] : undefined;
    if (task === undefined || (path === undefined) !== (command === 'keygen')) {
      printError(USAGE);
      return 2;
    }
    for (const line of await task({ path: path ?? '', out: values.out ?? '.', key: values.key })) print(`${line}\n`);
    return 0;
  } catch (error) {
    printError(`moontrace-contracts: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
