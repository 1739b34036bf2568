/**
 * Load forwarding: what a load will find is often known, because the trace stored it. Looks back through the stores of the load's class,
 * newest first, until one certainly or perhaps wrote the place; what is behind that store cannot be used (`limit`), which is also the
 * condition under which CSE may take an older load of the same place.
 *
 * The walk is bounded, so that a trace with many stores costs no quadratic time; at the bound everything older counts as overwritten.
 */
import { VM_THREAD } from '../../../src/bytecode/layout';
import { aliasOf, Field, Helper, Op } from '../generated/ir-tables';
import { fieldBytes, fieldIsInvariant } from '../ir/operations';
import { Instruction, NONE, Ref } from '../ir/trace';
import { Aliasing } from './alias';
import { IRBuilder } from './builder';
import { FORWARD } from './options';

const MAX_STORES: i32 = 64;
/** No operation. */
const NOTHING: i32 = -1;

/** Which store writes what a load reads, NOTHING for loads that are changed by calls only. */
function storeOf(load: i32): i32 {
  switch (load) {
    case Op.FLOAD: return Op.FSTORE;
    case Op.ALOAD: return Op.ASTORE;
    case Op.ATAG: return Op.ATAGSTORE;
    case Op.HLOAD: case Op.HTAG: return Op.HSTORE;
    case Op.ULOAD: case Op.UTAG: return Op.USTORE;
    case Op.DLOAD: case Op.DTAG: return Op.DSTORE;
    case Op.RLOAD: case Op.RTAG: return Op.RSTORE;
    default: return NOTHING;
  }
}

/** The operation that makes room and may change a field by that, NOTHING if there is none. */
function roomOf(field: i32): i32 {
  switch (field) {
    case Field.TABLE_ARRAY: case Field.TABLE_CAPACITY: return Op.APPEND_ROOM;
    case Field.TABLE_SLOTS: case Field.TABLE_SLOT_CAPACITY: return Op.SLOT_ROOM;
    default: return NOTHING;
  }
}

/** Does traceNewTable leave 0 in this field? */
function isInitiallyZero(field: i32): bool {
  return field == Field.TABLE_LENGTH || field == Field.TABLE_METATABLE || field == Field.TABLE_DICT || field == Field.TABLE_DICT_SIZE;
}

/**
 * What a compiled function that is called leaves as it is: the running thread, its stack, and where variables are, once those of the trace's own frames are
 * excluded by guards, as the recorder does: the frames below stand still meanwhile.
 */
function isSettled(op: i32, immediate: i32): bool {
  return op == Op.VMLOAD ? <u32>immediate == VM_THREAD : op == Op.FLOAD && (immediate == Field.THREAD_STACK_END || immediate == Field.UPVALUE_LOCATION);
}

export class LoadForwarder {
  /** Set by `resolve`: loads up to this instruction may be stale. */
  limit: Ref = -1;
  builder!: IRBuilder;

  /** The value this load would find, if the trace knows it; else NONE. */
  resolve(load: Instruction): Ref {
    const builder = this.builder;
    const op = load.op;
    const immediate = load.immediate;
    const isField = op == Op.FLOAD;
    this.limit = -1;
    if (isField && fieldIsInvariant(immediate)) return NONE;
    const owner = isField ? load.a : op == Op.HLOAD || op == Op.HTAG || op == Op.ALOAD || op == Op.ATAG ? builder.alias.ownerOf(load.a) : NONE;
    this.limit = builder.alias.limitOf(aliasOf(op), owner, isSettled(op, immediate));
    const room = isField ? roomOf(immediate) : NOTHING;
    if (room != NOTHING) this.walkRooms(room, load.a);
    const store = storeOf(op);
    const stored = store == NOTHING ? NONE : this.walkStores(store, load);
    if ((builder.options & FORWARD) == 0) return NONE;
    return stored != NONE || !isField ? stored : this.initialField(load);
  }

  private walkStores(op: i32, load: Instruction): Ref {
    const builder = this.builder;
    let steps = 0;
    for (let ref = builder.newest(op); ref > this.limit; ref = builder.older(ref)) {
      const store = builder.trace.instructions[ref];
      const aliasing = builder.alias.storeAndLoad(store, load);
      if (aliasing == Aliasing.NO && ++steps < MAX_STORES) continue;
      this.limit = ref;
      return aliasing == Aliasing.MUST ? this.storedValue(store, load) : NONE;
    }
    return NONE;
  }

  private walkRooms(op: i32, table: Ref): void {
    const builder = this.builder;
    for (let ref = builder.newest(op); ref > this.limit; ref = builder.older(ref)) {
      if (builder.alias.objects(builder.trace.instructions[ref].a, table) != Aliasing.NO) this.limit = ref;
    }
  }

  private storedValue(store: Instruction, load: Instruction): Ref {
    const builder = this.builder;
    switch (load.op) {
      case Op.HTAG: case Op.UTAG: case Op.DTAG: case Op.RTAG: case Op.ATAG:
        return builder.small(store.immediate2);
      default: {
        const value = load.op == Op.ALOAD ? store.c : load.op == Op.RLOAD ? store.a : store.b;
        if (value == NONE || builder.typeOf(value) != load.type) return NONE;
        // A store into a byte cuts off the rest.
        const isCut = load.op == Op.FLOAD && fieldBytes(load.immediate) == 1 && !(value < 0 && builder.addressOf(value) >>> 8 == 0);
        return isCut ? NONE : value;
      }
    }
  }

  private initialField(load: Instruction): Ref {
    const table = load.a;
    if (!isInitiallyZero(load.immediate) || this.limit > table || table < 0) return NONE;
    const allocation = this.builder.trace.instructions[table];
    return allocation.op == Op.CALL && allocation.immediate == Helper.traceNewTable ? this.builder.small(0) : NONE;
  }
}
