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
import { TAG_NIL } from '../../src/bytecode/layout.ts';
import { type AliasClass, Field, type IROpName, type IRType } from '../ir/ir-table.ts';
import { allocatesObject, helperAt, OPERATIONS, typeOfTag } from '../ir/operations.ts';
import { type Instruction, type IRRef, NONE, type Trace } from '../ir/trace.ts';

/** Certainly different bytes, perhaps the same, certainly the same. */
export type Aliasing = 'no' | 'may' | 'must';

const CLASSES = ['field', 'array', 'arrayTag', 'record', 'upvalue', 'dictionary', 'stack', 'scratch', 'vm'] as const satisfies readonly AliasClass[];

/** Additions looked through when two indexes are compared. */
const INDEX_DEPTH = 8;
/** Larger than any reference; makes pairs of references into keys. */
const KEY_BASE = 0x100000;

/** What the analysis asks of the trace that is being built. */
export interface KnownTrace {
  readonly trace: Trace;
  instructionAt(ref: IRRef): Instruction | undefined;
  typeOf(ref: IRRef): IRType;
  valueOf(ref: IRRef): bigint | number;
  /** The constant a value is known to be equal to. */
  knownConstant(ref: IRRef): IRRef | undefined;
  /** Newest instruction of an operation, and the one before of the same; -1 if there is none. */
  newest(op: IROpName): IRRef;
  older(ref: IRRef): IRRef;
  /** Newest instruction behind `limit` that equals this one, -1 if there is none. */
  find(wanted: Instruction, limit: IRRef): IRRef;
}

export class AliasAnalysis {
  private readonly escaped = new Set<IRRef>();
  /** Pairs of tables found different by what was guarded about them. */
  private readonly distinct = new Set<number>();
  /** Per class, the last call that may have written any of it. */
  private readonly killed = Object.fromEntries(CLASSES.map((name) => [name, -1])) as Record<AliasClass, IRRef>;
  /** The last instruction that may have changed where the thread's stack and the variables outside of the trace's frames are. */
  private unsettled: IRRef = -1;
  /** The last store of nil into a dictionary: a lookup may find nothing from there on. */
  private lastRemoval: IRRef = -1;
  private readonly builder: KnownTrace;
  private readonly left = { root: NONE, offset: 0 };
  private readonly right = { root: NONE, offset: 0 };

  constructor(builder: KnownTrace) {
    this.builder = builder;
  }

  /** Called for each instruction appended: what does it write as a whole class, which objects does it let escape? */
  noteEffects(ref: IRRef, instruction: Instruction): void {
    const { op, a, b, c, immediate } = instruction;
    switch (OPERATIONS[op].effect) {
      case 'store':
        this.escape(op === 'ASTORE' ? c : op === 'RSTORE' ? a : op === 'ATAGSTORE' ? NONE : b);
        if (op === 'DSTORE' && instruction.immediate2 === TAG_NIL) this.lastRemoval = ref;
        if (op === 'FSTORE') this.noteFieldStore(ref, immediate);
        return;
      case 'call':
        if (op === 'CALL') {
          this.noteHelper(ref, instruction);
          return;
        }
        this.killed.vm = ref;
        if (op === 'CALLB' || op === 'CALLF') {
          for (const name of CLASSES) this.killed[name] = ref;
          if (op === 'CALLB') this.unsettled = ref;
          for (const entry of this.builder.trace.snapshots[instruction.snapshot]?.entries ?? []) this.escape(entry.ref);
        }
        return;
      default:
    }
  }

  /**
   * The last instruction after which a class of memory may be different altogether; for objects nobody else knows their allocation.
   * @param isSettled it is no business of compiled functions
   */
  limitOf(alias: AliasClass, owner: IRRef, isSettled = false): IRRef {
    if (isSettled) return this.unsettled;
    return owner !== NONE && this.isPrivate(owner) ? owner : this.killed[alias];
  }

