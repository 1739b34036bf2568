/**
 * Load forwarding: what a load will find is often known, because the trace stored it. Looks back through the stores of the load's class,
 * newest first, until one certainly or perhaps wrote the place; what is behind that store cannot be used (`limit`), which is also the
 * condition under which CSE may take an older load of the same place.
 *
 * The walk is bounded, so that a trace with many stores costs no quadratic time; at the bound everything older counts as overwritten.
 */
import { VM_THREAD } from '../../src/bytecode/layout.ts';
import type { AliasAnalysis, KnownTrace } from './alias.ts';
import type { OptimiserOptions } from './options.ts';
import { Helper } from '../ir/helper-table.ts';
import { Field, type IROpName } from '../ir/ir-table.ts';
import { fieldAt, OPERATIONS } from '../ir/operations.ts';
import { type Instruction, type IRRef, NONE } from '../ir/trace.ts';

const MAX_STORES = 64;

/** Which store writes what a load reads. Loads without an entry are changed by calls only. */
const STORE_OF: { readonly [op in IROpName]?: IROpName } = {
  FLOAD: 'FSTORE', ALOAD: 'ASTORE', ATAG: 'ATAGSTORE', HLOAD: 'HSTORE', HTAG: 'HSTORE', ULOAD: 'USTORE', UTAG: 'USTORE', DLOAD: 'DSTORE',
  DTAG: 'DSTORE', RLOAD: 'RSTORE', RTAG: 'RSTORE',
};

/** Fields that making room may change, and the operation that makes it. */
const ROOM_OF: { readonly [field: number]: IROpName } = {
  [Field['table.array']]: 'APPEND_ROOM',
  [Field['table.capacity']]: 'APPEND_ROOM',
  [Field['table.slots']]: 'SLOT_ROOM',
  [Field['table.slotCapacity']]: 'SLOT_ROOM',
};

/** What traceNewTable leaves in these fields. */
const INITIAL: { readonly [field: number]: number } = {
  [Field['table.length']]: 0,
  [Field['table.metatable']]: 0,
  [Field['table.dict']]: 0,
  [Field['table.dictSize']]: 0,
};

/**
 * What a compiled function that is called leaves as it is: the running thread, its stack, and where variables are, once those of the trace's own frames are
 * excluded by guards, as the recorder does: the frames below stand still meanwhile.
 */
const isSettled = ({ op, immediate }: Instruction): boolean =>
  op === 'VMLOAD' ? immediate === VM_THREAD : op === 'FLOAD' && (immediate === Field['thread.stackEnd'] || immediate === Field['upvalue.location']);

export interface ForwardingTrace extends KnownTrace {
  readonly alias: AliasAnalysis;
  readonly options: OptimiserOptions;
  i32(value: number): IRRef;
}

export class LoadForwarder {
  /** Set by `resolve`: loads up to this instruction may be stale. */
  limit: IRRef = -1;
  private readonly builder: ForwardingTrace;

  constructor(builder: ForwardingTrace) {
    this.builder = builder;
  }

  /** The value this load would find, if the trace knows it. */
  resolve(load: Instruction): IRRef | undefined {
    const { builder } = this;
    const { op, immediate } = load;
    const isField = op === 'FLOAD';
    this.limit = -1;
    if (isField && fieldAt(immediate).invariant === true) return undefined;
    const owner = isField ? load.a : op === 'HLOAD' || op === 'HTAG' || op === 'ALOAD' || op === 'ATAG' ? builder.alias.ownerOf(load.a) : NONE;
    this.limit = builder.alias.limitOf(OPERATIONS[op].alias!, owner, isSettled(load));
    const room = isField ? ROOM_OF[immediate] : undefined;
    if (room !== undefined) this.walkRooms(room, load.a);
    const store = STORE_OF[op];
    const stored = store === undefined ? undefined : this.walkStores(store, load);
    if (stored !== undefined) return builder.options.forward ? stored : undefined;
    return isField && builder.options.forward ? this.initialField(load) : undefined;
  }

  private walkStores(op: IROpName, load: Instruction): IRRef | undefined {
    const { builder } = this;
    let steps = 0;
    for (let ref = builder.newest(op); ref > this.limit; ref = builder.older(ref)) {
      const store = builder.trace.instructions[ref]!;
      const aliasing = builder.alias.storeAndLoad(store, load);
      if (aliasing === 'no' && ++steps < MAX_STORES) continue;
      this.limit = ref;
      return aliasing === 'must' ? this.storedValue(store, load) : undefined;
    }
    return undefined;
  }

  private walkRooms(op: IROpName, table: IRRef): void {
    const { builder } = this;
    for (let ref = builder.newest(op); ref > this.limit; ref = builder.older(ref)) {
      if (builder.alias.objects(builder.trace.instructions[ref]!.a, table) !== 'no') this.limit = ref;
    }
  }

  private storedValue(store: Instruction, load: Instruction): IRRef | undefined {
    const { builder } = this;
    switch (load.op) {
      case 'HTAG': case 'UTAG': case 'DTAG': case 'RTAG': case 'ATAG':
        return builder.i32(store.immediate2);
      default: {
        const value = load.op === 'ALOAD' ? store.c : load.op === 'RLOAD' ? store.a : store.b;
        if (value === NONE || builder.typeOf(value) !== load.type) return undefined;
        // A store into a byte cuts off the rest.
        return load.op === 'FLOAD' && fieldAt(load.immediate).bytes === 1 && !(value < 0 && (builder.valueOf(value) as number) >>> 8 === 0) ? undefined : value;
      }
    }
  }

  private initialField({ a, immediate }: Instruction): IRRef | undefined {
    const initial = INITIAL[immediate];
    if (initial === undefined || this.limit > a || a < 0) return undefined;
    const { op, immediate: helper } = this.builder.trace.instructions[a]!;
    return op === 'CALL' && helper === Helper.traceNewTable ? this.builder.i32(initial) : undefined;
  }
}
