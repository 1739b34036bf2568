/** TypeScript of an API: values of enums, and interfaces of structs and contracts. */
import { type Api, checkApi, type Contract, type ContractFunction } from '../api/api.ts';
import { type EnumType, SCALARS, type StructType, type Type } from '../api/types.ts';

/** Lines of a doc comment; none for empty docs. */
function comment(docs: readonly string[], indent = ''): string[] {
  const lines = docs.filter((text) => text !== '').flatMap((text) => text.replaceAll('*/', '*\\/').split('\n'));
  if (lines.length === 0) return [];
  return lines.length === 1 ? [`${indent}/** ${lines[0]} */`] : [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}

function typeName(type: Type, isInput: boolean): string {
  switch (type.kind) {
    case 'scalar': {
      const format = SCALARS[type.name];
      return format.kind === 'bool' ? 'boolean' : format.kind === 'integer' && format.size === 8 ? 'bigint' : 'number';
    }
    case 'string':
      return 'string';
    case 'buffer':
      return 'Uint8Array';
    case 'array':
      return `${isInput ? 'readonly ' : ''}${typeName(type.element, isInput)}[]`;
    default:
      return type.name;
  }
}

function enumLines(type: EnumType): string[] {
  const suffix = type.format === 'u64' ? 'n' : '';
  return [
    ...comment([type.docs]),
    `export const ${type.name} = {`,
    ...type.variants.flatMap(({ name, value, docs }) => [...comment([docs], '  '), `  ${name}: ${value}${suffix},`]),
    '} as const;',
    type.isBitflag ? `export type ${type.name} = ${suffix === '' ? 'number' : 'bigint'};` : `export type ${type.name} = (typeof ${type.name})[keyof typeof ${type.name}];`,
    '',
  ];
}

const structLines = ({ name, fields, docs }: StructType): string[] => [
  ...comment([docs]),
  `export interface ${name} {`,
  ...fields.flatMap((field) => [...comment([field.docs], '  '), `  ${field.name}: ${typeName(field.type, false)};`]),
  '}',
  '',
];

function functionLines({ name, params, returns, docs }: ContractFunction): string[] {
  const tags = [...params.filter((param) => param.docs !== '').map((param) => `@param ${param.name} ${param.docs}`), ...returns.filter((result) => result.docs !== '').map((result) => `@returns ${result.docs}`)];
  const result = returns[0] === undefined ? 'void' : typeName(returns[0].type, false);
  return [...comment([docs, ...tags], '  '), `  ${name}(${params.map((param) => `${param.name}: ${typeName(param.type, true)}`).join(', ')}): ${result};`];
}

/** Interface of a contract: `image.Decoder` is ImageDecoderContract. */
const interfaceName = ({ name }: Contract): string => `${name.split('.').map((part) => part[0]!.toUpperCase() + part.slice(1)).join('')}Contract`;

const contractLines = (contract: Contract): string[] => [
  ...comment([contract.docs, `Contract \`${contract.name}\`, version ${contract.version.major}.${contract.version.minor}.${contract.version.patch}.`]),
  `export interface ${interfaceName(contract)} {`,
  ...contract.functions.flatMap(functionLines),
  '}',
  '',
];

const namesLines = (name: string, docs: string, contracts: readonly Contract[]): string[] => [
  ...comment([docs]),
  `export interface ${name} {`,
  ...contracts.map((contract) => `  '${contract.name}': ${interfaceName(contract)};`),
  '}',
];

/** Source of a module with what an API declares, and with the interfaces GuestContracts and HostContracts for `BundleLoader` and `LuaHostBridge`. */
export function generateTypes(api: Api): string {
  checkApi(api);
  const lines = [
    '// Made of api.toml by moontrace/contracts: changes belong there.',
    '',
    ...api.enums.flatMap(enumLines),
    ...api.structs.flatMap(structLines),
    ...api.contracts.flatMap(contractLines),
    ...namesLines('GuestContracts', 'What plugins implement, by name.', api.contracts.filter(({ kind }) => kind === 'guest')),
    '',
    ...namesLines('HostContracts', 'What the host implements, by name.', api.contracts.filter(({ kind }) => kind === 'host')),
  ];
  return `${lines.join('\n')}\n`;
}