  /** Up to where results of a helper call are stale. Infinity: it is never the same twice. */
  lookupLimit(helper: number): number {
    const { effect, allocates } = helperAt(helper);
    if (effect !== 'read' || allocates === true) return Infinity;
    return Math.max(this.killed.dictionary, this.killed.field, this.lastRemoval);
  }

  isFresh(ref: IRRef): boolean {
    const instruction = this.builder.instructionAt(ref);
    return instruction !== undefined && allocatesObject(instruction);
  }

  /** Are these references (i32 addresses of objects) the same object? */
  objects(a: IRRef, b: IRRef): Aliasing {
    const basic = this.identities(a, b);
    return basic === 'may' && this.differByGuards(a, b) ? 'no' : basic;
  }

  /** The table whose elements are at this address, if it was loaded from one; else the address itself. */
  ownerOf(address: IRRef): IRRef {
    const instruction = this.builder.instructionAt(address);
    const isPart = instruction?.op === 'FLOAD' && (instruction.immediate === Field['table.array'] || instruction.immediate === Field['table.slots']);
    return isPart ? instruction.a : address;
  }

  /** Does this store write what this load reads? Both are of the same class of memory. */
  storeAndLoad(store: Instruction, load: Instruction): Aliasing {
    switch (load.op) {
      case 'FLOAD':
        return store.immediate === load.immediate ? this.objects(store.a, load.a) : 'no';
      case 'HLOAD':
      case 'HTAG':
        if (store.immediate !== load.immediate) return 'no';
        return this.byType(this.objects(this.ownerOf(store.a), this.ownerOf(load.a)), typeOfTag(store.immediate2), load);
      case 'ALOAD':
        return this.byType(this.elements(store.a, store.b, load.a, load.b), this.builder.typeOf(store.c), load);
      case 'ATAG':
        return this.elements(store.a, store.c, load.a, load.c);
      case 'ULOAD':
      case 'UTAG':
        return this.byType(this.upvalues(store.a, load.a), typeOfTag(store.immediate2), load);
      case 'DLOAD':
      case 'DTAG':
        return this.byType(this.offsets(store.a, load.a), typeOfTag(store.immediate2), load);
      case 'RLOAD':
      case 'RTAG':
        return store.immediate === load.immediate ? 'must' : 'no';
      default:
        return 'may';
    }
  }

  /** Element `i` of array `a` and element `j` of array `b`. */
  elements(a: IRRef, i: IRRef, b: IRRef, j: IRRef): Aliasing {
    const index = this.offsets(i, j);
    // The same array at different indexes or different arrays: either way not the same element.
    if (index === 'no') return 'no';
    const table = this.objects(this.ownerOf(a), this.ownerOf(b));
    return table === 'must' ? index : table;
  }

  /** Two i32 values known up to a constant: the same, different, or unknown. */
  private offsets(a: IRRef, b: IRRef): Aliasing {
    if (a === b) return 'must';
    this.decompose(a, this.left);
    this.decompose(b, this.right);
    if (this.left.root !== this.right.root) return 'may';
    return this.left.offset === this.right.offset ? 'must' : 'no';
  }

  /** value = root + offset modulo 2^32, where the root of a constant is NONE. A 64-bit value stands for its low half, which ADD, WRAP and ZEXT keep. */
  private decompose(value: IRRef, into: { root: IRRef; offset: number }): void {
    let root = value;
    let offset = 0;
    for (let depth = 0; depth < INDEX_DEPTH && root >= 0; depth++) {
      const { op, type, a, b } = this.builder.trace.instructions[root]!;
      if (op === 'WRAP' || op === 'ZEXT') root = a;
      else if ((op === 'ADD' || op === 'SUB') && b < 0 && type !== 'f64') {
        const amount = Number(BigInt.asIntN(32, BigInt(this.builder.valueOf(b))));
        offset = (op === 'ADD' ? offset + amount : offset - amount) | 0;
        root = a;
      } else break;
    }
    if (root < 0) {
      offset = (offset + Number(BigInt.asIntN(32, BigInt(this.builder.valueOf(root))))) | 0;
      root = NONE;
    }
    into.root = root;
    into.offset = offset;
  }

