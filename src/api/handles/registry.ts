/**
 * The Lua objects that the host holds, for one machine: each is pinned as long as it is held, and has one handle.
 *
 * Handles that are handed out while a host function runs, or in a scope, end with it: they are held strongly until then, and cost nothing afterwards. What a
 * host function is given is not even pinned: the slots of its arguments hold it. All
 * others are held weakly, but for the latest few, and looked through now and then for those that the host has dropped: when there are twice as many as last time, when the host's
 * collector has been there, and when Lua's memory is short. Why not a finaliser for each: it costs more than all the rest, and none is called while a program runs.
 */
import { TABLE_ARRAY_CAPACITY, TABLE_DICT_SIZE, TABLE_SLOT_CAPACITY, TAG_BUILTIN, TAG_CLOSURE, TAG_TABLE, TAG_THREAD, USERDATA_LENGTH, TAG_USERDATA } from '../../bytecode/layout.ts';
import type { Machine } from '../../engine/machine.ts';
import { perform } from '../boundary.ts';
import { LuaFunction } from './function.ts';
import type { LuaReference, ObjectOfLua } from './reference.ts';
import { LuaTable } from './table.ts';
import { LuaThread } from './thread.ts';
import { LuaUserdata } from './userdata.ts';

/** What a handle takes outside of the linear memory, in bytes: itself, a WeakRef, an entry of a map. */
const HANDLE_COST = 512;
/** No looking through with fewer new handles than this. */
const MIN_SWEEP = 1024;
/**
 * The host's collector knows nothing of the Lua memory behind handles. It is told in steps: an array buffer that nobody uses, whose pages are never touched,
 * for each step of that memory, several times as large, as V8 collects at 64 MB of buffers.
 */
const PRESSURE_STEP = 4 << 20;
const PRESSURE_FACTOR = 4;
/**
 * What makes V8 collect at once: as much as its limit for buffers is, as often as it takes. Objects that nobody holds, made now and then with a handle, tell when it
 * was done: once one of the latest is gone, all handles before it have been looked at. Each can be asked once, as whom one asks lives on until the end of the job.
 */
const FULL_PRESSURE = 64 << 20;
const PRESSURES_PER_CANARY = 8;
const CANARIES = 64;
const HANDLES_PER_CANARY = 16;

/** The latest handles, this many, or with this much memory behind them, are not held weakly yet: most are given back before, and a WeakRef costs more than all the rest. */
const MAX_FRESH = 32;
const MAX_FRESH_BYTES = 256 << 10;
/** So many arguments of host functions under way are lent without a pin; they are looked through one by one. */
const MAX_LENT = 8;
const NO_PIN = 0;

interface HeldObject extends ObjectOfLua {
  /** NO_PIN for what is only lent: the argument of a host function. */
  pin: number;
  /** Times it was handed out and not given back. */
  count: number;
  /** The handle, while only scopes hold it. */
  strong: LuaReference | undefined;
  /** It is one of the latest. */
  isFresh: boolean;
  /** Memory behind it when it became that. */
  bytes: number;
  weak: WeakRef<LuaReference> | undefined;
}

