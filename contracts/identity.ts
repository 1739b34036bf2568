/** Ids of contracts and bundles, and the rule for versions. Ids are FNV-1a hashes of 64 bits of a name. */
import { checkArgument, ContractError, type ContractErrorReason } from './errors.ts';

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** FNV-1a, 64 bits, of a text as UTF-8. @throws MoontraceError bad-argument */
export function fnv1a64(text: string): bigint {
  checkArgument(typeof text === 'string', 'text: a string expected');
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash;
}

/** Who implements a contract. */
export type ContractKind = 'host' | 'guest';

/** Id of a contract: its kind, name and major version. @throws MoontraceError bad-argument */
export function contractId(kind: ContractKind, name: string, major: number): bigint {
  checkArgument((kind === 'host' || kind === 'guest') && typeof name === 'string' && Number.isInteger(major), "'host' or 'guest', a name and a major version expected");
  return fnv1a64(`${kind}_contract:${name}@${major}`);
}

export const bundleId = (name: string): bigint => fnv1a64(name);

export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** What minor and patch may be at most. */
const MAX_COMPONENT = 0xffff;

/** Reads `major[.minor[.patch]]`; what is left out is 0. @throws ContractError with the reason given */
export function parseVersion(text: string, where: string, reason: ContractErrorReason): Version {
  checkArgument(typeof text === 'string', `${where}: a string expected`);
  const parts = /^(\d{1,10})(?:\.(\d{1,5}))?(?:\.(\d{1,5}))?$/.exec(text);
  const [major = 0, minor = 0, patch = 0] = (parts ?? []).slice(1).map((part) => Number(part ?? 0));
  if (parts === null || major > 0xffff_ffff || minor > MAX_COMPONENT || patch > MAX_COMPONENT) throw new ContractError(reason, `${where}: a version 'major.minor.patch' expected, got '${text}'`);
  return { major, minor, patch };
}

export const formatVersion = ({ major, minor, patch }: Version): string => `${major}.${minor}.${patch}`;

/** May `provided` stand where `required` is asked for? The same major version, and no smaller minor one. */
export function isCompatible(provided: Version, required: Version): boolean {
  checkArgument([provided, required].every((version) => Number.isInteger(version?.major)), 'two versions expected: parseVersion reads them');
  return provided.major === required.major && provided.minor >= required.minor;
}
