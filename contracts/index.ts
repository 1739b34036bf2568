/** Entry point `moontrace/contracts`: typed contracts between a host and its plugins, in the formats of polyplug. */
export { type AbiResult, argumentsOf } from './abi/call.ts';
export { decodeRecord } from './abi/decode.ts';
export { encodeRecord } from './abi/encode.ts';
export { type Api, type Contract, contractKey, type ContractFunction, findContract } from './api/api.ts';
export { parseApi } from './api/parse-api.ts';
export { type EnumType, extentOf, type Field, layoutOf, type RecordLayout, type StructType, type Type } from './api/types.ts';
export { type AnyContracts, LuaHostBridge } from './bridge/lua-host-bridge.ts';
export { CONTRACT_ERRORS, ContractError, type ContractErrorReason, FIRST_PLUGIN_CODE } from './errors.ts';
export { bundleId, contractId, type ContractKind, fnv1a64, isCompatible, parseVersion, type Version } from './identity.ts';
export { generateLuaCodec } from './lua/codec-source.ts';
