/** Manifests, signatures, and bundles that were tampered with. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { BundleLoader, bundleDigest, bundleFiles, bundleId, type BundleEvent, generateManifest, generateSigningKey, parseApi, parseBundle, parseManifest, readManifest, type SigningKey, signBundle, verifyBundle } from '../../contracts/index.ts';
import { readBundle } from '../../contracts/index-node.ts';
import { NEEDS_VALIDATOR, transformer, validator } from './bundles.ts';
import { PIPELINE_API } from './pipeline-api.ts';

const api = parseApi(PIPELINE_API);

/** What polyplugc makes for a bundle of its examples. */
const POLYPLUG_MANIFEST = `name = "lua_transformer"
id = 17498045201333065941
version = "1.0.0"
runtime = "lua"
provides = ["data.Transformer@1"]
function_count = { "data.Transformer@1" = 1 }
needs_reinit_on_dep_reload = false
file = "transformer.lua"

[[dependency]]
kind = "contract"
contract = "pipeline.Validator"
contract_id = 0x45173A959EEC57C5
min_version = "1.0"
`;

describe('a manifest', () => {
  test('of polyplug is read', () => {
    expect(parseManifest(POLYPLUG_MANIFEST)).toEqual({
      name: 'lua_transformer', id: 17498045201333065941n, version: { major: 1, minor: 0, patch: 0 }, file: 'transformer.lua', isReinitialised: false,
      provides: [{ contract: 'data.Transformer', version: { major: 1, minor: 0, patch: 0 }, functionCount: 1 }],
      dependencies: [{ contract: 'pipeline.Validator', minVersion: { major: 1, minor: 0, patch: 0 }, bundle: undefined }],
    });
  });

  test('is made of bundle.toml, and says the same', () => {
    const manifest = parseBundle(transformer('', `${NEEDS_VALIDATOR}bundle = "validator"\n`)['bundle.toml']!);
    expect(parseManifest(generateManifest(manifest))).toEqual(manifest);
    expect(readManifest(bundleFiles({ ...transformer('', `${NEEDS_VALIDATOR}bundle = "validator"\n`), 'manifest.toml': generateManifest(manifest) }))).toEqual(manifest);
  });

  test.each([
    ['an id that is not that of the name', POLYPLUG_MANIFEST.replace('lua_transformer', 'another'), 'bundle-tampered'],
    ['an id that is not that of the contract', POLYPLUG_MANIFEST.replace('pipeline.Validator', 'pipeline.Other'), 'bundle-tampered'],
    ['no id', POLYPLUG_MANIFEST.replace(/id = \d+\n/, ''), 'bad-bundle'],
    ['an id that is a text', POLYPLUG_MANIFEST.replace(/id = \d+/, 'id = "x"'), 'bad-bundle'],
    ['another language', POLYPLUG_MANIFEST.replace('runtime = "lua"', 'runtime = "python"'), 'bad-bundle'],
    ['no file', POLYPLUG_MANIFEST.replace(/file = .*\n/, ''), 'bad-bundle'],
    ['a file outside', POLYPLUG_MANIFEST.replace('transformer.lua', '/etc/x.lua'), 'bad-bundle'],
    ['a contract twice', POLYPLUG_MANIFEST.replace('provides = [', 'provides = ["data.Transformer@1.1", '), 'duplicate-provider'],
    ['a contract without a version', POLYPLUG_MANIFEST.replace('provides = ["data.Transformer@1"]', 'provides = ["data.Transformer"]'), 'bad-bundle'],
    ['two versions', POLYPLUG_MANIFEST.replace('provides = ["data.Transformer@1"]', 'provides = ["data.Transformer@1@2"]'), 'bad-bundle'],
    ['fewer than no functions', POLYPLUG_MANIFEST.replace('@1" = 1', '@1" = -1'), 'bad-bundle'],
    ['another kind of dependency', POLYPLUG_MANIFEST.replace('kind = "contract"', 'kind = "wish"'), 'bad-bundle'],
    ['a dependency on a bundle without its name', POLYPLUG_MANIFEST.replace('kind = "contract"', 'kind = "bundle"'), 'bad-bundle'],
  ])('is refused for %s', (_, text, reason) => {
    expect(() => parseManifest(text)).toThrow(expect.objectContaining({ reason }));
  });

  test.each([
    ['version = "1.0.0"', 'version = "1.0.1"'],
    ['file = "main.lua"', 'file = "other.lua"'],
    ['data.Transformer@1.2.0', 'data.Transformer@2.0.0'],
    ['needs_reinit_on_dep_reload = false', 'needs_reinit_on_dep_reload = true'],
    ['min_version = "1.0.0"', 'min_version = "1.0.5"'],
  ])('that does not say what bundle.toml says is refused: %s', (from, to) => {
    const files = transformer('', NEEDS_VALIDATOR);
    const manifest = generateManifest(parseBundle(files['bundle.toml']!));
    expect(manifest).toContain(from);
    expect(() => readManifest(bundleFiles({ ...files, 'manifest.toml': manifest.replace(from, to), 'other.lua': '' }))).toThrow(expect.objectContaining({ reason: 'bundle-tampered' }));
  });
});

