/** Reads `api.toml` (the format of polyplug): everything is checked here, so that nothing behind it has to. */
import { type ContractKind, contractId, parseVersion } from '../identity.ts';
import type { Api, Contract, ContractFunction } from './api.ts';
import { evaluateVariant } from './enum-expression.ts';
import { TomlReader } from './toml-reader.ts';
import { ENUM_FORMATS, type EnumFormat, type EnumType, extentOf, type Field, SCALARS, type StructType, type Type, type Variant } from './types.ts';

/** Words that name nothing in Lua or in JavaScript. */
const RESERVED = new Set(
  ('and break do else elseif end false for function goto if in local nil not or repeat return then true until while ' +
    'arguments await case catch class const continue debugger default delete enum eval export extends finally implements import instanceof interface let new null package private ' +
    'protected public static super switch this throw try typeof var void with yield').split(' '),
);
const LANGUAGES = ['rust', 'cpp', 'csharp', 'python', 'lua', 'javascript'];
const BUILT_IN = new Set(['StringView', 'Buffer', 'Ptr', 'ptr', 'Void', 'void', 'Array', ...Object.keys(SCALARS)]);

const IDENTIFIER = /^[A-Za-z_]\w*$/;
/** C0 and C1 control characters but tabs and line ends. */
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/;

function readName(table: TomlReader): string {
  const name = table.text('name');
  if (!IDENTIFIER.test(name) || name === '__proto__') table.fail('name', `'${name}' is no identifier`);
  if (RESERVED.has(name)) table.fail('name', `'${name}' is a reserved word`);
  return name;
}

function readContractName(table: TomlReader): string {
  const name = table.text('name');
  if (!name.split('.').every((part) => IDENTIFIER.test(part))) table.fail('name', `'${name}' is no dotted identifier`);
  return name;
}

function readDocs(table: TomlReader): string {
  const docs = (table.optionalText('docs') ?? '').replace(/\r\n?/g, '\n');
  if (CONTROL.test(docs)) table.fail('docs', 'a control character');
  // Attributes are for the generators of other languages.
  if (table.has('langs')) table.table('langs', (langs) => {
    for (const name of langs.keys()) if (LANGUAGES.includes(name)) langs.skip(name);
  });
  return docs;
}

/** Names that must differ. */
function rejectDuplicates(table: TomlReader, key: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) table.fail(key, `'${twice}' is there twice`);
}

function readEnum(table: TomlReader): EnumType {
  const name = readName(table);
  const format = table.text('repr') as EnumFormat;
  if (!ENUM_FORMATS.includes(format)) table.fail('repr', `one of ${ENUM_FORMATS.join(', ')} expected`);
  const known = new Map<string, bigint>();
  const variants = table.tables('variants', (variant): Variant => {
    const variantName = readName(variant);
    const value = evaluateVariant(variant.text('value'), 8 * SCALARS[format].size, known);
    if (typeof value === 'string') return variant.fail('value', value);
    if (known.has(variantName)) variant.fail('name', `'${variantName}' is there twice`);
    known.set(variantName, value);
    return { name: variantName, value, docs: readDocs(variant) };
  });
  return { kind: 'enum', name, format, isBitflag: table.flag('bitflag'), variants, docs: readDocs(table) };
}

/** The named types of a file, and what refers to them. */
class TypeScope {
  readonly #named = new Map<string, EnumType | StructType>();
  /** Structs that arrays are of. */
  readonly elements = new Set<StructType>();

