/** Entry point `moontrace/contracts`: typed contracts between a host and its plugins, in the formats of polyplug. */
export type { AbiResult, AsyncFunctions } from './abi/call.ts';
export { decodeRecord } from './abi/decode.ts';
export { encodeRecord } from './abi/encode.ts';
export { type Api, type Contract, type ContractFunction, findContract } from './api/api.ts';
export { parseApi } from './api/parse-api.ts';
export { type EnumType, extentOf, type Field, layoutOf, type RecordLayout, type StructType, type Type } from './api/types.ts';
export { type AnyContracts, LuaHostBridge } from './bridge/lua-host-bridge.ts';
export { type BundleFiles, bundleFiles } from './bundle/files.ts';
export { type Dependency, generateManifest, type Manifest, parseBundle, parseManifest, type Provided, readManifest } from './bundle/manifest.ts';
export { bundleDigest, generateSigningKey, SIGNATURE_FILE, signBundle, type SigningKey, verifyBundle } from './bundle/signature.ts';
export { CONTRACT_ERRORS, ContractError, type ContractErrorReason, FIRST_PLUGIN_CODE } from './errors.ts';
export { generateAnnotations } from './generate/annotations.ts';
export { generateTypes } from './generate/typescript.ts';
export { bundleId, contractId, type ContractKind, fnv1a64, isCompatible, parseVersion, type Version } from './identity.ts';
export { type BundleEvent, BundleLoader, type FindOptions, type GuestHandle, type LoaderOptions } from './loader/bundle-loader.ts';
export { GUEST_DEFAULTS } from './loader/guest.ts';
export { generateLuaCodec } from './lua/codec-source.ts';
export { contractSchema } from './standard-schema.ts';
