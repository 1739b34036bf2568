/** Host contracts implemented in Lua: a VM of the host's own, apart from those of its guests, and what is registered there. */
import { createVm, type LuaTable, MoontraceError, type Vm, type VmOptions } from '../../src/api/index.ts';
import { type AbiResult, argumentsOf, type AsyncFunctions, callBytes, createAsyncCaller, createCaller, type Dispatch, functionOf } from '../abi/call.ts';
import { decodeRecord } from '../abi/decode.ts';
import { type Api, checkApi, type Contract } from '../api/api.ts';
import { ContractError } from '../errors.ts';
import { LuaSide } from '../lua/lua-side.ts';

/** Functions of contracts by the contract's name, where no generated types say more. */
export type AnyContracts = Readonly<Record<string, Readonly<Record<string, (...args: never[]) => unknown>>>>;

const MAX_CAPACITY = 1 << 20;

interface Registered {
  readonly contract: Contract;
  readonly dispatch: Dispatch;
}

/** @template HostContracts the interface of that name which `generateTypes` makes of the API */
export class LuaHostBridge<HostContracts extends object = AnyContracts> {
  /** What the contracts are implemented in. */
  readonly runtimeType = 'lua';
  /** The bridge's own VM: what implements contracts is made here. */
  readonly vm: Vm;
  readonly #api: Api;
  readonly #lua: LuaSide;
  /** Places of the registered in `#registered`, by id. */
  readonly #places = new Map<bigint, number>();
  readonly #registered: Registered[];

  /**
   * @param api what `parseApi` read
   * @param options of the VM
   * @param capacity entries that there is room for from the start
   * @throws MoontraceError bad-option
   */
  constructor(api: Api, options?: VmOptions, capacity = 0) {
    checkApi(api);
    if (!Number.isInteger(capacity) || capacity < 0 || capacity > MAX_CAPACITY) throw new MoontraceError('bad-argument', `capacity: an integer up to ${MAX_CAPACITY} expected`);
    this.#api = api;
    this.#registered = new Array<Registered>(capacity);
    this.vm = createVm(options);
    this.#lua = new LuaSide(this.vm, api);
  }

  /** A bridge with room for so many contracts; more may be registered. @throws MoontraceError bad-argument, bad-option */
  static withCapacity<HostContracts extends object = AnyContracts>(capacity: number, api: Api, options?: VmOptions): LuaHostBridge<HostContracts> {
    return new LuaHostBridge<HostContracts>(api, options, capacity);
  }

  /** How many contracts are registered. */
  get size(): number {
    return this.#places.size;
  }

  /**
   * Registers what implements a host contract.
   * @param contract its name or its id
   * @param implementation a table of the bridge's VM with a function for each of the contract's
   * @throws ContractError host-contract-not-found, duplicate-contract, type-mismatch
   */
  register(contract: string | bigint, implementation: LuaTable): this {
    const found = this.#api.contracts.find(({ kind, name, id }) => kind === 'host' && (name === contract || id === contract));
    if (found === undefined) throw new ContractError('host-contract-not-found', `${contract} is not in the API`);
    if (this.#places.has(found.id)) throw new ContractError('duplicate-contract', found.name);
    const dispatch = this.#lua.enter(`register ${found.name}`, () => this.#lua.dispatchTo(found, implementation));
    this.#registered[this.#places.size] = { contract: found, dispatch };
    this.#places.set(found.id, this.#places.size);
    return this;
  }

  #find(contract: string | bigint): Registered {
    const id = typeof contract === 'bigint' ? contract : this.#api.contracts.find(({ kind, name }) => kind === 'host' && name === contract)?.id;
    const place = id === undefined ? undefined : this.#places.get(id);
    if (place === undefined) throw new ContractError('host-contract-not-found', String(contract));
    return this.#registered[place]!;
  }

  /**
   * Calls a function with bytes: records as the types of the API lay them out.
   * @param contract its id
   * @param fn number of the function
   * @param args bytes of the arguments; checked before Lua sees them
   * @param out gets the bytes of the result
   * @returns a code, 0 for success; never throws for what Lua or the bytes do
   */
  call(contract: bigint, fn: number, args: Uint8Array, out: Uint8Array): AbiResult {
    return callBytes(() => {
      const { contract: found, dispatch } = this.#find(contract);
      const called = functionOf(found, fn);
      decodeRecord(called.params, args, argumentsOf(found, called));
      return dispatch.call(fn, args);
    }, out);
  }

  /** The bytes' way as functions of values. @throws ContractError host-contract-not-found; each function any */
  caller<Name extends keyof HostContracts & string>(contract: Name): HostContracts[Name] {
    const { contract: found, dispatch } = this.#find(contract);
    return createCaller(found, dispatch) as HostContracts[Name];
  }

  /** The same for implementations that wait: each function gives a promise. */
  callerAsync<Name extends keyof HostContracts & string>(contract: Name): AsyncFunctions<HostContracts[Name]> {
    const { contract: found, dispatch } = this.#find(contract);
    return createAsyncCaller(found, dispatch) as AsyncFunctions<HostContracts[Name]>;
  }

  /** The way in for bytes that are known to be right. */
  dispatcher(contract: string): Dispatch {
    return this.#find(contract).dispatch;
  }

  /** Closes the VM; calls behind it fail with code 1. */
  close(): void {
    this.vm.close();
  }
}