export class HandleRegistry {
  readonly #machine: Machine;
  readonly #held = new Map<number, HeldObject>();
  /** What was handed out in the scopes under way, one behind the other. */
  readonly #scoped: HeldObject[] = [];
  /** Those of them that nothing but the slots of arguments holds. */
  readonly #lent: HeldObject[] = [];
  readonly #fresh: HeldObject[] = [];
  #bytesBehindFresh = 0;
  #depth = 0;
  #weakCount = 0;
  #madeSinceSweep = 0;
  #madeSincePressure = 0;
  #bytesBehind = 0;
  /** Tells of the host's collector having been there, by an object that nobody holds. */
  readonly #collections = new FinalizationRegistry<undefined>(() => {
    this.#isWatching = false;
    this.#sweep();
    this.#age();
    this.#watch();
  });
  #isWatching = false;
  #canaries: WeakRef<object>[] = [];
  /** The host's collector took none of them the last time; that was in the job under way, whose handles it does not take. */
  #isUnanswered = false;
  #isAsked = false;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Objects that are held. */
  get size(): number {
    return this.#held.size + this.#lent.length;
  }

  /** Bytes that the VM was charged with for them. */
  get charged(): number {
    return HANDLE_COST * this.#held.size;
  }

  /** The handle of an object. @param isArgument whether it is in a slot that holds it as long as the innermost scope, which is that of a host function */
  take(tag: number, pointer: number, isArgument = false): LuaReference {
    let held = this.#find(pointer);
    let handle = held?.strong ?? held?.weak?.deref();
    if (held === undefined || handle === undefined) {
      if (held !== undefined) this.#drop(held);
      held = { machine: this.#machine, keeper: this, pointer, tag, pin: NO_PIN, count: 0, strong: undefined, isFresh: false, bytes: 0, weak: undefined };
      if (isArgument && this.#lent.length < MAX_LENT) this.#lent.push(held);
      else this.#hold(held);
      handle = new (tag === TAG_TABLE ? LuaTable : tag === TAG_CLOSURE || tag === TAG_BUILTIN ? LuaFunction : tag === TAG_THREAD ? LuaThread : LuaUserdata)(held);
      held.strong = handle;
    }
    if (this.#depth > 0) this.#scoped.push(held);
    else this.#leaveToHost(held);
    held.count++;
    return handle;
  }

  #find(pointer: number): HeldObject | undefined {
    for (const held of this.#lent) if (held.pointer === pointer) return held;
    return this.#held.size === 0 ? undefined : this.#held.get(pointer);
  }

  #hold(held: HeldObject): void {
    const { core } = this.#machine;
    held.pin = core.pinObject(held.pointer);
    core.chargeHost(HANDLE_COST);
    this.#held.set(held.pointer, held);
  }

  /** The slots of arguments are going to change: what they hold is held otherwise from now on. @throws "not enough memory" */
  holdArguments(): void {
    for (let held = this.#lent.at(-1); held !== undefined; held = this.#lent.at(-1)) {
      this.#hold(held);
      this.#lent.pop();
    }
  }

  /** From now on the host's collector decides, or soon. */
  #leaveToHost(held: HeldObject): void {
    if (held.strong === undefined || held.isFresh) return;
    if (held.pin === NO_PIN) this.holdArguments();
    held.isFresh = true;
    this.#fresh.push(held);
    held.bytes = this.#bytesBehindObject(held);
    this.#bytesBehindFresh += held.bytes;
    if (this.#fresh.length > MAX_FRESH || this.#bytesBehindFresh > MAX_FRESH_BYTES) this.#age();
    this.#watch();
  }

  /** The latest handles are no more. */
  #age(): void {
    for (const held of this.#fresh.splice(0)) {
      held.isFresh = false;
      held.weak = new WeakRef(held.strong as LuaReference);
      held.strong = undefined;
      this.#weakCount++;
      this.#madeSincePressure++;
      if (this.#madeSincePressure % HANDLES_PER_CANARY === 0 && this.#canaries.push(new WeakRef({})) > CANARIES) this.#canaries.shift();
      if (++this.#madeSinceSweep > Math.max(MIN_SWEEP, this.#weakCount >> 1)) this.#sweep();
    }
    this.#press(this.#bytesBehindFresh);
    this.#bytesBehindFresh = 0;
  }

  #watch(): void {
    if (this.#isWatching || this.#weakCount + this.#fresh.length === 0) return;
    this.#isWatching = true;
    this.#collections.register({}, undefined);
  }

  #bytesBehindObject({ tag, pointer }: HeldObject): number {
    const { memory } = this.#machine;
    if (tag === TAG_TABLE) return HANDLE_COST + 16 * (memory.load(pointer + TABLE_ARRAY_CAPACITY) + memory.load(pointer + TABLE_SLOT_CAPACITY) + 2 * memory.load(pointer + TABLE_DICT_SIZE));
    return HANDLE_COST + (tag === TAG_USERDATA ? memory.load(pointer + USERDATA_LENGTH) : 0);
  }

  #press(bytes: number): void {
    this.#bytesBehind += bytes;
    if (this.#bytesBehind < PRESSURE_STEP) return;
    pretendToUse(PRESSURE_FACTOR * this.#bytesBehind);
    this.#bytesBehind = 0;
  }

  #drop(held: HeldObject): void {
    if (held.pointer === 0) return;
    const { core, access: { gate } } = this.#machine;
    const { pointer } = held;
    held.pointer = 0;
    held.strong = undefined;
    if (held.pin === NO_PIN) return remove(this.#lent, held);
    if (held.isFresh) {
      remove(this.#fresh, held);
      this.#bytesBehindFresh -= held.bytes;
    }
    this.#held.delete(pointer);
    if (held.weak !== undefined) this.#weakCount--;
    const unpin = (): void => {
      core.unpinObject(held.pin);
      core.chargeHost(-HANDLE_COST);
    };
    if (gate === undefined) unpin();
    else gate.whenHeld(unpin);
  }

  #sweep(): void {
    this.#madeSinceSweep = 0;
    for (const held of this.#held.values()) if (held.weak !== undefined && held.weak.deref() === undefined) this.#drop(held);
  }

  /** Memory is short: has the host's collector look for handles that nobody holds, if a good part of them was made since it last did, and lets go of what was behind them. */
  releaseDead(): void {
    this.#age();
    if (this.#isUnanswered ? this.#isAsked : this.#madeSincePressure <= this.#weakCount >> 2) return;
    this.#madeSincePressure = 0;
    const canaries = this.#canaries;
    this.#isUnanswered = canaries.length > 0;
    for (let age = 1; age <= canaries.length; age *= 2) {
      for (let i = 0; i < PRESSURES_PER_CANARY; i++) pretendToUse(FULL_PRESSURE);
      if (canaries.at(-age)?.deref() !== undefined) continue;
      this.#canaries = canaries.slice(-age).slice(1);
      this.#isUnanswered = false;
      return this.#sweep();
    }
    this.#isAsked = true;
    void Promise.resolve().then(() => (this.#isAsked = false));
  }

  // ---- Scopes

  /** Begins a scope. @returns what `leave` or `detach` is to be given */
  enter(): number {
    this.#depth++;
    return this.#scoped.length;
  }

  /** Ends the innermost scope. */
  leave(mark: number): void {
    this.#depth--;
    while (this.#scoped.length > mark) this.#giveBack(this.#scoped.pop() as HeldObject);
  }

  /** Ends the innermost scope, but for what was handed out in it: that goes on until the function returned is called. @throws "not enough memory" */
  detach(mark: number): () => void {
    this.holdArguments();
    this.#depth--;
    const handedOut = this.#scoped.splice(mark);
    return () => {
      for (const held of handedOut.splice(0)) this.#giveBack(held);
    };
  }

  /** Runs an action that is in no scope, whatever is under way around it. */
  unscoped<Result>(action: () => Result): Result {
    const depth = this.#depth;
    this.#depth = 0;
    try {
      return action();
    } finally {
      this.#depth = depth;
    }
  }

  #giveBack(held: HeldObject): void {
    if (--held.count === 0) this.#drop(held);
  }

  keep(object: HeldObject): void {
    if (object.pin === NO_PIN) perform(this.#machine, () => this.holdArguments());
    const place = this.#scoped.lastIndexOf(object);
    if (place < 0 && (object.strong === undefined || object.isFresh)) return;
    if (place >= 0) this.#scoped.splice(place, 1);
    else object.count++;
    this.#leaveToHost(object);
  }

  release(object: HeldObject): void {
    if (object.pointer === 0) return;
    const place = this.#scoped.lastIndexOf(object);
    if (place >= 0) this.#scoped.splice(place, 1);
    this.#giveBack(object);
  }
}

/** Takes an item out of a list whose last one it is as a rule. */
function remove<Item>(list: Item[], item: Item): void {
  const place = list.lastIndexOf(item);
  if (place === list.length - 1) list.pop();
  else list.splice(place, 1);
}

/** Takes host memory that is garbage at once. */
function pretendToUse(bytes: number): void {
  try {
    new ArrayBuffer(bytes);
  } catch {
    // There is no room for as much, which made the collector look for some.
  }
}
