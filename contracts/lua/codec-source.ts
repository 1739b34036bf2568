/**
 * Lua source that writes and reads the records of an API, made of its types: checked stubs for those who call a contract (`callers`), and for those who
 * implement one (`providers`). Plain Lua 5.4; `string.pack` does the work. A group of fields is one call of it.
 */
import { type Api, checkApi, type Contract, type ContractFunction } from '../api/api.ts';
import { type ArrayType, bitsOf, type EnumType, extentOf, type Field, layoutOf, type PlacedField, SCALARS, type ScalarName, type StructType, type Type } from '../api/types.ts';
import { LUA_PRELUDE } from './prelude.ts';

/** Fields of one call of string.pack: each takes up to three of Lua's 200 local variables. */
const GROUP = 16;

const FORMATS: Readonly<Record<ScalarName, string>> = {
  u8: 'I1', u16: 'I2', u32: 'I4', u64: 'i8', i8: 'i1', i16: 'i2', i32: 'i4', i64: 'i8', f32: 'f', f64: 'd', bool: 'I1', Ptr: 'i8',
};

/** Values of a field in the call of string.pack, by type. */
function formatOf(type: Type): string {
  switch (type.kind) {
    case 'scalar':
      return FORMATS[type.name];
    case 'enum':
      return FORMATS[type.format];
    case 'struct':
      return `c${extentOf(type).size}`;
    case 'buffer':
      return 'i8i8i8';
    default:
      return 'i8i8';
  }
}

/** A bigint as an integer of Lua: from 2^63 on, and the smallest, by their bits. */
export const luaInteger = (value: bigint): string => (value > 0x7fff_ffff_ffff_ffffn || value === -0x8000_0000_0000_0000n ? `0x${BigInt.asUintN(64, value).toString(16)}` : String(value));

/** Lua's expression that checks a value, and writes what it refers to. */
function checked(type: Type, value: string, where: string): string {
  switch (type.kind) {
    case 'scalar': {
      const format = SCALARS[type.name];
      if (format.kind === 'bool') return `boolean(w, ${value}, ${where})`;
      if (format.kind === 'float') return `${format.size === 4 ? 'float32' : 'number'}(w, ${value}, '${type.name}', ${where})`;
      if (format.size === 8 && format.low === 0n) return `unsigned64(w, ${value}, '${type.name}', ${where})`;
      return `integer(w, ${value}, ${luaInteger(format.low)}, ${luaInteger(format.high)}, '${type.name}', ${where})`;
    }
    case 'string':
      return `text(w, ${value}, ${where})`;
    case 'buffer':
      return `buffer(w, ${value}, ${where})`;
    case 'array': {
      // A struct's writer counts itself.
      const depth = type.element.kind === 'struct' ? 1 : 2;
      return `array(w, ${value}, W['${elementName(type)}'], ${extentOf(type.element).align}, ${depth}, '${type.name}', ${where})`;
    }
    case 'enum':
    case 'struct':
      return `W.${type.name}(w, ${value}, ${where})`;
  }
}

const elementName = ({ element }: ArrayType): string => (element.kind === 'struct' ? element.name : `element ${element.name}`);

interface Group {
  readonly fields: readonly PlacedField[];
  readonly start: number;
  readonly end: number;
}

/** Fields in groups; the last ends with the record. */
function groupsOf(fields: readonly Field[]): Group[] {
  const layout = layoutOf(fields);
  const groups: Group[] = [];
  for (let i = 0; i < layout.fields.length; i += GROUP) {
    const next = layout.fields[i + GROUP];
    groups.push({ fields: layout.fields.slice(i, i + GROUP), start: layout.fields[i]!.offset, end: next?.offset ?? layout.size });
  }
  return groups;
}

/** Format of a group, its gaps included; `format` gives that of a field. */
function groupFormat({ fields, start, end }: Group, format: (type: Type) => string): string {
  let at = start;
  let text = '<';
  for (const { type, offset } of fields) {
    text += 'x'.repeat(offset - at) + format(type);
    at = offset + extentOf(type).size;
  }
  return `'${text}${'x'.repeat(end - at)}'`;
}

/** Names of the values of a field: what string.pack takes for it. */
const partsOf = (type: Type, i: number): string => ['a', 'n', 'c'].slice(0, type.kind === 'buffer' ? 3 : type.kind === 'string' || type.kind === 'array' ? 2 : 1).map((part) => `${part}${i}`).join(', ');

