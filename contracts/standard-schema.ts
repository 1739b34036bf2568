/** Contracts of an `api.toml` for `Vm.contract`: their types as Standard Schemas. */
import type { ContractSchema, StandardSchema } from '../src/api/index.ts';
import { decodeRecord } from './abi/decode.ts';
import { encodeRecord } from './abi/encode.ts';
import type { Contract } from './api/api.ts';
import type { Field, Type } from './api/types.ts';
import { checkArgument, ContractError, hasArrays } from './errors.ts';

/** Strings of Lua that are UTF-8 reach the host as text, those that are meant as bytes, too. */
function withBytes(type: Type, value: unknown): unknown {
  if (type.kind === 'buffer') return typeof value === 'string' ? new TextEncoder().encode(value) : value;
  if (type.kind === 'array') return Array.isArray(value) ? value.map((item) => withBytes(type.element, item)) : value;
  if (type.kind !== 'struct' || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(type.fields.map(({ name, type: fieldType }) => [name, withBytes(fieldType, (value as Readonly<Record<string, unknown>>)[name])]));
}

/** A value fits if it has bytes; what arrives is what these say. */
const schemaOf = (field: Field): StandardSchema => ({
  '~standard': {
    version: 1,
    vendor: 'moontrace',
    validate(value) {
      try {
        return { value: decodeRecord([field], encodeRecord([field], [withBytes(field.type, value)], field.name), field.name)[0] };
      } catch (error) {
        if (!(error instanceof ContractError)) throw error;
        return { issues: [{ message: error.detail }] };
      }
    },
  },
});

/** Schemas of a contract's functions: `vm.contract(contractSchema(contract))`. @throws MoontraceError bad-argument */
export function contractSchema(contract: Contract): ContractSchema {
  checkArgument(hasArrays(contract, ['functions']), 'contract: what findContract gives expected');
  return Object.fromEntries(contract.functions.map(({ name, params, returns }) => [name, { params: params.map(schemaOf), ...(returns[0] !== undefined && { returns: schemaOf(returns[0]) }) }]));
}