describe('a signature', () => {
  let key: SigningKey;
  let signed: Map<string, Uint8Array>;
  beforeAll(async () => {
    key = await generateSigningKey();
    const files = bundleFiles({ ...validator(), 'data/ä': Uint8Array.of(1, 2), 'data/z': '' });
    signed = new Map([...files, ['bundle.sig', await signBundle(files, key)]]);
  });

  test('has 103 bytes, of a digest of all files in the order of their paths', async () => {
    expect(signed.get('bundle.sig')!.length).toBe(103);
    expect(Buffer.from(signed.get('bundle.sig')!.subarray(0, 7)).toString('latin1')).toBe('PPSIG\0\x01');
    const hash = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();
    const expected = hash(Buffer.concat(['bundle.toml', 'data/z', 'data/ä', 'main.lua'].flatMap((path) => [Buffer.from(`${path}\0`), hash(signed.get(path)!)])));
    expect(Buffer.from(await bundleDigest(signed))).toEqual(expected);
    // Ed25519 has one signature for a key and a message: another implementation makes the same.
    const privateKey = createPrivateKey({ key: Buffer.from(key.privateKey), format: 'der', type: 'pkcs8' });
    expect(Buffer.from(signed.get('bundle.sig')!.subarray(39))).toEqual(sign(null, expected, privateKey));
    expect(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32)).toEqual(Buffer.from(key.publicKey));
  });

  test('is verified, with or without keys to trust', async () => {
    expect(await verifyBundle(signed)).toEqual(key.publicKey);
    expect(await verifyBundle(signed, [new Uint8Array(32), key.publicKey])).toEqual(key.publicKey);
    await expect(verifyBundle(signed, [new Uint8Array(32)])).rejects.toMatchObject({ reason: 'untrusted-key' });
    await expect(verifyBundle(signed, [])).rejects.toMatchObject({ reason: 'untrusted-key' });
  });

  test('does not hold for other files: any byte, a file more, a file less, another name', async () => {
    const refuse = async (files: Map<string, Uint8Array>): Promise<void> => expect(verifyBundle(files)).rejects.toMatchObject({ reason: 'bad-signature' });
    for (const [path, content] of signed) {
      for (let i = 0; i < content.length; i += path === 'bundle.sig' ? 1 : 7) await refuse(new Map(signed).set(path, content.with(i, content[i]! ^ 1)));
      if (path === 'bundle.sig') continue;
      const without = new Map(signed);
      without.delete(path);
      await refuse(without);
      await refuse(new Map(without).set(`${path}x`, content));
    }
    await refuse(new Map(signed).set('more', new Uint8Array()));
    await refuse(new Map(signed).set('bundle.sig', signed.get('bundle.sig')!.subarray(1)));
    await refuse(new Map(signed).set('bundle.sig', new Uint8Array()));
    const unsigned = new Map(signed);
    unsigned.delete('bundle.sig');
    await expect(verifyBundle(unsigned)).rejects.toMatchObject({ reason: 'unsigned' });
  });

  test('is not made with what is no key', async () => {
    await expect(signBundle(signed, { privateKey: new Uint8Array(10), publicKey: new Uint8Array(32) })).rejects.toMatchObject({ reason: 'bad-signature' });
  });

  const tampered = (): Map<string, Uint8Array> => new Map(signed).set('main.lua', new TextEncoder().encode("ran = true return { ['pipeline.Validator'] = { validate = function() return true end } }"));

  test('is required before anything of the bundle runs', async () => {
    const loader = new BundleLoader({ api, signatures: 'required', trustedKeys: [key.publicKey], vm: () => {
      throw new Error('begun');
    } });
    await expect(loader.load(tampered())).rejects.toMatchObject({ reason: 'bad-signature' });
    await expect(loader.load(validator())).rejects.toMatchObject({ reason: 'unsigned' });
    await expect(loader.load(signed)).rejects.toThrow('begun');
  });

  test('may be only missed, or not be asked for', async () => {
    const events: string[] = [];
    const onEvent = (event: BundleEvent): unknown => events.push(`${event.phase} ${'error' in event ? event.error.reason : ''}`);
    for (const files of [signed, tampered(), validator()]) {
      const loader = new BundleLoader({ api, signatures: 'warn', onEvent });
      await loader.load(files);
      await loader.close();
    }
    expect(events.filter((event) => !/loading|unloaded/.test(event))).toEqual(['loaded ', 'warning bad-signature', 'loaded ', 'warning unsigned', 'loaded ']);
    const off = new BundleLoader({ api });
    await off.load(tampered());
    await off.close();
  });

  test('of a reload must be of the same key, if none are trusted from the start', async () => {
    const loader = new BundleLoader({ api, signatures: 'required' });
    await loader.load(signed);
    await loader.reload(signed);
    const files = bundleFiles(validator());
    const foreign = new Map([...files, ['bundle.sig', await signBundle(files, await generateSigningKey())] as const]);
    await expect(loader.reload(foreign)).rejects.toMatchObject({ reason: 'untrusted-key' });
    await loader.close();
  });
});

describe('a folder', () => {
  test('is read with the folders in it, links left out', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'moontrace-'));
    await mkdir(join(folder, 'lib'));
    await writeFile(join(folder, 'bundle.toml'), validator()['bundle.toml']!);
    await writeFile(join(folder, 'main.lua'), "return { ['pipeline.Validator'] = { validate = require('lib.words') } }");
    await writeFile(join(folder, 'lib/words.lua'), 'return function(input) return input == "x" end');
    await symlink('/etc/hostname', join(folder, 'link'));
    const files = await readBundle(folder);
    expect([...files.keys()].sort()).toEqual(['bundle.toml', 'lib/words.lua', 'main.lua']);
    const loader = new BundleLoader<{ 'pipeline.Validator': { validate(input: string): boolean } }>({ api });
    await loader.load(files);
    expect(loader.guest('pipeline.Validator').validate('x')).toBe(true);
    await loader.close();
    await rm(folder, { recursive: true });
    await expect(readBundle(folder)).rejects.toMatchObject({ reason: 'bad-bundle' });
  });
});

test('ids of bundles are those of their names', () => {
  expect(parseBundle(validator()['bundle.toml']!).id).toBe(bundleId('validator'));
});
