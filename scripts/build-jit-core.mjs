/**
 * Builds the JIT's core: generates the AssemblyScript tables from those of the JIT (operations, helpers, fields, Wasm instructions, reasons), compiles jit/core with asc
 * and writes build/jit.wasm and jit/generated/jit-wasm.ts (the binary as base64).
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const snake = (name) => name.replace(/[.-]/g, '_').toUpperCase();
const words = (name) => snake(name.replace(/([a-z])([A-Z])/g, '$1_$2'));
const enumeration = (name, does, names, first = 0) => `/** ${does} */\nexport const enum ${name} { ${names.map((item, i) => `${item} = ${first + i}`).join(', ')} }\n`;
const column = (name, does, type, values) =>
  `const ${name}Column = memory.data<${type}>([${values.join(', ')}]);\n/** ${does} */\n// @ts-ignore: decorator\n@inline export function ${name}(index: i32): i32 { return <i32>load<${type}>(${name}Column + (<usize>index << alignof<${type}>())); }\n`;

const EFFECTS = ['pure', 'load', 'store', 'guard', 'call', 'control'];
const ALIAS = ['field', 'array', 'arrayTag', 'record', 'upvalue', 'dictionary', 'stack', 'scratch', 'vm'];
const EXITS = [undefined, 'maybe', 'yes'];
const HELPER_EFFECTS = ['pure', 'read', 'write'];
const HOLDS = ['object', 'memory', 'number'];
const IMMEDIATES = ['none', 'local', 'call', 'global', 'offset', 'label', 'i32', 'i64', 'f64', 'block'];
const mask = (names = []) => names.reduce((bits, name) => bits | (1 << ALIAS.indexOf(name)), 0);
const flag = (value) => (value === true ? 1 : 0);