  add(table: TomlReader, type: EnumType | StructType): void {
    if (BUILT_IN.has(type.name)) table.fail('name', `'${type.name}' is a type of the ABI`);
    if (this.#named.has(type.name)) table.fail('name', `'${type.name}' is there twice`);
    this.#named.set(type.name, type);
  }

  /** The type that a text names; undefined for void. */
  resolve(table: TomlReader, key: string, text: string): Type | undefined {
    const array = /^Array<(.*)>$/.exec(text);
    if (array !== null) {
      const element = this.resolve(table, key, array[1]!);
      if (element === undefined) return table.fail(key, 'an array of nothing');
      if (element.kind === 'array') return table.fail(key, 'an array of arrays');
      if (element.kind === 'struct') this.elements.add(element);
      return { kind: 'array', name: text, element };
    }
    if (text === 'StringView') return { kind: 'string', name: text };
    if (text === 'Buffer') return { kind: 'buffer', name: text };
    if (text === 'Void' || text === 'void') return undefined;
    const scalar = text === 'ptr' ? 'Ptr' : text;
    if (Object.hasOwn(SCALARS, scalar)) return { kind: 'scalar', name: scalar as keyof typeof SCALARS };
    return this.#named.get(text) ?? table.fail(key, `there is no type '${text}'`);
  }

  readField(table: TomlReader): Field {
    const name = readName(table);
    const type = this.resolve(table, 'type', table.text('type'));
    return { name, type: type ?? table.fail('type', 'only results may be void'), docs: readDocs(table) };
  }

  readFields(table: TomlReader, key: string): Field[] {
    const fields = table.tables(key, (field) => this.readField(field));
    rejectDuplicates(table, key, fields.map(({ name }) => name));
    return fields;
  }
}

/** Bytes that a struct may take: a mistake is found here, not when memory is short. */
const MAX_STRUCT_SIZE = 1 << 20;

/** Parameters of a function: Lua's calls have registers for so many. */
const MAX_PARAMS = 100;
/** Structs in structs. */
const MAX_NESTING = 64;

/** A struct that holds itself has no size. */
function checkSizes(root: TomlReader, structs: readonly StructType[]): void {
  const open = new Set<StructType>();
  const done = new Set<StructType>();
  const visit = (struct: StructType): void => {
    if (done.has(struct)) return;
    if (open.has(struct)) root.fail('types', `'${struct.name}' holds itself`);
    open.add(struct);
    if (open.size > MAX_NESTING) root.fail('types', `'${struct.name}' is nested too deeply`);
    for (const { type } of struct.fields) if (type.kind === 'struct') visit(type);
    open.delete(struct);
    done.add(struct);
    if (extentOf(struct).size > MAX_STRUCT_SIZE) root.fail('types', `'${struct.name}' is larger than ${MAX_STRUCT_SIZE} bytes`);
  };
  structs.forEach(visit);
}

function readReturn(table: TomlReader, scope: TypeScope): Field[] {
  if (!table.has('return')) return [];
  const asField = (type: Type | undefined, docs: string): Field[] => (type === undefined ? [] : [{ name: 'result', type, docs }]);
  if (!table.isTable('return')) return asField(scope.resolve(table, 'return', table.text('return')), '');
  return table.table('return', (result) => asField(scope.resolve(result, 'type', result.text('type')), readDocs(result)));
}

function readContract(table: TomlReader, kind: ContractKind, scope: TypeScope): Contract {
  const name = readContractName(table);
  if (kind === 'host' && !name.startsWith('host.')) table.fail('name', "names of host contracts begin with 'host.'");
  const version = parseVersion(table.text('version'), 'version', 'bad-api');
  const functions = table.tables('functions', (fn): ContractFunction => ({
    name: readName(fn), params: scope.readFields(fn, 'params'), returns: readReturn(fn, scope), docs: readDocs(fn),
  }));
  rejectDuplicates(table, 'functions', functions.map((fn) => fn.name));
  const long = functions.find(({ params }) => params.length > MAX_PARAMS);
  if (long !== undefined) table.fail('functions', `'${long.name}' has more than ${MAX_PARAMS} parameters`);
  return { kind, name, version, id: contractId(kind, name, version.major), isSingleton: kind === 'host' && table.flag('singleton'), functions, docs: readDocs(table) };
}

/**
 * Reads the text of an `api.toml`.
 * @throws ContractError bad-api, naming the place
 */
export function parseApi(text: string): Api {
  return TomlReader.read(text, 'api.toml', 'bad-api', (root) => {
    const scope = new TypeScope();
    const enums = root.tables('enum', (table) => {
      const type = readEnum(table);
      scope.add(table, type);
      return type;
    });
    // Fields may name structs that stand below: all names are known before the first field is read.
    const structs = root.tables('types', (table): StructType & { fields: readonly Field[] } => {
      const struct = { kind: 'struct' as const, name: readName(table), fields: [], docs: readDocs(table) };
      scope.add(table, struct);
      table.skip('fields');
      return struct;
    });
    for (const [i, fields] of root.tables('types', (table) => (table.skipAll(), scope.readFields(table, 'fields'))).entries()) structs[i]!.fields = fields;
    checkSizes(root, structs);
    const contracts = [
      ...root.tables('guest_contract', (table) => readContract(table, 'guest', scope)),
      ...root.tables('host_contract', (table) => readContract(table, 'host', scope)),
    ];
    rejectDuplicates(root, 'contracts', contracts.map(({ name }) => name));
    // Their number would not show in the bytes.
    for (const { name, fields } of scope.elements) if (fields.length === 0) root.fail('types', `an array of '${name}', which has no fields`);
    if (root.has('langs')) root.skip('langs');
    return { enums, structs, contracts };
  });
}