/**
 * Statements that write a record, and the expression of its bytes.
 * @param expressionOf Lua's expression of a field's value
 * @param whereOf how messages name it, as an expression
 */
function writeRecord(fields: readonly Field[], expressionOf: (field: Field) => string, whereOf: (field: Field) => string, before?: (field: Field) => string): { readonly lines: string[]; readonly bytes: string } {
  const lines: string[] = [];
  const groups = groupsOf(fields);
  for (const [g, group] of groups.entries()) {
    lines.push(`local p${g}`, 'do');
    for (const [i, field] of group.fields.entries()) {
      if (before !== undefined) lines.push(`  ${before(field)}`);
      lines.push(`  local ${partsOf(field.type, i)} = ${checked(field.type, expressionOf(field), whereOf(field))}`);
    }
    lines.push(`  p${g} = pack(${groupFormat(group, formatOf)}, ${group.fields.map(({ type }, i) => partsOf(type, i)).join(', ')})`, 'end');
  }
  return { lines, bytes: groups.length === 0 ? "''" : groups.map((_, g) => `p${g}`).join(' .. ') };
}

/** Statements that read a record at `at` of `s`, each field into the variable that `target` names. */
function readRecord(fields: readonly Field[], target: (field: Field) => string): string[] {
  return groupsOf(fields).flatMap((group) => {
    const read = group.fields.map(({ type }, i) => (type.kind === 'struct' ? '' : partsOf(type, i))).filter((parts) => parts !== '');
    const format = groupFormat(group, (type) => (type.kind === 'struct' ? 'x'.repeat(extentOf(type).size) : formatOf(type)));
    return [
      'do',
      ...(read.length === 0 ? [] : [`  local ${read.join(', ')} = unpack(${format}, s, at + ${group.start + 1})`]),
      ...group.fields.map((field, i) => `  ${target(field)} = ${valueRead(field.type, i, `at + ${field.offset}`)}`),
      'end',
    ];
  });
}

/** The expression of a value whose parts were read. */
function valueRead(type: Type, i: number, at: string): string {
  switch (type.kind) {
    case 'scalar':
      return type.name === 'bool' ? `a${i} ~= 0` : `a${i}`;
    case 'enum':
      return `a${i}`;
    case 'string':
    case 'buffer':
      return `sub(s, a${i} + 1, a${i} + n${i})`;
    case 'array':
      return `elements(s, a${i}, n${i}, ${extentOf(type.element).size}, R['${elementName(type)}'])`;
    case 'struct':
      return `R.${type.name}(s, ${at})`;
  }
}

const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

function enumSource(type: EnumType): string[] {
  const { low, high } = SCALARS[type.format];
  const check = high > 0x7fff_ffff_ffff_ffffn ? `unsigned64(w, value, '${type.name}', where)` : `integer(w, value, ${low}, ${high}, '${type.name}', where)`;
  return [
    `E.${type.name} = { ${type.variants.map(({ name, value }) => `${name} = ${luaInteger(value)}`).join(', ')} }`,
    ...(type.isBitflag ? [] : [`local values = { ${type.variants.map(({ value }) => `[${luaInteger(value)}] = true`).join(', ')} }`]),
    `W.${type.name} = function(w, value, where)`,
    '  w.depth = w.depth + 1',
    `  local n = ${check}`,
    '  w.depth = w.depth - 1',
    `  if ${type.isBitflag ? `n & ~${luaInteger(bitsOf(type))} ~= 0` : 'not values[n]'} then fail(w, where, '${type.name}', value) end`,
    '  return n',
    'end',
  ];
}

function structSource(type: StructType): string[] {
  const { lines, bytes } = writeRecord(type.fields, ({ name }) => `value.${name}`, ({ name }) => `'${type.name}.${name}: '`);
  return [
    `W.${type.name} = function(w, value, where)`,
    `  if type(value) ~= 'table' then fail(w, where or '', '${type.name}', value) end`,
    "  enter(w, where or '', 1)",
    ...indent(lines),
    '  w.depth = w.depth - 1',
    `  return ${bytes}`,
    'end',
    `R.${type.name} = function(s, at)`,
    '  local value = {}',
    ...indent(readRecord(type.fields, ({ name }) => `value.${name}`)),
    '  return value',
    'end',
  ];
}