/** @param loadTable loads a TypeScript module of the project */
export async function jitTables(loadTable) {
  const { IR_OPERATIONS, IR_TYPES, FIELDS } = await loadTable('jit/ir/ir-table.ts');
  const { HELPERS } = await loadTable('jit/ir/helper-table.ts');
  const { LINKS } = await loadTable('jit/ir/flat-trace.ts');
  const { EXIT_KINDS } = await loadTable('jit/lower/exits.ts');
  const { CORE_CALLS, IMPORTS } = await loadTable('jit/lower/imports.ts');
  const { ABORT_REASONS } = await loadTable('jit/abort-reasons.ts');
  const { WASM_OPERATIONS } = await loadTable('jit/wasm/operations.ts');
  const ir = [
    enumeration('Op', 'Operations (jit/ir/ir-table.ts).', IR_OPERATIONS.map(({ name }) => name)),
    enumeration('Type', 'Types of values; those of Wasm.', IR_TYPES.map(snake)),
    enumeration('Effect', 'What an operation does to the world.', EFFECTS.map(snake)),
    enumeration('Alias', 'Classes of memory that cannot alias one another.', ALIAS.map(words)),
    enumeration('Exits', 'Does an operation leave the trace: never, perhaps, always.', ['NO', 'MAYBE', 'YES']),
    '/** An operation without memory. */\nexport const NO_ALIAS: i32 = 255;\n',
    `export const OPERATION_COUNT: i32 = ${IR_OPERATIONS.length};\n`,
    column('effectOf', 'Effect of an operation.', 'u8', IR_OPERATIONS.map(({ effect }) => EFFECTS.indexOf(effect))),
    column('aliasOf', 'Alias of an operation, NO_ALIAS if it has none.', 'u8', IR_OPERATIONS.map(({ alias }) => (alias === undefined ? 255 : ALIAS.indexOf(alias)))),
    column('exitsOf', 'Exits of an operation.', 'u8', IR_OPERATIONS.map(({ exits }) => EXITS.indexOf(exits))),
    column('isCommutative', '1 if the operands may be swapped.', 'u8', IR_OPERATIONS.map(({ commutative }) => flag(commutative))),
    column('operandCount', 'Operands of an operation; those of calls are arguments.', 'u8', IR_OPERATIONS.map(({ operands }) => operands.length)),
    enumeration('Field', 'Fields of objects: the immediate of FLOAD and FSTORE.', FIELDS.map(({ name }) => words(name))),
    enumeration('Holds', 'What a field holds.', HOLDS.map(snake)),
    column('fieldOffsetOf', 'Offset of a field.', 'u16', FIELDS.map(({ offset }) => offset)),
    column('fieldBytesOf', 'Bytes of a field.', 'u8', FIELDS.map(({ bytes }) => bytes)),
    column('fieldHolds', 'What a field holds (Holds).', 'u8', FIELDS.map(({ holds }) => HOLDS.indexOf(holds))),
    column('isInvariantField', '1 if the field never changes.', 'u8', FIELDS.map(({ invariant }) => flag(invariant))),
    `export const FIELD_COUNT: i32 = ${FIELDS.length};\n`,
    enumeration('Helper', 'Helpers: the immediate of CALL.', HELPERS.map(({ name }) => name)),
    enumeration('HelperEffect', 'What a helper does to the world.', HELPER_EFFECTS.map(snake)),
    column('helperEffectOf', 'Effect of a helper.', 'u8', HELPERS.map(({ effect }) => HELPER_EFFECTS.indexOf(effect))),
    column('helperWrites', 'Bits of Alias that a helper writes; 0xffff if its row does not say (undefined).', 'u16', HELPERS.map(({ writes }) => (writes === undefined ? 0xffff : mask(writes)))),
    column('helperWorks', '1 if its work depends on an operand.', 'u8', HELPERS.map(({ works }) => flag(works))),
    column('helperAllocates', '1 if it allocates.', 'u8', HELPERS.map(({ allocates }) => flag(allocates))),
    enumeration('CoreCall', 'Functions of the core that traces import besides the helpers (jit/lower/imports.ts).', Object.keys(CORE_CALLS).map(words), HELPERS.length),
    `export const HELPER_COUNT: i32 = ${HELPERS.length};\n`,
    column('importResult', 'Type of the result of a helper or core call.', 'u8', IMPORTS.map(({ result = 'void' }) => IR_TYPES.indexOf(result))),
    column('importParameterCount', 'Number of its parameters.', 'u8', IMPORTS.map(({ parameters }) => parameters.length)),
    column('importParameterTypes', 'Types of its parameters, two bits each from the lowest.', 'u16', IMPORTS.map(({ parameters }) => parameters.reduce((bits, type, i) => bits | (IR_TYPES.indexOf(type) << (2 * i)), 0))),
    `/** Name of an operation, for what is said about it. */\nexport function operationName(op: i32): string {\n  switch (op) {\n${IR_OPERATIONS.map(({ name }, i) => `    case ${i}: return '${name}';\n`).join('')}    default: return '';\n  }\n}\n`,
    `/** Its name among the core's exports. */\nexport function importName(imported: i32): string {\n  switch (imported) {\n${IMPORTS.map(({ name }, i) => `    case ${i}: return '${name}';\n`).join('')}    default: return '';\n  }\n}\n`,
    enumeration('Link', 'How a trace ends (jit/ir/trace.ts).', LINKS.map(snake)),
    enumeration('ExitKind', 'Kinds of exits (jit/lower/exits.ts).', EXIT_KINDS.map(snake)),
    enumeration('Abort', 'Reasons why a recording is given up (jit/abort-reasons.ts).', Object.keys(ABORT_REASONS).map(snake)),
  ];
  const wasm = [
    enumeration('Wasm', 'Instructions (jit/wasm/operations.ts).', WASM_OPERATIONS.map(({ name }) => name.replaceAll('.', '_')).map((name) => (['if', 'else', 'return', 'block', 'loop', 'end', 'call', 'drop', 'select', 'br', 'unreachable'].includes(name) ? `${name}_` : name))),
    enumeration('Immediate', 'What follows an instruction in the stream.', IMMEDIATES.map((name) => snake(name))),
    column('opcodeOf', 'Opcode; above 0xff a prefix byte and a second number.', 'u16', WASM_OPERATIONS.map(({ code }) => code)),
    column('immediatesOf', 'Immediate of an instruction.', 'u8', WASM_OPERATIONS.map(({ immediates }) => IMMEDIATES.indexOf(immediates))),
    column('takesOf', 'Operands it pops.', 'u8', WASM_OPERATIONS.map(({ takes }) => takes.length)),
    column('yieldsOf', '1 if it has a result.', 'u8', WASM_OPERATIONS.map(({ yields }) => (yields === undefined ? 0 : 1))),
    column('alignmentOf', "log2 of an access's width.", 'u8', WASM_OPERATIONS.map(({ width }) => Math.log2(width ?? 1))),
  ];
  const { SCRATCH_RECORDED, SCRATCH_RECORDED_KEY } = await loadTable('src/bytecode/host-scratch.ts');
  const scratch = Object.entries({ SCRATCH_RECORDED, SCRATCH_RECORDED_KEY }).map(([name, place]) => `export const ${name}: u32 = ${place};\n`);
  return { 'jit/core/generated/host-scratch.ts': scratch.join(''), 'jit/core/generated/ir-tables.ts': ir.join('\n'), 'jit/core/generated/wasm-tables.ts': wasm.join('\n') };
}

const OPTIONS = ['--runtime', 'stub', '--exportStart', 'start', '--exportRuntime', '--enable', 'bulk-memory,sign-extension,nontrapping-f2i,mutable-globals', '-Os', '--use', 'abort=jit/core/base/host/fail'];

/** @param entry its file @param out the binary's */
export async function compileJitCore(root, entry = 'jit/core/index.ts', out = 'build/jit.wasm') {
  mkdirSync(join(root, 'build'), { recursive: true });
  const { error, stderr } = await asc.main([entry, ...OPTIONS, '--outFile', out], { baseDir: root });
  if (error) throw new Error(stderr.toString());
  return readFileSync(join(root, out));
}
