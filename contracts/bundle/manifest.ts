/**
 * Who a bundle is, what it provides and what it needs: `bundle.toml`, which is written by hand, and `manifest.toml`, which is made of it and repeats the ids.
 * A bundle may have either; if it has both they must agree.
 */
import { TomlReader } from '../api/toml-reader.ts';
import { checkArgument, ContractError, hasArrays } from '../errors.ts';
import { bundleId, contractId, formatVersion, parseVersion, type Version } from '../identity.ts';
import { type BundleFiles, checkFiles, isBundlePath, textOf } from './files.ts';

export interface Provided {
  readonly contract: string;
  readonly version: Version;
  /** How many of the contract's functions there are, from the first; all if it is not said. */
  readonly functionCount: number | undefined;
}

export interface Dependency {
  readonly contract: string;
  readonly minVersion: Version;
  /** The only bundle that will do. */
  readonly bundle: string | undefined;
}

export interface Manifest {
  readonly name: string;
  /** FNV-1a of the name. */
  readonly id: bigint;
  readonly version: Version;
  /** Path of the Lua file that the bundle begins with. */
  readonly file: string;
  readonly provides: readonly Provided[];
  readonly dependencies: readonly Dependency[];
  /** Is it begun anew when a bundle it depends on is reloaded? */
  readonly isReinitialised: boolean;
}

const LANGUAGE = 'lua';

function checkFile(table: TomlReader, file: string): string {
  return isBundlePath(file) && file.endsWith('.lua') ? file : table.fail('file', `'${file}' is no Lua file in the bundle`);
}

function readBundleName(table: TomlReader, key = 'name'): string {
  const name = table.text(key);
  return /^[\w.-]+$/.test(name) ? name : table.fail(key, `'${name}' is no name of a bundle`);
}

function checkLanguage(table: TomlReader): void {
  const key = table.has('runtime') ? 'runtime' : 'loader';
  const language = table.text(key);
  if (language !== LANGUAGE) table.fail(key, `'${LANGUAGE}' expected, got '${language}'`);
}

/** `name@major[.minor[.patch]]`. */
function readProvided(table: TomlReader, key: string, counts: ReadonlyMap<string, number>): Provided[] {
  return table.texts(key).map((text) => {
    const [contract = '', version = '', more] = text.split('@');
    if (contract === '' || more !== undefined) table.fail(key, `'name@version' expected, got '${text}'`);
    return { contract, version: parseVersion(version, key, 'bad-bundle'), functionCount: counts.get(text) };
  });
}

function readDependency(table: TomlReader): Dependency {
  const kind = table.text('kind');
  if (kind !== 'contract' && kind !== 'bundle') table.fail('kind', `'contract' or 'bundle' expected, got '${kind}'`);
  const contract = table.text('contract');
  const minVersion = parseVersion(table.text('min_version'), 'min_version', 'bad-bundle');
  const bundle = kind === 'bundle' || table.has('bundle') ? readBundleName(table, 'bundle') : undefined;
  checkId(table, 'contract_id', contractId('guest', contract, minVersion.major));
  checkId(table, 'bundle_id', bundle === undefined ? 0n : bundleId(bundle));
  return { contract, minVersion, bundle };
}

/** An id that is repeated must be the one that follows from the names. */
function checkId(table: TomlReader, key: string, expected: bigint): void {
  const found = table.integer(key);
  if (found !== undefined && BigInt.asUintN(64, found) !== expected) throw new ContractError('bundle-tampered', `${key}: ${expected} expected, got ${found}`);
}

function rejectTwice(table: TomlReader, provides: readonly Provided[]): void {
  const twice = provides.find(({ contract }, i) => provides.findIndex((other) => other.contract === contract) !== i);
  if (twice !== undefined) throw new ContractError('duplicate-provider', `the bundle provides ${twice.contract} twice`);
  if (provides.length === 0) table.fail('provides', 'the bundle provides nothing');
}

/** Reads `bundle.toml`. @throws ContractError bad-bundle, duplicate-provider */
export function parseBundle(text: string): Manifest {
  return TomlReader.read(text, 'bundle.toml', 'bad-bundle', (root) => {
    const bundle = root.table('bundle', (table) => {
      const name = readBundleName(table);
      checkLanguage(table);
      // Where the API is on the author's machine.
      table.skip('api');
      return { name, id: bundleId(name), version: parseVersion(table.text('version'), 'version', 'bad-bundle'), file: checkFile(table, table.text('file')), isReinitialised: table.flag('needs_reinit_on_dep_reload') };
    });
    const provides = root.tables('plugin', (table) => {
      table.text('name');
      if (table.has('version')) parseVersion(table.text('version'), 'version', 'bad-bundle');
      return readProvided(table, 'implements', new Map());
    }).flat();
    rejectTwice(root, provides);
    return { ...bundle, provides, dependencies: root.tables('dependency', readDependency) };
  });
}

