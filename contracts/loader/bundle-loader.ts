/**
 * Loads bundles, each into a VM of its own, and finds what they provide. Loading is in four steps: what the files say is checked, the bundle is begun
 * apart from all others, it takes its places, and the host is told. What fails in the first two leaves everything as it was.
 *
 * A handle is a ticket of a slot. Reloading a bundle puts another guest into its slots, so handles stay good; unloading frees them, so handles are stale.
 */
import type { CallOptions, VmOptions } from '../../src/api/index.ts';
import { type AbiResult, argumentsOf, asContractError, type AsyncFunctions, callBytes, createAsyncCaller, createCaller, type Dispatch, dispatchToHost, functionOf } from '../abi/call.ts';
import { decodeRecord } from '../abi/decode.ts';
import { type Api, checkApi, type Contract, findContract } from '../api/api.ts';
import type { AnyContracts, LuaHostBridge } from '../bridge/lua-host-bridge.ts';
import { bundleFiles, type BundleFiles } from '../bundle/files.ts';
import { type Dependency, type Manifest, readManifest } from '../bundle/manifest.ts';
import { verifyBundle } from '../bundle/signature.ts';
import { checkArgument, ContractError } from '../errors.ts';
import { formatVersion, isCompatible, parseVersion, type Version } from '../identity.ts';
import { Guest, type Reachable } from './guest.ts';
import { SlotTable, type Ticket } from './slot-table.ts';

/** Stands for an implementation of a contract by a bundle. */
export type GuestHandle = Ticket;

/** What the host is told, before and after bundles change. */
export type BundleEvent = { readonly bundle: string } & (
  | { readonly phase: 'loaded' | 'preparing' | 'reloaded' | 'unloading' | 'unloaded' }
  /** A reload that changed nothing, or a bundle whose signature is passed over. */
  | { readonly phase: 'failed' | 'warning'; readonly error: ContractError }
);

/** Functions of the host; they may return promises, for which programs wait that may. */
type HostFunctions<Functions> = { readonly [Name in keyof Functions]: Functions[Name] extends (...args: infer Args) => infer Result ? (...args: Args) => Result | Promise<Result> : never };
/** An implementation by the host, or what makes one for each bundle (for a singleton, once). */
type Implementation<Functions> = HostFunctions<Functions> | ((bundle: Manifest | undefined) => HostFunctions<Functions>);

export interface LoaderOptions<HostContracts extends object> {
  /** What `parseApi` read. */
  readonly api: Api;
  /** Host contracts implemented by functions of the host. */
  readonly host?: { readonly [Name in keyof HostContracts]?: Implementation<HostContracts[Name]> };
  /** Those implemented in Lua. The bridge is not closed with the loader. */
  readonly bridge?: LuaHostBridge<HostContracts>;
  /** Options of a bundle's VM; GUEST_DEFAULTS for those that are left out. A JIT belongs to one VM, so it is made here. */
  readonly vm?: (bundle: Manifest) => VmOptions;
  /** Whether bundles must be signed: 'required', 'warn' (an event), 'off' (default). */
  readonly signatures?: 'off' | 'warn' | 'required';
  /** Public keys that will do; any if they are left out, but a reload must have the key of what it replaces. */
  readonly trustedKeys?: readonly Uint8Array[];
  /** Told of each step. What it throws leaves the operation; in 'preparing' and 'unloading' nothing has changed yet. */
  readonly onEvent?: (event: BundleEvent) => void;
}

/** An implementation in its slot. */
interface Provider {
  readonly contract: Contract;
  readonly version: Version;
  readonly guest: Guest;
  readonly dispatch: Dispatch;
}

interface Loaded {
  guest: Guest;
  /** Handles by the contract's name. */
  handles: ReadonlyMap<string, GuestHandle>;
  readonly key: Uint8Array | undefined;
}

/** What to look for. */
export interface FindOptions {
  /** `major.minor` that the provider must have at least; any minor version by default. */
  readonly minVersion?: string;
  /** Only this bundle. */
  readonly bundle?: string;
  /** Limits of each call, where they are others than those of the bundle's VM; a signal that ends it. */
  readonly limits?: CallOptions;
}

