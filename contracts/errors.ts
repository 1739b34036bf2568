/** What goes wrong with contracts and bundles: one table of reasons, each with the ABI's code, and the error that carries them. */
import { MoontraceError } from '../src/api/index.ts';

/** Codes of the ABI: 0 is success, up to 255 they are its own, from 256 on the plugins'. */
export const FIRST_PLUGIN_CODE = 256;

/** Reasons with their codes and texts. What happens before there is a call has no code of its own in the ABI: it is 1. */
export const CONTRACT_ERRORS = {
  'generic': [1, 'the call failed'],
  'buffer-too-small': [2, 'the buffer is too small'],
  'panic': [3, 'the engine failed'],
  'not-found': [4, 'there is no such contract or bundle'],
  'stale-handle': [5, 'what the handle was for has been unloaded'],
  'function-not-available': [6, 'the contract has no such function'],
  'duplicate-provider': [7, 'it is loaded already'],
  'invalid-pointer': [8, 'the buffer refers to bytes outside of it'],
  'reentrant-call': [9, 'the VM is in the middle of a call'],
  'host-contract-not-found': [100, 'there is no such host contract'],
  'version-mismatch': [101, 'the version does not fit'],
  'call-failed': [102, 'the function raised an error'],
  'plugin': [FIRST_PLUGIN_CODE, 'the plugin refused'],
  'bad-api': [1, 'the API is not described well'],
  'bad-bundle': [1, 'the bundle is not described well'],
  'bad-value': [1, 'the value does not fit its type'],
  'type-mismatch': [1, 'the implementation does not fit the contract'],
  'duplicate-contract': [1, 'the contract is registered already'],
  'bundle-tampered': [1, 'the bundle is not what it says it is'],
  'unsigned': [1, 'the bundle has no signature'],
  'bad-signature': [1, 'the signature is not that of the bundle'],
  'untrusted-key': [1, 'the bundle is signed with a key that is not trusted'],
  'dependency-missing': [1, 'what the bundle depends on is missing'],
  'dependency-in-use': [1, 'other bundles depend on it'],
} as const satisfies Record<string, readonly [code: number, text: string]>;

export type ContractErrorReason = keyof typeof CONTRACT_ERRORS;

interface ContractErrorOptions extends ErrorOptions {
  /** A plugin's own code, from 256 on. */
  readonly abiCode?: number;
}

/** A contract, a bundle or a call that is refused. Its `code` is 'contract', as for all errors of this entry of the package. */
export class ContractError extends MoontraceError {
  override readonly name = 'ContractError';
  readonly reason: ContractErrorReason;
  /** The ABI's code, from 1 on. */
  readonly abiCode: number;

  constructor(reason: ContractErrorReason, detail: string, options?: ContractErrorOptions) {
    super('contract', `${CONTRACT_ERRORS[reason][1]}: ${detail}`, options);
    this.reason = reason;
    this.abiCode = options?.abiCode ?? CONTRACT_ERRORS[reason][0];
  }
}

/** @throws MoontraceError bad-argument */
export function checkArgument(isRight: boolean, expected: string): void {
  if (!isRight) throw new MoontraceError('bad-argument', expected);
}

/** Is it an object with arrays under these names? */
export const hasArrays = (value: unknown, names: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && names.every((name) => Array.isArray((value as Record<string, unknown>)[name]));