function readCount(table: TomlReader, key: string): number {
  const count = Number(table.integer(key));
  return count >= 0 && Number.isSafeInteger(count) ? count : table.fail(key, 'a number of functions expected');
}

/** Reads `manifest.toml`. @throws ContractError bad-bundle, bundle-tampered, duplicate-provider */
export function parseManifest(text: string): Manifest {
  return TomlReader.read(text, 'manifest.toml', 'bad-bundle', (root) => {
    const name = readBundleName(root);
    checkLanguage(root);
    if (!root.has('id')) root.fail('id', 'missing');
    checkId(root, 'id', bundleId(name));
    const counts = root.has('function_count')
      ? root.table('function_count', (table) => new Map(table.keys().map((key) => [key, readCount(table, key)] as const)))
      : new Map<string, number>();
    const provides = readProvided(root, 'provides', counts);
    rejectTwice(root, provides);
    return {
      name, id: bundleId(name), version: parseVersion(root.text('version'), 'version', 'bad-bundle'), file: checkFile(root, root.text('file')), provides,
      dependencies: root.tables('dependency', readDependency), isReinitialised: root.flag('needs_reinit_on_dep_reload'),
    };
  });
}

/** `manifest.toml` of what `bundle.toml` says. @throws MoontraceError bad-argument */
export function generateManifest(manifest: Manifest): string {
  checkArgument(hasArrays(manifest, ['provides', 'dependencies']), 'manifest: what parseBundle gives expected');
  const { name, id, version, file, provides, dependencies, isReinitialised } = manifest;
  const key = ({ contract, version: provided }: Provided): string => `"${contract}@${formatVersion(provided)}"`;
  const counted = provides.filter(({ functionCount }) => functionCount !== undefined);
  return [
    '# Made of bundle.toml by moontrace/contracts: changes belong there.',
    `name = "${name}"`, `id = ${id}`, `version = "${formatVersion(version)}"`, `runtime = "${LANGUAGE}"`, `file = ${JSON.stringify(file)}`,
    `provides = [${provides.map(key).join(', ')}]`,
    ...(counted.length === 0 ? [] : [`function_count = { ${counted.map((provided) => `${key(provided)} = ${provided.functionCount}`).join(', ')} }`]),
    `needs_reinit_on_dep_reload = ${isReinitialised}`,
    ...dependencies.flatMap(({ contract, minVersion, bundle }) => [
      '', '[[dependency]]', `kind = "${bundle === undefined ? 'contract' : 'bundle'}"`, `contract = "${contract}"`, `contract_id = ${contractId('guest', contract, minVersion.major)}`, `min_version = "${formatVersion(minVersion)}"`,
      ...(bundle === undefined ? [] : [`bundle = "${bundle}"`, `bundle_id = ${bundleId(bundle)}`]),
    ]),
    '',
  ].join('\n');
}

/** What both files say alike. */
function summary({ name, version, file, provides, dependencies, isReinitialised }: Manifest): string {
  const list = <Item>(items: readonly Item[], text: (item: Item) => string): string[] => items.map(text).sort();
  return JSON.stringify([
    name, formatVersion(version), file, isReinitialised,
    list(provides, (provided) => `${provided.contract}@${provided.version.major}`), list(dependencies, (dependency) => `${dependency.contract}@${formatVersion(dependency.minVersion)} ${dependency.bundle ?? ''}`),
  ]);
}

/** The manifest of a bundle. @throws ContractError bad-bundle, bundle-tampered, duplicate-provider */
export function readManifest(files: BundleFiles): Manifest {
  checkFiles(files);
  const [bundleText, manifestText] = [textOf(files, 'bundle.toml'), textOf(files, 'manifest.toml')];
  if (bundleText === undefined && manifestText === undefined) throw new ContractError('bad-bundle', 'neither manifest.toml nor bundle.toml is there');
  const bundle = bundleText === undefined ? undefined : parseBundle(bundleText);
  const manifest = manifestText === undefined ? bundle! : parseManifest(manifestText);
  if (bundle !== undefined && summary(bundle) !== summary(manifest)) throw new ContractError('bundle-tampered', `${manifest.name}: manifest.toml does not say what bundle.toml says`);
  if (!files.has(manifest.file)) throw new ContractError('bad-bundle', `${manifest.name}: ${manifest.file} is not there`);
  return manifest;
}