  private byType(aliasing: Aliasing, stored: IRType, load: Instruction): Aliasing {
    const isTag = load.op === 'HTAG' || load.op === 'UTAG' || load.op === 'DTAG';
    return aliasing === 'may' && !isTag && stored !== load.type ? 'no' : aliasing;
  }

  /** Upvalues by their locations: one variable has one upvalue object, so different objects are different variables. */
  private upvalues(a: IRRef, b: IRRef): Aliasing {
    if (a === b) return 'must';
    const left = this.builder.instructionAt(a);
    const right = this.builder.instructionAt(b);
    const located = Field['upvalue.location'];
    if (left?.op === 'FLOAD' && right?.op === 'FLOAD' && left.immediate === located && right.immediate === located) {
      return this.identities(left.a, right.a) === 'no' ? 'no' : 'may';
    }
    return a < 0 && b < 0 ? 'no' : 'may';
  }

  private identities(a: IRRef, b: IRRef): Aliasing {
    if (a === b) return 'must';
    if (a < 0 && b < 0) return this.builder.valueOf(a) === this.builder.valueOf(b) ? 'must' : 'no';
    const [older, newer] = a < b ? [a, b] : [b, a];
    if (this.isFresh(newer) || this.isPrivate(older)) return 'no';
    return 'may';
  }

  private isPrivate(ref: IRRef): boolean {
    return this.isFresh(ref) && !this.escaped.has(ref);
  }

  /** Were the shapes or kinds of two tables guarded to be different ones, with both guards still valid? Found once, it is true for good. */
  private differByGuards(a: IRRef, b: IRRef): boolean {
    const key = a < b ? (a + KEY_BASE) * KEY_BASE * 2 + b + KEY_BASE : (b + KEY_BASE) * KEY_BASE * 2 + a + KEY_BASE;
    if (this.distinct.has(key)) return true;
    for (const field of [Field['table.shape'], Field['table.kind']]) {
      const left = this.guardedField(a, field);
      if (left === undefined) continue;
      const right = this.guardedField(b, field);
      if (right !== undefined && left !== right) {
        this.distinct.add(key);
        return true;
      }
    }
    return false;
  }

  /** The constant that this field of this object is known to hold now. */
  private guardedField(object: IRRef, field: number): number | undefined {
    let limit = this.limitOf('field', object);
    for (let ref = this.builder.newest('FSTORE'); ref > limit; ref = this.builder.older(ref)) {
      const store = this.builder.trace.instructions[ref]!;
      if (store.immediate !== field || this.identities(store.a, object) === 'no') continue;
      if (store.a === object && store.b < 0) return this.builder.valueOf(store.b) as number;
      limit = ref;
    }
    const load = this.builder.find(fieldLoad(object, field), limit);
    if (load < 0) return undefined;
    const known = this.builder.knownConstant(load);
    return known === undefined ? undefined : (this.builder.valueOf(known) as number);
  }

  private escape(ref: IRRef): void {
    if (this.isFresh(ref)) this.escaped.add(ref);
  }

  private noteHelper(ref: IRRef, { immediate, args }: Instruction): void {
    const { effect, writes = [], allocates } = helperAt(immediate);
    for (const name of writes) this.killed[name] = ref;
    if (writes.includes('field')) this.unsettled = ref;
    if (effect === 'write' || allocates === true) this.killed.vm = ref;
    if (effect === 'write') for (const arg of args) this.escape(arg);
  }

  /** A trace that replaces the array or the slots of a table replaces all elements. */
  private noteFieldStore(ref: IRRef, field: number): void {
    if (field === Field['table.slots']) this.killed.record = ref;
    if (field === Field['table.array'] || field === Field['table.capacity']) this.killed.array = this.killed.arrayTag = ref;
  }
}

const fieldLoad = (object: IRRef, field: number): Instruction => ({
  op: 'FLOAD', type: 'i32', a: object, b: NONE, c: NONE, immediate: field, immediate2: 0, args: [], snapshot: -1,
});
