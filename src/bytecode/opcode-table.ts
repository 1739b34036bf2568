/**
 * THE opcode table. Compiler, core interpreter, recorder and disassembler all derive from it:
 * `scripts/build-core.mjs` generates `src/core/generated/opcodes.ts` (for AssemblyScript) from this list,
 * TypeScript reads `Op` below. Adding an opcode: docs/adding-an-opcode.md.
 *
 * An instruction is one 8-byte word, little endian; an opcode with a `cache` owns a second word behind it:
 *
 *     byte   0    1    2..3   4..5   6..7          D = bytes 4..7 as one signed 32-bit field
 *           +----+----+------+------+------+
 *           | op | k  |  A   |  B   |  C   |
 *           +----+----+------+------+------+
 *
 * Register operands are stored *scaled*: register number * 16, the byte offset from the frame's base, so that the
 * interpreter adds and never shifts. Constant operands in B or C are index * 16 as well (so at most 4096 of them can be
 * named this way; others go through LOADK). Jumps count bytes from the start of the *next* instruction (behind a cache word).
 *
 * Why not PUC's 32-bit words: wider operands cost no shifts and masks, and comparisons carry their jump.
 *
 * Operand modes:
 *   R  register read          W  register written        RW both
 *   K  constant (scaled index) RK register, or constant when k = 1
 *   U  upvalue index (plain)   N  plain unsigned number   S  plain signed 16-bit number
 *   D  signed 32-bit field     J  jump in D (bytes)       JC jump in C (signed 16 bit, in units of 8 bytes)
 *   P  prototype index in D    KD constant index in D (plain)
 */
export type OperandMode = 'R' | 'W' | 'RW' | 'K' | 'RK' | 'U' | 'N' | 'S' | 'D' | 'J' | 'JC' | 'P' | 'KD';

export interface OpcodeDescription {
  readonly name: string;
  readonly a?: OperandMode;
  readonly b?: OperandMode;
  readonly c?: OperandMode;
  /** Mode of the 32-bit field that overlays B and C. */
  readonly d?: OperandMode;
  /** What k means, where it is used. */
  readonly k?: string;
  /** What its constant operand (K) must be; anything if it is left out. */
  readonly constant?: 'name' | 'number';
  /** Kind of the second word: an inline cache, a hot counter, or plain data. */
  readonly cache?: 'field' | 'loop' | 'data';
  /** What it costs grows with an operand, and is paid for (src/core/base/budget.ts). test/core/base/work.test.ts. */
  readonly work?: 'length';
  /** Register-transfer meaning. `R[X]` is a register, `K[X]` a constant, `U[X]` an upvalue. */
  readonly does: string;
}

const op = <Name extends string>(name: Name, rest: Omit<OpcodeDescription, 'name'>): OpcodeDescription & { readonly name: Name } => ({
  name,
  ...rest,
});

/** Binary arithmetic in the order of the metamethod events; each has a register and a constant form. */
export const ARITHMETIC = [
  'ADD', 'SUB', 'MUL', 'MOD', 'POW', 'DIV', 'IDIV', 'BAND', 'BOR', 'BXOR', 'SHL', 'SHR',
] as const;

/*
 * Notes
 * (1) A counting loop instruction (FORLOOP, TFORLOOP, LOOP) decrements the counter in its cache word. At zero it asks the JIT, or,
 *     without one, turns itself into its *_PLAIN form. A compiled loop is its *_JIT form: the cache word then names the trace.
 *     The three forms of a loop follow each other in the table. The compiler emits only the first form.
 * (2) All backward jumps are LOOP, FORLOOP or TFORLOOP; JMP and the conditional jumps only go forward.
 * (3) CALL with B = 0 passes R[A+1] up to the stack top; C = 0 keeps all results and sets the top. Likewise RETURN, SETLIST, VARARG.
 *     B and C of CALL, B of RETURN/TAILCALL, B of SETLIST, C of VARARG are plain numbers: count + 1 (0 = open).
 * (4) A `field` cache is two u32 and two u16 packed as laid out in layout.ts (CACHE_*); the compiler emits zero.
 * (5) SETLIST's data word holds the index of the last element stored before it (u32).
 * (6) R[A] of the numeric for: A init/internal index, A+1 limit/iteration count, A+2 step, A+3 the visible variable (PUC's scheme).
 *     Generic for: A iterator, A+1 state, A+2 control, A+3 closing value, A+4.. the visible variables.
 * (7) In comparisons a jump happens if (condition) == (k != 0), to next pc + C*8. Where a jump is too far for 16 bits
 *     the compiler inverts the condition and jumps over a JMP.
 * (8) RETURN with k = 1 closes upvalues and to-be-closed variables of the frame (as PUC's k); its C = number of fixed parameters + 1
 *     in a vararg function, else 0. RETURN0 and RETURN1 are only for non-vararg functions with nothing to close.
 * (9) TAILCALL: k and C as in RETURN. The compiler emits a RETURN A 0 behind it, which runs when the callee was a builtin.
 */