/** Writer and reader of the elements of an array, where they are no structs. */
function elementSource(type: ArrayType): string[] {
  const element: readonly Field[] = [{ name: 'value', type: type.element, docs: '' }];
  const { lines, bytes } = writeRecord(element, () => 'value', () => "''");
  return [
    `W['${elementName(type)}'] = function(w, value)`,
    ...indent(lines),
    `  return ${bytes}`,
    'end',
    `R['${elementName(type)}'] = function(s, at)`,
    '  local value',
    ...indent(readRecord(element, () => 'value')),
    '  return value',
    'end',
  ];
}

const nameOf = (i: number): string => `v${i}`;

/** Statements that leave a record's bytes in `bytes`, of values in v0, v1, ... */
function writeAll(fields: readonly Field[], what: (i: number) => string, level: number): string[] {
  if (fields.length === 0) return ["local bytes = ''"];
  const place = new Map(fields.map((field, i) => [field.name, i]));
  const { lines, bytes } = writeRecord(fields, ({ name }) => nameOf(place.get(name)!), () => "''", ({ name }) => `w.what = ${what(place.get(name)!)}`);
  return [`local w = { '', size = ${layoutOf(fields).size}, level = ${level}, depth = 0, what = '' }`, ...lines, `w[1] = ${bytes}`, 'local bytes = concat(w)'];
}

/** Statements that read a record into v0, v1, ... */
function readAll(fields: readonly Field[]): string[] {
  if (fields.length === 0) return [];
  const place = new Map(fields.map((field, i) => [field.name, i]));
  return [`local ${fields.map((_, i) => nameOf(i)).join(', ')}`, 'local at = 0', ...readRecord(fields, ({ name }) => nameOf(place.get(name)!))];
}

/** A function that checks and writes its arguments, sends them, and reads the result. */
function callerSource({ name, params, returns }: ContractFunction, number: number): string[] {
  const send = `send(${number}, bytes)`;
  return [
    `${name} = function(${params.map((_, i) => nameOf(i)).join(', ')})`,
    ...indent(writeAll(params, (i) => `"argument #${i + 1} to '${name}'"`, 4)),
    ...indent(returns.length === 0 ? [send] : [`local s = ${send}`, 'do', ...indent([...readAll(returns), `return ${nameOf(0)}`]), 'end']),
    'end,',
  ];
}

/** A function that reads its arguments from bytes, calls the implementation, and writes what it returned. */
function providerSource({ name, params, returns }: ContractFunction, number: number): string[] {
  const call = `functions[${number + 1}](${params.map((_, i) => nameOf(i)).join(', ')})`;
  return [
    `function(s)`,
    ...indent(readAll(params)),
    ...indent(returns.length === 0 ? [call] : [`local r = ${call}`, 'do', `  local ${nameOf(0)} = r`, ...indent([...writeAll(returns, () => `"result of '${name}'"`, 0), 'return bytes']), 'end']),
    'end,',
  ];
}

function contractSource({ name, functions }: Contract): string[] {
  return [
    `callers['${name}'] = function(send)`,
    '  return {',
    ...functions.flatMap((fn, number) => indent(indent(callerSource(fn, number)))),
    '  }',
    'end',
    `providers['${name}'] = function(implementation)`,
    `  local functions = { ${functions.map((fn) => `implementation.${fn.name}`).join(', ')} }`,
    '  return {',
    ...functions.flatMap((fn, number) => indent(indent(providerSource(fn, number)))),
    '  }',
    'end',
  ];
}

/** Each array type that the API uses, once. */
function arraysOf({ structs, contracts }: Api): ArrayType[] {
  const fields = [...structs.flatMap((struct) => struct.fields), ...contracts.flatMap(({ functions }) => functions.flatMap(({ params, returns }) => [...params, ...returns]))];
  const arrays = fields.map(({ type }) => type).filter((type) => type.kind === 'array');
  return [...new Map(arrays.map((type) => [type.name, type])).values()];
}

/** Source of a chunk that returns `callers`, `providers` (functions by the contract's name) and the enums' tables. */
export function generateLuaCodec(api: Api): string {
  checkApi(api);
  const blocks = [
    ...api.enums.map(enumSource),
    ...arraysOf(api).filter(({ element }) => element.kind !== 'struct').map(elementSource),
    ...api.structs.map(structSource),
    ...api.contracts.map(contractSource),
  ];
  return `${LUA_PRELUDE}\n${blocks.map((lines) => ['do', ...indent(lines), 'end', ''].join('\n')).join('\n')}\nreturn { callers = callers, providers = providers, enums = E }\n`;
}
