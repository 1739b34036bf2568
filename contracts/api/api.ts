/** What `api.toml` says: types, and the contracts between a host and its guests. Read by parse-api.ts. */
import { checkArgument, hasArrays } from '../errors.ts';
import type { ContractKind, Version } from '../identity.ts';
import type { EnumType, Field, StructType } from './types.ts';

/** A function of a contract; its number is its place in the contract. */
export interface ContractFunction {
  readonly name: string;
  readonly params: readonly Field[];
  /** One field, or none for a function without a result. */
  readonly returns: readonly Field[];
  readonly docs: string;
}

export interface Contract {
  readonly kind: ContractKind;
  /** Dotted, as `image.Decoder`. */
  readonly name: string;
  readonly version: Version;
  /** FNV-1a of kind, name and major version. */
  readonly id: bigint;
  /** Of a host contract: all guests share one instance. */
  readonly isSingleton: boolean;
  readonly functions: readonly ContractFunction[];
  readonly docs: string;
}

export interface Api {
  readonly enums: readonly EnumType[];
  readonly structs: readonly StructType[];
  readonly contracts: readonly Contract[];
}

/** @throws MoontraceError bad-argument */
export const checkApi = (api: Api): void => checkArgument(hasArrays(api, ['enums', 'structs', 'contracts']), 'api: what parseApi gives expected');

/** The contract of that kind and name. @throws MoontraceError bad-argument */
export function findContract(api: Api, kind: ContractKind, name: string): Contract | undefined {
  checkApi(api);
  return api.contracts.find((contract) => contract.kind === kind && contract.name === name);
}
