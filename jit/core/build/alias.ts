/**
 * Alias analysis: may two memory operations touch the same bytes? Answers in order of cost: class of memory, field or slot number, object,
 * index, type of the value, what was guarded about the tables.
 *
 * Why facts found in the first copy of a loop hold in the second: an answer depends on instructions only, never on a position in time other
 * than "before that instruction", and the second copy is the first with substituted references. Whatever was derived for the
 * copies (1, 2) can be derived for (2, 3) by renaming, so forwarding a value from one copy into the next is right for all iterations.
 *
 * - *Fresh* objects are allocated in the trace. A reference that is older cannot be one. While it did not *escape* (was not stored, not passed
 *   to a helper, not on the stack when unknown code was called) nothing else can refer to it, and no call can change it.
 * - Elements of arrays and records are compared by the table that owns them, not by the address they are loaded through: APPEND_ROOM and
 *   SLOT_ROOM move the elements but keep what they are.
 * - Values of different type are in different places: a payload is only loaded behind the guard of its tag or of the array's kind,
 *   so a load that is reached cannot find a value of another type there. This does not hold for the tags themselves.
 */
import { TAG_NIL } from '../../../src/bytecode/layout';
import { Alias, Effect, effectOf, Field, helperAllocates, HelperEffect, helperEffectOf, helperWrites, Op, Type } from '../generated/ir-tables';
import { allocatesObject, typeOfTag } from '../ir/operations';
import { Instruction, NONE, Ref } from '../ir/trace';
import { IRBuilder } from './builder';

/** Certainly different bytes, perhaps the same, certainly the same. */
export const enum Aliasing { NO = 0, MAY = 1, MUST = 2 }

/** Number of classes (Alias). */
const CLASSES: i32 = 9;
/** Bits of Alias in the row of a helper that does not say what it writes. */
const WRITES_UNSAID: i32 = 0xffff;
/** Larger than any reference: nothing is behind it. */
const NEVER_THE_SAME: Ref = i32.MAX_VALUE;
/** Additions looked through when two indexes are compared. */
const INDEX_DEPTH: i32 = 8;

/** value = root + offset modulo 2^32, where the root of a constant is NONE. */
class Sum {
  root: Ref = NONE;
  offset: i32 = 0;
}

export class AliasAnalysis {
  builder!: IRBuilder;
  private escaped: Set<Ref> = new Set<Ref>();
  /** Pairs of tables found different by what was guarded about them. */
  private distinct: Set<i64> = new Set<i64>();
  /** Per class, the last call that may have written any of it. */
  private killed: StaticArray<Ref> = new StaticArray<Ref>(CLASSES);
  /** The last instruction that may have changed where the thread's stack and the variables outside of the trace's frames are. */
  private unsettled: Ref = -1;
  /** The last store of nil into a dictionary: a lookup may find nothing from there on. */
  private lastRemoval: Ref = -1;
  private left: Sum = new Sum();
  private right: Sum = new Sum();

  constructor() {
    this.killed.fill(-1);
  }

  /** Called for each instruction appended: what does it write as a whole class, which objects does it let escape? */
  noteEffects(ref: Ref, instruction: Instruction): void {
    const op = instruction.op;
    const effect = effectOf(op);
    if (effect == Effect.STORE) {
      this.escape(op == Op.ASTORE ? instruction.c : op == Op.RSTORE ? instruction.a : op == Op.ATAGSTORE ? NONE : instruction.b);
      if (op == Op.DSTORE && instruction.immediate2 == TAG_NIL) this.lastRemoval = ref;
      if (op == Op.FSTORE) this.noteFieldStore(ref, instruction.immediate);
    } else if (effect == Effect.CALL) {
      if (op == Op.CALL) this.noteHelper(ref, instruction);
      else this.noteCall(ref, instruction);
    }
  }

  /**
   * The last instruction after which a class of memory may be different altogether; for objects nobody else knows their allocation.
   * @param isSettled it is no business of compiled functions
   */
  limitOf(alias: i32, owner: Ref, isSettled: bool = false): Ref {
    if (isSettled) return this.unsettled;
    return owner != NONE && this.isPrivate(owner) ? owner : this.killed[alias];
  }

  /** Up to where results of a helper call are stale. NEVER_THE_SAME: it is never the same twice. */
  lookupLimit(helper: i32): Ref {
    if (helperEffectOf(helper) != HelperEffect.READ || helperAllocates(helper) != 0) return NEVER_THE_SAME;
    return max(max(this.killed[Alias.DICTIONARY], this.killed[Alias.FIELD]), this.lastRemoval);
  }

