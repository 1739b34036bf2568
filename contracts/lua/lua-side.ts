/** The Lua side of contracts in one VM: its codec, what implements contracts there, and that one call at a time is in it. */
import { type HostFunction, LuaFunction, type LuaInput, LuaTable, type LuaValue, type Vm } from '../../src/api/index.ts';
import { asContractError, type Dispatch, functionOf } from '../abi/call.ts';
import type { Api, Contract } from '../api/api.ts';
import { ContractError } from '../errors.ts';
import { generateLuaCodec } from './codec-source.ts';

const sources = new WeakMap<Api, string>();

function sourceOf(api: Api): string {
  const known = sources.get(api) ?? generateLuaCodec(api);
  sources.set(api, known);
  return known;
}

const textEncoder = new TextEncoder();

/** Bytes of a Lua string, which reaches the host as text if it is UTF-8. */
export function bytesOf(value: LuaValue): Uint8Array {
  if (typeof value === 'string') return textEncoder.encode(value);
  return value instanceof Uint8Array ? value : new Uint8Array();
}

export class LuaSide {
  readonly #vm: Vm;
  readonly #codec: LuaTable;
  #isBusy = false;
  /** Calls that have begun and may be waiting. */
  #waiting = 0;
  #isRetired = false;

  /** Loads the codec. No program may have run in the VM: what the codec takes from the libraries it takes here. */
  constructor(vm: Vm, api: Api) {
    this.#vm = vm;
    this.#codec = vm.load(sourceOf(api), '=contracts').call1() as LuaTable;
  }

  /** Tables of the enums' values, by name. */
  get enums(): LuaTable {
    return this.#codec.get('enums') as LuaTable;
  }

  /** Closes the VM: at once, or when the calls that are in it have come to their ends. */
  retire(): void {
    this.#isRetired = true;
    this.#closeIfOver();
  }

  #closeIfOver(): void {
    if (this.#isRetired && !this.#isBusy && this.#waiting === 0) this.#vm.close();
  }

  /** Runs what enters the VM. @throws ContractError reentrant-call, and all else as one */
  enter<Result>(what: string, action: () => Result): Result {
    if (this.#isBusy) throw new ContractError('reentrant-call', what);
    this.#isBusy = true;
    try {
      return action();
    } catch (error) {
      throw asContractError(error, what);
    } finally {
      this.#isBusy = false;
      this.#closeIfOver();
    }
  }

  /** The same for what may wait: any number of them may be in the VM, but not within one that may not. */
  async enterAsync<Result>(what: string, action: () => Promise<Result>): Promise<Result> {
    if (this.#isBusy) throw new ContractError('reentrant-call', what);
    this.#waiting++;
    try {
      return await action();
    } catch (error) {
      throw asContractError(error, what);
    } finally {
      this.#waiting--;
      this.#closeIfOver();
    }
  }

  /** A table of functions for programs of the VM, which check and write their arguments. A program that may wait waits for what they call. */
  callerOf(contract: Contract, dispatch: Dispatch): LuaTable {
    const send = (number: number, bytes: string | Uint8Array): LuaInput | Promise<LuaInput> => (this.#isBusy ? dispatch.call(number, bytesOf(bytes)) : dispatch.callAsync(number, bytesOf(bytes)));
    return this.#stub('callers', contract).call1(send as HostFunction) as LuaTable;
  }

  /**
   * A dispatch into functions of Lua.
   * @param implementation a table with a function for each of the contract's
   * @param count how many of them there are, from the first; all if it is left out
   * @throws ContractError type-mismatch
   */
  dispatchTo(contract: Contract, implementation: unknown, count = contract.functions.length): Dispatch {
    if (!(implementation instanceof LuaTable)) throw new ContractError('type-mismatch', `${contract.name}: a table with its functions expected`);
    const provided = { ...contract, functions: contract.functions.slice(0, count) };
    const missing = provided.functions.find(({ name }) => !(implementation.get(name) instanceof LuaFunction));
    if (missing !== undefined) throw new ContractError('type-mismatch', `${contract.name}.${missing.name}: a function expected`);
    const stubs = this.#stub('providers', contract).call1(implementation) as LuaTable;
    const functions = provided.functions.map((_, number) => stubs.get(number + 1) as LuaFunction);
    const whatOf = (number: number): string => `${contract.name}.${functionOf(provided, number).name}`;
    return {
      call: (number, args, limits) => this.enter(whatOf(number), () => bytesOf(limits === undefined ? functions[number]!.call1(args) : functions[number]!.with(limits).call1(args))),
      callAsync: (number, args, limits) => this.enterAsync(whatOf(number), async () => bytesOf((await functions[number]!.with(limits).callAsync(args))[0])),
    };
  }

  #stub(kind: 'callers' | 'providers', { name }: Contract): LuaFunction {
    return (this.#codec.get(kind) as LuaTable).get(name) as LuaFunction;
  }
}