export const OPCODES = [
  op('MOVE', { a: 'W', b: 'R', does: 'R[A] := R[B]' }),
  op('LOADI', { a: 'W', d: 'D', does: 'R[A] := (integer) D' }),
  op('LOADF', { a: 'W', d: 'D', does: 'R[A] := (float) D' }),
  op('LOADK', { a: 'W', d: 'KD', does: 'R[A] := K[D]' }),
  op('LOADNIL', { a: 'W', b: 'N', does: 'R[A], ..., R[A+B] := nil' }),
  op('LOADFALSE', { a: 'W', does: 'R[A] := false' }),
  op('LOADTRUE', { a: 'W', does: 'R[A] := true' }),
  op('LFALSESKIP', { a: 'W', does: 'R[A] := false; skip the next instruction (8 bytes)' }),
  op('GETUPVAL', { a: 'W', b: 'U', does: 'R[A] := U[B]' }),
  op('SETUPVAL', { a: 'R', b: 'U', does: 'U[B] := R[A]' }),
  op('GETTABUP', { a: 'W', b: 'U', c: 'K', constant: 'name', cache: 'field', work: 'length', does: 'R[A] := U[B][K[C]], K[C] a short string' }),
  op('SETTABUP', { a: 'U', b: 'K', c: 'RK', k: 'C is a constant', constant: 'name', cache: 'field', does: 'U[A][K[B]] := RK[C], K[B] a short string' }),
  op('GETTABLE', { a: 'W', b: 'R', c: 'R', work: 'length', does: 'R[A] := R[B][R[C]]' }),
  op('GETI', { a: 'W', b: 'R', c: 'N', does: 'R[A] := R[B][C]' }),
  op('GETFIELD', { a: 'W', b: 'R', c: 'K', constant: 'name', cache: 'field', work: 'length', does: 'R[A] := R[B][K[C]], K[C] a short string' }),
  op('SETTABLE', { a: 'R', b: 'R', c: 'RK', k: 'C is a constant', work: 'length', does: 'R[A][R[B]] := RK[C]' }),
  op('SETI', { a: 'R', b: 'N', c: 'RK', k: 'C is a constant', work: 'length', does: 'R[A][B] := RK[C]' }),
  op('SETFIELD', { a: 'R', b: 'K', c: 'RK', k: 'C is a constant', constant: 'name', cache: 'field', does: 'R[A][K[B]] := RK[C], K[B] a short string' }),
  op('NEWTABLE', { a: 'W', b: 'N', c: 'N', does: 'R[A] := {}, room for B string fields and C array elements (both clipped to 65535)' }),
  op('SELF', { a: 'W', b: 'R', c: 'K', constant: 'name', cache: 'field', work: 'length', does: 'R[A+1] := R[B]; R[A] := R[B][K[C]], K[C] a short string' }),
  ...ARITHMETIC.map((name) => op(name, { a: 'W', b: 'R', c: 'R', work: 'length', does: `R[A] := R[B] ${name} R[C]` })),
  ...ARITHMETIC.map((name) => op(`${name}K` as const, { a: 'W', b: 'R', c: 'K', constant: 'number', does: `R[A] := R[B] ${name} K[C], K[C] a number` })),
  op('UNM', { a: 'W', b: 'R', work: 'length', does: 'R[A] := -R[B]' }),
  op('BNOT', { a: 'W', b: 'R', work: 'length', does: 'R[A] := ~R[B]' }),
  op('NOT', { a: 'W', b: 'R', does: 'R[A] := not R[B]' }),
  op('LEN', { a: 'W', b: 'R', work: 'length', does: 'R[A] := #R[B]' }),
  op('CONCAT', { a: 'RW', b: 'N', work: 'length', does: 'R[A] := R[A] .. ... .. R[A+B-1]' }),
  op('CLOSE', { a: 'R', does: 'close all upvalues and to-be-closed variables >= R[A]' }),
  op('TBC', { a: 'R', does: 'mark R[A] to be closed' }),
  op('JMP', { d: 'J', does: 'pc += D' }),
  op('LOOP', { d: 'J', cache: 'loop', does: 'pc += D, backwards (1)(2)' }),
  op('LOOP_PLAIN', { d: 'J', cache: 'loop', does: 'LOOP that does not count' }),
  op('LOOP_JIT', { d: 'J', cache: 'loop', does: 'LOOP that enters a trace' }),
  op('EQ', { a: 'R', b: 'R', c: 'JC', k: 'sense', work: 'length', does: 'if (R[A] == R[B]) == k then jump (7)' }),
  op('LT', { a: 'R', b: 'R', c: 'JC', k: 'sense', work: 'length', does: 'if (R[A] < R[B]) == k then jump (7)' }),
  op('LE', { a: 'R', b: 'R', c: 'JC', k: 'sense', work: 'length', does: 'if (R[A] <= R[B]) == k then jump (7)' }),
  op('EQK', { a: 'R', b: 'K', c: 'JC', k: 'sense', work: 'length', does: 'if (R[A] == K[B]) == k then jump, raw equality (7)' }),
  op('LTK', { a: 'R', b: 'K', c: 'JC', k: 'sense', constant: 'number', does: 'if (R[A] < K[B]) == k then jump, K[B] a number (7)' }),
  op('LEK', { a: 'R', b: 'K', c: 'JC', k: 'sense', constant: 'number', does: 'if (R[A] <= K[B]) == k then jump, K[B] a number (7)' }),
  op('GTK', { a: 'R', b: 'K', c: 'JC', k: 'sense', constant: 'number', does: 'if (R[A] > K[B]) == k then jump, K[B] a number (7)' }),
  op('GEK', { a: 'R', b: 'K', c: 'JC', k: 'sense', constant: 'number', does: 'if (R[A] >= K[B]) == k then jump, K[B] a number (7)' }),
  op('TEST', { a: 'R', d: 'J', k: 'sense', does: 'if truthy(R[A]) == k then pc += D' }),
  op('TESTSET', { a: 'W', b: 'R', c: 'JC', k: 'sense', does: 'if truthy(R[B]) == k then R[A] := R[B], jump' }),
  op('CALL', { a: 'RW', b: 'N', c: 'N', work: 'length', does: 'R[A], ..., R[A+C-2] := R[A](R[A+1], ..., R[A+B-1]) (3)' }),
  op('TAILCALL', { a: 'RW', b: 'N', c: 'N', k: 'close', work: 'length', does: 'return R[A](R[A+1], ..., R[A+B-1]) (3)(9)' }),
  op('RETURN', { a: 'R', b: 'N', c: 'N', k: 'close', work: 'length', does: 'return R[A], ..., R[A+B-2] (3)(8)' }),
  op('RETURN0', { does: 'return' }),
  op('RETURN1', { a: 'R', does: 'return R[A]' }),
  op('FORPREP', { a: 'RW', d: 'J', does: 'check and prepare the numeric for; if it runs not at all pc += D (behind its FORLOOP), else go on (6)' }),
  op('FORLOOP', { a: 'RW', d: 'J', cache: 'loop', does: 'update the loop; if it continues pc += D, to behind its FORPREP (1)(6)' }),
  op('FORLOOP_PLAIN', { a: 'RW', d: 'J', cache: 'loop', does: 'FORLOOP that does not count' }),
  op('FORLOOP_JIT', { a: 'RW', d: 'J', cache: 'loop', does: 'FORLOOP that enters a trace' }),
  op('TFORPREP', { a: 'RW', d: 'J', does: 'mark R[A+3] to be closed; pc += D, to its TFORCALL' }),
  op('TFORCALL', { a: 'RW', b: 'N', work: 'length', does: 'R[A+4], ..., R[A+3+B] := R[A](R[A+1], R[A+2])' }),
  op('TFORLOOP', { a: 'RW', d: 'J', cache: 'loop', does: 'if R[A+4] ~= nil then R[A+2] := R[A+4]; pc += D (1)' }),
  op('TFORLOOP_PLAIN', { a: 'RW', d: 'J', cache: 'loop', does: 'TFORLOOP that does not count' }),
  op('TFORLOOP_JIT', { a: 'RW', d: 'J', cache: 'loop', does: 'TFORLOOP that enters a trace' }),
  op('SETLIST', { a: 'R', b: 'N', cache: 'data', work: 'length', does: 'R[A][last+i] := R[A+i], 1 <= i < B; last is in the data word (3)(5)' }),
  op('CLOSURE', { a: 'W', d: 'P', does: 'R[A] := closure(P[D])' }),
  op('VARARG', { a: 'W', c: 'N', work: 'length', does: 'R[A], ..., R[A+C-2] := ... (3)' }),
  op('VARARGPREP', { a: 'N', does: 'move the frame above its variable arguments; A fixed parameters (plain)' }),
];

export type OpName = (typeof OPCODES)[number]['name'];

/** An opcode's number: its place in the table. */
export type OpNumber = number & { readonly __brand?: 'Op' };

/** Numbers by name: `Op.MOVE`, `Op.ADDK`, ... */
export const Op = Object.fromEntries(OPCODES.map((entry, index) => [entry.name, index])) as Readonly<Record<OpName, OpNumber>>;
