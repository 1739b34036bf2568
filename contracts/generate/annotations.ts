/** LuaCATS annotations of an API, for the Lua language server: what `require` gives a plugin. */
import { type Api, checkApi, type Contract, type ContractFunction } from '../api/api.ts';
import { type Field, SCALARS, type Type } from '../api/types.ts';
import { luaInteger } from '../lua/codec-source.ts';

/** The module that has the values of enums. */
export const TYPES_MODULE = 'contracts.types';

const docLines = (docs: string): string[] => (docs === '' ? [] : docs.split('\n').map((line) => `---${line}`));
/** Docs behind a tag: one line. */
const trailing = (docs: string): string => (docs === '' ? '' : ` ${docs.replaceAll('\n', ' ')}`);

function typeName(type: Type): string {
  switch (type.kind) {
    case 'scalar': {
      const { kind } = SCALARS[type.name];
      return kind === 'bool' ? 'boolean' : kind === 'float' ? 'number' : 'integer';
    }
    case 'string':
    case 'buffer':
      return 'string';
    case 'array':
      return `${typeName(type.element)}[]`;
    case 'enum':
      return type.isBitflag ? 'integer' : type.name;
    case 'struct':
      return type.name;
  }
}

/** What Lua's types do not say. */
function range({ type, docs }: Field): string {
  const note = type.kind === 'scalar' && SCALARS[type.name].kind !== 'bool' ? `(${type.name})` : type.kind === 'buffer' ? '(bytes)' : type.kind === 'enum' && type.isBitflag ? `(${type.name})` : '';
  return trailing([note, docs].filter((text) => text !== '').join(' '));
}

const functionLines = (table: string, { name, params, returns, docs }: ContractFunction): string[] => [
  ...docLines(docs),
  ...params.map((param) => `---@param ${param.name} ${typeName(param.type)}${range(param)}`),
  ...returns.map((result) => `---@return ${typeName(result.type)}${range(result).replace(/^ /, ' # ')}`),
  `function ${table}.${name}(${params.map((param) => param.name).join(', ')}) end`,
  '',
];

function contractFile(contract: Contract): string {
  const table = contract.name.replaceAll('.', '_');
  return [`---@meta ${contract.name}`, '', ...docLines(contract.docs), `---@class ${contract.name}`, `local ${table} = {}`, '', ...contract.functions.flatMap((fn) => functionLines(table, fn)), `return ${table}`, ''].join('\n');
}

function typesFile({ enums, structs }: Api): string {
  return [
    `---@meta ${TYPES_MODULE}`, '', 'local types = {}', '',
    ...enums.flatMap(({ name, variants, docs }) => [...docLines(docs), `---@enum ${name}`, `types.${name} = {`, ...variants.map((variant) => `  ${variant.name} = ${luaInteger(variant.value)},${variant.docs === '' ? '' : ` --${trailing(variant.docs)}`}`), '}', '']),
    ...structs.flatMap(({ name, fields, docs }) => [...docLines(docs), `---@class ${name}`, ...fields.map((field) => `---@field ${field.name} ${typeName(field.type)}${range(field)}`), '']),
    'return types', '',
  ].join('\n');
}

/** @returns texts of files by name: one for the types, one for each contract */
export function generateAnnotations(api: Api): Readonly<Record<string, string>> {
  checkApi(api);
  return Object.fromEntries([[`${TYPES_MODULE}.lua`, typesFile(api)], ...api.contracts.map((contract) => [`${contract.name}.lua`, contractFile(contract)] as const)]);
}