export class BundleLoader<GuestContracts extends object = AnyContracts, HostContracts extends object = AnyContracts> {
  readonly #options: LoaderOptions<HostContracts>;
  readonly #providers = new SlotTable<Provider>();
  readonly #loaded = new Map<string, Loaded>();
  readonly #singletons = new Map<string, Dispatch>();
  /** Operations come one after another. */
  #last: Promise<unknown> = Promise.resolve();
  #revision = 0;

  /** @throws ContractError host-contract-not-found, type-mismatch for what implements a host contract; MoontraceError bad-argument */
  constructor(options: LoaderOptions<HostContracts>) {
    checkApi(options?.api);
    this.#options = options;
    for (const [name, implementation] of Object.entries(options.host ?? {})) {
      const contract = findContract(options.api, 'host', name);
      if (contract === undefined) throw new ContractError('host-contract-not-found', `${name} is not in the API`);
      if (typeof implementation !== 'function') dispatchToHost(contract, implementation);
    }
  }

  /** Bundles that are loaded, in the order they came. */
  get bundles(): readonly Manifest[] {
    return [...this.#loaded.values()].map(({ guest }) => guest.manifest);
  }

  /** Grows whenever something is loaded, reloaded or unloaded. */
  get revision(): number {
    return this.#revision;
  }

  /**
   * Loads a bundle.
   * @throws ContractError bad-bundle, bundle-tampered, unsigned, bad-signature, untrusted-key, duplicate-provider, not-found, version-mismatch, dependency-missing,
   * type-mismatch, or what its program raised: nothing has changed then
   */
  load(content: Readonly<Record<string, string | Uint8Array>> | BundleFiles): Promise<Manifest> {
    return this.#inTurn(async () => {
      const files = bundleFiles(content);
      const manifest = this.#validate(files);
      if (this.#loaded.has(manifest.name)) throw new ContractError('duplicate-provider', `bundle ${manifest.name}`);
      const key = await this.#verify(manifest, files);
      const guest = this.#stage(manifest, files);
      const handles = new Map(this.#providersOf(guest).map((provider) => [provider.contract.name, this.#providers.add(provider)] as const));
      this.#loaded.set(manifest.name, { guest, handles, key });
      this.#revision++;
      this.#tell({ phase: 'loaded', bundle: manifest.name });
      return manifest;
    });
  }

  /** Loads several, each behind those it depends on. @throws as `load` for the first that fails; those before it stay */
  async loadAll(contents: readonly (Readonly<Record<string, string | Uint8Array>> | BundleFiles)[]): Promise<Manifest[]> {
    checkArgument(Array.isArray(contents), 'contents: an array of bundles expected');
    const waiting = [...contents].map((content) => bundleFiles(content)).map((files) => ({ files, manifest: readManifest(files) }));
    const done: Manifest[] = [];
    while (waiting.length > 0) {
      const isMissing = (dependency: Dependency, own: string): boolean => waiting.some(({ manifest }) => manifest.name !== own && manifest.provides.some(({ contract }) => contract === dependency.contract) && (dependency.bundle ?? manifest.name) === manifest.name);
      const ready = waiting.findIndex(({ manifest }) => !manifest.dependencies.some((dependency) => isMissing(dependency, manifest.name)));
      // Where all wait for one another the first tells what it lacks.
      const [next] = waiting.splice(Math.max(ready, 0), 1);
      done.push(await this.load(next!.files));
    }
    return done;
  }

  /**
   * Puts another version of a bundle in the place of the one that is loaded: its handles are good for the new one. Bundles that depend on it and want it so
   * (`needs_reinit_on_dep_reload`) are begun anew.
   * @throws ContractError as `load`, not-found; dependency-in-use if it lacks what others need. The bundle stays as it was then.
   */
  reload(content: Readonly<Record<string, string | Uint8Array>> | BundleFiles): Promise<Manifest> {
    return this.#inTurn(async () => {
      const files = bundleFiles(content);
      const manifest = this.#validate(files);
      const { name } = manifest;
      const loaded = this.#loaded.get(name);
      if (loaded === undefined) throw new ContractError('not-found', `bundle ${name}`);
      this.#tell({ phase: 'preparing', bundle: name });
      try {
        const key = await this.#verify(manifest, files, loaded.key);
        this.#checkDependents(loaded, manifest);
        this.#replace(loaded, this.#stage(manifest, files));
        this.#loaded.set(name, { ...loaded, key: key ?? loaded.key });
      } catch (error) {
        this.#tell({ phase: 'failed', bundle: name, error: asContractError(error, name) });
        throw error;
      }
      this.#tell({ phase: 'reloaded', bundle: name });
      this.#reinitialise(manifest);
      return manifest;
    });
  }

  /**
   * Unloads a bundle: its handles are stale from then on, its VM is closed as soon as no call is in it.
   * @param options.cascade unloads those that depend on it first
   * @throws ContractError not-found, dependency-in-use
   */
  async unload(name: string, { cascade = false }: { readonly cascade?: boolean } = {}): Promise<void> {
    checkArgument(typeof name === 'string', 'name: a string expected');
    return this.#inTurn(() => this.#unload(name, cascade));
  }

  /** Unloads all. */
  close(): Promise<void> {
    return this.#inTurn(() => {
      for (const { name } of this.bundles) if (this.#loaded.has(name)) this.#unload(name, true);
    });
  }

  /** The first that provides a contract. */
  find(contract: keyof GuestContracts & string, options?: FindOptions): GuestHandle | undefined {
    return this.findAll(contract, options)[0];
  }

  /** All that provide it, in the order they were loaded. @throws ContractError bad-value for a version that is none */
  findAll(contract: keyof GuestContracts & string, { minVersion, bundle }: FindOptions = {}): GuestHandle[] {
    checkArgument(typeof contract === 'string', 'contract: its name expected');
    const wanted = minVersion === undefined ? undefined : parseVersion(minVersion, 'minVersion', 'bad-value');
    return this.#findAll(contract, wanted, bundle);
  }

  #findAll(contract: string, wanted: Version | undefined, bundle: string | undefined): GuestHandle[] {
    const handles = [...this.#loaded].filter(([name]) => bundle === undefined || name === bundle).map(([, { handles: own }]) => own.get(contract)).filter((handle) => handle !== undefined);
    return wanted === undefined ? handles : handles.filter((handle) => isCompatible(this.#providers.get(handle)!.version, wanted));
  }

  #provider(handle: GuestHandle): Provider {
    const provider = typeof handle === 'object' && handle !== null ? this.#providers.get(handle) : undefined;
    if (provider === undefined) throw new ContractError('stale-handle', JSON.stringify(handle) ?? 'undefined');
    return provider;
  }

  /** Calls a function of a guest with bytes, as `LuaHostBridge.call`. */
  call(handle: GuestHandle, fn: number, args: Uint8Array, out: Uint8Array): AbiResult {
    return callBytes(() => {
      const { contract, dispatch } = this.#provider(handle);
      const called = functionOf(contract, fn);
      decodeRecord(called.params, args, argumentsOf(contract, called));
      return dispatch.call(fn, args);
    }, out);
  }

  /**
   * Functions of values for the contract of a guest. They are good as long as its handle is.
   * @throws ContractError not-found, version-mismatch; each function any
   */
  guest<Name extends keyof GuestContracts & string>(contract: Name, options: FindOptions = {}): GuestContracts[Name] {
    const handle = this.find(contract, options) ?? this.#notFound(contract, options.bundle);
    return createCaller(this.#provider(handle).contract, this.#dispatcher(handle), options.limits) as GuestContracts[Name];
  }

  /**
   * The same, for guests that call what waits: each function gives a promise, and any number of calls may wait in one VM.
   * @throws as `guest`
   */
  guestAsync<Name extends keyof GuestContracts & string>(contract: Name, options: FindOptions = {}): AsyncFunctions<GuestContracts[Name]> {
    const handle = this.find(contract, options) ?? this.#notFound(contract, options.bundle);
    return createAsyncCaller(this.#provider(handle).contract, this.#dispatcher(handle), options.limits) as AsyncFunctions<GuestContracts[Name]>;
  }

  /** @throws ContractError version-mismatch if there are others, not-found if not */
  #notFound(contract: string, bundle: string | undefined): never {
    const others = this.#findAll(contract, undefined, bundle).map((handle) => formatVersion(this.#provider(handle).version));
    throw others.length === 0 ? new ContractError('not-found', contract) : new ContractError('version-mismatch', `${contract} has ${others.join(', ')}`);
  }

  #dispatcher(handle: GuestHandle): Dispatch {
    return {
      call: (fn, args, limits) => this.#provider(handle).dispatch.call(fn, args, limits),
      callAsync: (fn, args, limits) => this.#provider(handle).dispatch.callAsync(fn, args, limits),
    };
  }

  // Steps of loading.

  async #inTurn<Result>(operation: () => Result | Promise<Result>): Promise<Result> {
    const turn = this.#last.then(operation);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #tell(event: BundleEvent): void {
    this.#options.onEvent?.(event);
  }

  /** What the files say, and whether it fits the API and what is loaded. */
  #validate(files: BundleFiles): Manifest {
    const manifest = readManifest(files);
    for (const { contract: name, version } of manifest.provides) {
      const contract = findContract(this.#options.api, 'guest', name);
      if (contract === undefined) throw new ContractError('not-found', `${manifest.name} provides ${name}, which is not in the API`);
      if (contract.version.major !== version.major) throw new ContractError('version-mismatch', `${manifest.name} provides ${name} ${formatVersion(version)}, the API has ${formatVersion(contract.version)}`);
    }
    for (const dependency of manifest.dependencies) this.#resolve(dependency, manifest);
    return manifest;
  }

  async #verify(manifest: Manifest, files: BundleFiles, previous?: Uint8Array): Promise<Uint8Array | undefined> {
    const { signatures = 'off', trustedKeys } = this.#options;
    if (signatures === 'off') return undefined;
    try {
      return await verifyBundle(files, trustedKeys ?? (previous === undefined ? undefined : [previous]));
    } catch (error) {
      if (signatures === 'required' || !(error instanceof ContractError)) throw error;
      this.#tell({ phase: 'warning', bundle: manifest.name, error });
      return undefined;
    }
  }

  /** Begins the bundle in a VM of its own. */
  #stage(manifest: Manifest, files: BundleFiles): Guest {
    return new Guest(this.#options.api, manifest, files, this.#options.vm?.(manifest) ?? {}, (name) => this.#reach(manifest, name));
  }

  #providersOf(guest: Guest): Provider[] {
    return guest.manifest.provides.map(({ contract: name, version }) => ({ contract: findContract(this.#options.api, 'guest', name)!, version, guest, dispatch: guest.dispatches.get(name)! }));
  }

  /** The guest takes the place of another: same slots for what both provide. */
  #replace(loaded: Loaded, guest: Guest): void {
    const handles = new Map<string, GuestHandle>();
    for (const provider of this.#providersOf(guest)) {
      const handle = loaded.handles.get(provider.contract.name);
      if (handle !== undefined) this.#providers.replace(handle, provider);
      handles.set(provider.contract.name, handle ?? this.#providers.add(provider));
    }
    for (const [name, handle] of loaded.handles) if (!handles.has(name)) this.#providers.remove(handle);
    const old = loaded.guest;
    loaded.guest = guest;
    loaded.handles = handles;
    this.#revision++;
    old.retire();
  }

  /** The handle that a dependency is met by. */
  #resolve({ contract, minVersion, bundle }: Dependency, { name }: Manifest): GuestHandle {
    const handle = this.#findAll(contract, minVersion, bundle).find((found) => this.#providers.get(found)!.guest.manifest.name !== name);
    if (handle !== undefined) return handle;
    const what = `${name} needs ${contract} ${formatVersion(minVersion)}${bundle === undefined ? '' : ` of ${bundle}`}`;
    throw new ContractError(this.#findAll(contract, undefined, bundle).length > 0 ? 'version-mismatch' : 'dependency-missing', what);
  }

  /** The bundle that meets a dependency. */
  #meets(dependency: Dependency, manifest: Manifest): string {
    return this.#providers.get(this.#resolve(dependency, manifest))!.guest.manifest.name;
  }

  /** Bundles that depend on this one. */
  #dependents({ guest: { manifest: { name } } }: Loaded): Loaded[] {
    return [...this.#loaded.values()].filter(({ guest: { manifest } }) => manifest.name !== name && manifest.dependencies.some((dependency) => this.#meets(dependency, manifest) === name));
  }

  /** Refuses to replace a bundle by one that lacks what others need, or that needs what depends on it. */
  #checkDependents(loaded: Loaded, next: Manifest): void {
    const { name } = next;
    for (const { guest: { manifest } } of this.#dependents(loaded)) {
      const lost = manifest.dependencies.find((dependency) => this.#meets(dependency, manifest) === name && !next.provides.some(({ contract, version }) => contract === dependency.contract && isCompatible(version, dependency.minVersion)));
      if (lost !== undefined) throw new ContractError('dependency-in-use', `${manifest.name} needs ${lost.contract} ${formatVersion(lost.minVersion)} of ${name}`);
    }
    const open = next.dependencies.map((dependency) => this.#meets(dependency, next));
    for (const bundle of open) {
      if (bundle === name) throw new ContractError('dependency-in-use', `${name} needs what depends on it`);
      const { manifest } = this.#loaded.get(bundle)!.guest;
      for (const dependency of manifest.dependencies) {
        const below = this.#meets(dependency, manifest);
        if (!open.includes(below)) open.push(below);
      }
    }
  }

  #reinitialise({ name }: Manifest): void {
    for (const dependent of this.#dependents(this.#loaded.get(name)!)) {
      const { manifest, files } = dependent.guest;
      if (!manifest.isReinitialised) continue;
      this.#tell({ phase: 'preparing', bundle: manifest.name });
      try {
        this.#replace(dependent, this.#stage(manifest, files));
      } catch (error) {
        this.#tell({ phase: 'failed', bundle: manifest.name, error: asContractError(error, manifest.name) });
        continue;
      }
      this.#tell({ phase: 'reloaded', bundle: manifest.name });
    }
  }

  #unload(name: string, cascade: boolean): void {
    const loaded = this.#loaded.get(name);
    if (loaded === undefined) throw new ContractError('not-found', `bundle ${name}`);
    const dependents = this.#dependents(loaded).map(({ guest: { manifest } }) => manifest.name);
    if (dependents.length > 0 && !cascade) throw new ContractError('dependency-in-use', `${name}, by ${dependents.join(', ')}`);
    for (const dependent of dependents) if (this.#loaded.has(dependent)) this.#unload(dependent, true);
    this.#tell({ phase: 'unloading', bundle: name });
    for (const handle of loaded.handles.values()) this.#providers.remove(handle);
    this.#loaded.delete(name);
    this.#revision++;
    loaded.guest.retire();
    this.#tell({ phase: 'unloaded', bundle: name });
  }

  // What guests call.

  /** What a bundle means by a name in `require`: a host contract, or a contract that it depends on. @throws ContractError for one it may not have */
  #reach(manifest: Manifest, text: string): Reachable | undefined {
    const [name = '', version] = text.split('@');
    const contract = this.#options.api.contracts.find((candidate) => candidate.name === name);
    if (contract === undefined) return undefined;
    if (version !== undefined) {
      const wanted = parseVersion(version, text, 'bad-value');
      if (!isCompatible(contract.version, wanted)) throw new ContractError('version-mismatch', `${name} is ${formatVersion(contract.version)}, ${manifest.name} wants ${version}`);
    }
    return { contract, dispatch: contract.kind === 'host' ? this.#hostDispatch(contract, manifest) : this.#peerDispatch(contract, manifest) };
  }

  #peerDispatch({ name }: Contract, manifest: Manifest): Dispatch {
    const dependency = manifest.dependencies.find(({ contract }) => contract === name);
    if (dependency === undefined) throw new ContractError('dependency-missing', `${manifest.name} does not say that it depends on ${name}`);
    return this.#dispatcher(this.#resolve(dependency, manifest));
  }

  #hostDispatch(contract: Contract, manifest: Manifest): Dispatch {
    const { name, isSingleton } = contract;
    const implementation = (this.#options.host as Readonly<Record<string, unknown>> | undefined)?.[name];
    if (implementation === undefined) return this.#options.bridge?.dispatcher(name) ?? this.#noHostContract(name);
    const known = isSingleton ? this.#singletons.get(name) : undefined;
    if (known !== undefined) return known;
    const make = (): unknown => (implementation as (bundle: Manifest | undefined) => unknown)(isSingleton ? undefined : manifest);
    const dispatch = dispatchToHost(contract, typeof implementation === 'function' ? make() : implementation);
    if (isSingleton) this.#singletons.set(name, dispatch);
    return dispatch;
  }

  #noHostContract(name: string): never {
    throw new ContractError('host-contract-not-found', name);
  }
}