  isFresh(ref: Ref): bool {
    const instruction = this.builder.instructionAt(ref);
    return instruction !== null && allocatesObject(instruction);
  }

  /** Are these references (i32 addresses of objects) the same object? */
  objects(a: Ref, b: Ref): Aliasing {
    const basic = this.identities(a, b);
    return basic == Aliasing.MAY && this.differByGuards(a, b) ? Aliasing.NO : basic;
  }

  /** The table whose elements are at this address, if it was loaded from one; else the address itself. */
  ownerOf(address: Ref): Ref {
    const instruction = this.builder.instructionAt(address);
    if (instruction === null || instruction.op != Op.FLOAD) return address;
    return instruction.immediate == Field.TABLE_ARRAY || instruction.immediate == Field.TABLE_SLOTS ? instruction.a : address;
  }

  /** Does this store write what this load reads? Both are of the same class of memory. */
  storeAndLoad(store: Instruction, load: Instruction): Aliasing {
    switch (load.op) {
      case Op.FLOAD:
        return store.immediate == load.immediate ? this.objects(store.a, load.a) : Aliasing.NO;
      case Op.HLOAD: case Op.HTAG:
        if (store.immediate != load.immediate) return Aliasing.NO;
        return byType(this.objects(this.ownerOf(store.a), this.ownerOf(load.a)), typeOfTag(store.immediate2), load);
      case Op.ALOAD:
        return byType(this.elements(store.a, store.b, load.a, load.b), this.builder.typeOf(store.c), load);
      case Op.ATAG:
        return this.elements(store.a, store.c, load.a, load.c);
      case Op.ULOAD: case Op.UTAG:
        return byType(this.upvalues(store.a, load.a), typeOfTag(store.immediate2), load);
      case Op.DLOAD: case Op.DTAG:
        return byType(this.offsets(store.a, load.a), typeOfTag(store.immediate2), load);
      case Op.RLOAD: case Op.RTAG:
        return store.immediate == load.immediate ? Aliasing.MUST : Aliasing.NO;
      default:
        return Aliasing.MAY;
    }
  }

  /** Element `i` of array `a` and element `j` of array `b`. */
  elements(a: Ref, i: Ref, b: Ref, j: Ref): Aliasing {
    const index = this.offsets(i, j);
    // The same array at different indexes or different arrays: either way not the same element.
    if (index == Aliasing.NO) return Aliasing.NO;
    const table = this.objects(this.ownerOf(a), this.ownerOf(b));
    return table == Aliasing.MUST ? index : table;
  }

  /** Two i32 values known up to a constant: the same, different, or unknown. */
  private offsets(a: Ref, b: Ref): Aliasing {
    if (a == b) return Aliasing.MUST;
    this.decompose(a, this.left);
    this.decompose(b, this.right);
    if (this.left.root != this.right.root) return Aliasing.MAY;
    return this.left.offset == this.right.offset ? Aliasing.MUST : Aliasing.NO;
  }

  /** A 64-bit value stands for its low half, which ADD, WRAP and ZEXT keep. */
  private decompose(value: Ref, into: Sum): void {
    const builder = this.builder;
    let root = value;
    let offset = 0;
    for (let depth = 0; depth < INDEX_DEPTH && root >= 0; depth++) {
      const instruction = builder.trace.instructions[root];
      const op = instruction.op;
      if (op == Op.ADD || op == Op.SUB) {
        if (instruction.b >= 0 || instruction.type == Type.F64) break;
        const amount = builder.smallOf(instruction.b);
        offset = op == Op.ADD ? offset + amount : offset - amount;
      } else if (op != Op.WRAP && op != Op.ZEXT) break;
      root = instruction.a;
    }
    if (root < 0) {
      offset += builder.smallOf(root);
      root = NONE;
    }
    into.root = root;
    into.offset = offset;
  }

  /** Upvalues by their locations: one variable has one upvalue object, so different objects are different variables. */
  private upvalues(a: Ref, b: Ref): Aliasing {
    if (a == b) return Aliasing.MUST;
    const left = this.builder.instructionAt(a);
    const right = this.builder.instructionAt(b);
    if (left !== null && right !== null && isLocation(left) && isLocation(right)) {
      return this.identities(left.a, right.a) == Aliasing.NO ? Aliasing.NO : Aliasing.MAY;
    }
    return a < 0 && b < 0 ? Aliasing.NO : Aliasing.MAY;
  }

