/** One bundle in a VM of its own: begun, its implementations checked, ready to be called. */
import { createVm, LuaTable, SANDBOX_LIMITS, type LuaValue, type Vm, type VmOptions } from '../../src/api/index.ts';
import { asContractError, type Dispatch } from '../abi/call.ts';
import { type Api, type Contract, findContract } from '../api/api.ts';
import type { BundleFiles } from '../bundle/files.ts';
import type { Manifest } from '../bundle/manifest.ts';
import { ContractError } from '../errors.ts';
import { TYPES_MODULE } from '../generate/annotations.ts';
import { LuaSide } from '../lua/lua-side.ts';

/** Limits of a bundle's VM that the host says nothing about. */
export const GUEST_DEFAULTS = { ...SANDBOX_LIMITS, libraries: 'sandbox' } as const satisfies VmOptions;

/** What a guest may call, by what it writes in `require`. */
export interface Reachable {
  readonly contract: Contract;
  readonly dispatch: Dispatch;
}

/** `require` of a bundle: contracts, the types' module, and the bundle's own files. Loaded once each, as Lua's does. */
const REQUIRE = `local loaded, caller, read, load, error, type = ...
local LOADING = {}
function require(name)
  if type(name) ~= 'string' then error("bad argument #1 to 'require' (string expected, got " .. type(name) .. ')', 2) end
  local value = loaded[name]
  if value == LOADING then error("loop or previous error loading module '" .. name .. "'", 2) end
  if value ~= nil then return value end
  value = caller(name)
  if value == nil then
    local source, path = read(name, 'source'), read(name, 'path')
    if source == nil then error("module '" .. name .. "' not found in the bundle", 2) end
    local chunk, problem = load(source, '@' .. path, 't')
    if chunk == nil then error("error loading module '" .. name .. "' from file '" .. path .. "':\\n\\t" .. problem, 2) end
    loaded[name] = LOADING
    value = chunk(name, path)
    if value == nil then value = true end
  end
  loaded[name] = value
  return value
end`;

/** Places of a module in the bundle, as package.path would have them. */
const pathsOf = (module: string): string[] => [`${module.replaceAll('.', '/')}.lua`, `${module.replaceAll('.', '/')}/init.lua`];

export class Guest {
  readonly manifest: Manifest;
  readonly files: BundleFiles;
  readonly #vm: Vm;
  readonly #lua: LuaSide;
  /** Dispatches by the contract's name. */
  readonly dispatches: ReadonlyMap<string, Dispatch>;

  /**
   * Makes the VM and runs the bundle's file.
   * @param reach finds what the bundle may call @throws ContractError
   */
  constructor(api: Api, manifest: Manifest, files: BundleFiles, options: VmOptions, reach: (name: string) => Reachable | undefined) {
    this.manifest = manifest;
    this.files = files;
    let vm: Vm | undefined;
    try {
      vm = this.#vm = createVm({ ...GUEST_DEFAULTS, ...options });
      this.#lua = new LuaSide(this.#vm, api);
      this.dispatches = this.#lua.enter(manifest.name, () => this.#begin(api, reach));
    } catch (error) {
      vm?.close();
      throw asContractError(error, manifest.name);
    }
  }

  #begin(api: Api, reach: (name: string) => Reachable | undefined): Map<string, Dispatch> {
    const { manifest, files } = this;
    const loaded = this.#vm.newTable();
    loaded.set(TYPES_MODULE, this.#lua.enums);
    const caller = (name: LuaValue): LuaValue => {
      const found = reach(name as string);
      return found === undefined ? undefined : this.#lua.callerOf(found.contract, found.dispatch);
    };
    const read = (name: LuaValue, what: LuaValue): LuaValue => {
      const path = pathsOf(name as string).find((candidate) => files.has(candidate));
      return path === undefined ? undefined : what === 'path' ? `${manifest.name}/${path}` : files.get(path);
    };
    const [load, error, type] = ['load', 'error', 'type'].map((name) => this.#vm.getGlobal(name));
    this.#vm.load(REQUIRE, '=require').call(loaded, caller, read, load, error, type);
    const implementations = this.#vm.load(files.get(manifest.file)!, `@${manifest.name}/${manifest.file}`).call1();
    if (!(implementations instanceof LuaTable)) throw new ContractError('type-mismatch', `${manifest.file} returns no table of implementations by the contract's name`);
    return new Map(manifest.provides.map(({ contract: name, functionCount }) => {
      const contract = findContract(api, 'guest', name)!;
      return [name, this.#lua.dispatchTo(contract, implementations.get(name), functionCount)] as const;
    }));
  }

  /** Ends its use: at once, or when the call that is in it has come to its end. */
  retire(): void {
    this.#lua.retire();
  }
}