  private identities(a: Ref, b: Ref): Aliasing {
    if (a == b) return Aliasing.MUST;
    if (a < 0 && b < 0) return this.builder.bitsOf(a) == this.builder.bitsOf(b) ? Aliasing.MUST : Aliasing.NO;
    return this.isFresh(max(a, b)) || this.isPrivate(min(a, b)) ? Aliasing.NO : Aliasing.MAY;
  }

  private isPrivate(ref: Ref): bool {
    return this.isFresh(ref) && !this.escaped.has(ref);
  }

  /** Were the shapes or kinds of two tables guarded to be different ones, with both guards still valid? Found once, it is true for good. */
  private differByGuards(a: Ref, b: Ref): bool {
    const key = (<i64>min(a, b) << 32) | <i64><u32>max(a, b);
    if (this.distinct.has(key)) return true;
    if (!this.differByField(a, b, Field.TABLE_SHAPE) && !this.differByField(a, b, Field.TABLE_KIND)) return false;
    this.distinct.add(key);
    return true;
  }

  private differByField(a: Ref, b: Ref, field: i32): bool {
    const left = this.guardedField(a, field);
    if (left == NONE) return false;
    const right = this.guardedField(b, field);
    return right != NONE && this.builder.bitsOf(left) != this.builder.bitsOf(right);
  }

  /** The constant (reference) that this field of this object is known to hold now, NONE if it is not known. */
  private guardedField(object: Ref, field: i32): Ref {
    const builder = this.builder;
    let limit = this.limitOf(Alias.FIELD, object);
    for (let ref = builder.newest(Op.FSTORE); ref > limit; ref = builder.older(ref)) {
      const store = builder.trace.instructions[ref];
      if (store.immediate != field || this.identities(store.a, object) == Aliasing.NO) continue;
      if (store.a == object && store.b < 0) return store.b;
      limit = ref;
    }
    const load = builder.find(new Instruction(Op.FLOAD, Type.I32, object, NONE, NONE, field), limit);
    return load < 0 ? NONE : builder.knownConstant(load);
  }

  private escape(ref: Ref): void {
    if (this.isFresh(ref)) this.escaped.add(ref);
  }

  private noteHelper(ref: Ref, instruction: Instruction): void {
    const helper = instruction.immediate;
    const isWrite = helperEffectOf(helper) == HelperEffect.WRITE;
    const said = helperWrites(helper);
    const writes = said == WRITES_UNSAID ? 0 : said;
    for (let alias = 0; alias < CLASSES; alias++) if (writes & (1 << alias)) this.killed[alias] = ref;
    if (writes & (1 << Alias.FIELD)) this.unsettled = ref;
    if (isWrite || helperAllocates(helper) != 0) this.killed[Alias.VM] = ref;
    if (isWrite) for (let index = 0; index < instruction.args.length; index++) this.escape(instruction.args[index]);
  }

  /** Calls of unknown code write everything, and see what is on the stack. */
  private noteCall(ref: Ref, instruction: Instruction): void {
    this.killed[Alias.VM] = ref;
    const op = instruction.op;
    if (op != Op.CALLB && op != Op.CALLF) return;
    this.killed.fill(ref);
    if (op == Op.CALLB) this.unsettled = ref;
    if (instruction.snapshot < 0) return;
    const entries = this.builder.trace.snapshots[instruction.snapshot].entries;
    for (let index = 0; index < entries.length; index++) this.escape(entries[index].ref);
  }

  /** A trace that replaces the array or the slots of a table replaces all elements. */
  private noteFieldStore(ref: Ref, field: i32): void {
    if (field == Field.TABLE_SLOTS) this.killed[Alias.RECORD] = ref;
    if (field == Field.TABLE_ARRAY || field == Field.TABLE_CAPACITY) this.killed[Alias.ARRAY] = this.killed[Alias.ARRAY_TAG] = ref;
  }
}

function byType(aliasing: Aliasing, stored: i32, load: Instruction): Aliasing {
  const isTag = load.op == Op.HTAG || load.op == Op.UTAG || load.op == Op.DTAG;
  return aliasing == Aliasing.MAY && !isTag && stored != load.type ? Aliasing.NO : aliasing;
}

/** Is it where a variable is? */
function isLocation(instruction: Instruction): bool {
  return instruction.op == Op.FLOAD && instruction.immediate == Field.UPVALUE_LOCATION;
}
