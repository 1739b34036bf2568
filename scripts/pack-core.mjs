/**
 * Makes instances of the core cheap. A VM is one, and a host makes as many objects for it as it exports functions, and notes of each data segment where it is: of 120 and a thousand
 * that was half of what a VM cost in time and 45 KB.
 *
 * So the functions exported go into the function table, where the host makes objects of those it takes out; their names, in the order they have there behind all others, are in a custom section
 * (src/engine/core-module.ts). And data segments become one as long as few zeros are between them.
 */
const SECTION = { custom: 0, table: 4, export: 7, element: 9, dataCount: 12, data: 11 };
const FUNCTION = 0;
const [I32_CONST, END] = [0x41, 0x0b];
/** Bytes of zeros that take less than another segment does. */
const GAP = 64;
const FUNCTIONS = 'functions';

class Reader {
  at = 0;

  constructor(bytes) {
    this.bytes = bytes;
  }

  byte() {
    return this.bytes[this.at++];
  }

  unsigned() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }

  take(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** An offset: i32.const. */
  offset() {
    let value = 0;
    if (this.byte() !== I32_CONST) throw new Error('the core has an offset that is no constant');
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    this.byte();
    return value;
  }
}

function unsigned(value) {
  const bytes = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}

const offset = (value) => {
  const bytes = unsigned(value);
  // The last byte's highest bit but one is the sign.
  if ((bytes.at(-1) & 64) !== 0) bytes.splice(-1, 1, bytes.at(-1) | 128, 0);
  return [I32_CONST, ...bytes, END];
};
const vector = (entries) => [...unsigned(entries.length), ...entries.flat()];
const text = (string) => vector([...Buffer.from(string)]);

/** The exports of functions, and the rest of the section. */
function splitExports(content) {
  const reader = new Reader(content);
  const functions = [];
  const rest = [];
  for (let left = reader.unsigned(); left > 0; left--) {
    const from = reader.at;
    const name = Buffer.from(reader.take(reader.unsigned())).toString();
    const isFunction = reader.byte() === FUNCTION;
    const index = reader.unsigned();
    if (isFunction) functions.push({ name, index });
    else rest.push([...content.subarray(from, reader.at)]);
  }
  return { functions, rest };
}

function mergeData(content) {
  const reader = new Reader(content);
  const merged = [];
  for (let left = reader.unsigned(); left > 0; left--) {
    if (reader.byte() !== 0) throw new Error('the core has a data segment that is not active');
    const start = reader.offset();
    const bytes = [...reader.take(reader.unsigned())];
    const last = merged.at(-1);
    const gap = last === undefined ? Number.POSITIVE_INFINITY : start - last.start - last.bytes.length;
    if (gap < 0) throw new Error('the core has data segments in disorder');
    if (gap <= GAP) for (const byte of [...Array(gap).fill(0), ...bytes]) last.bytes.push(byte);
    else merged.push({ start, bytes });
  }
  return merged;
}

export function packCore(binary) {
  const reader = new Reader(binary);
  const head = reader.take(8);
  const sections = [];
  while (reader.at < binary.length) sections.push({ id: reader.byte(), content: reader.take(reader.unsigned()) });
  const contentOf = (id) => sections.find((section) => section.id === id).content;
  const { functions, rest } = splitExports(contentOf(SECTION.export));
  const data = mergeData(contentOf(SECTION.data));
  const table = new Reader(contentOf(SECTION.table));
  const kind = [...table.take(3)];
  const first = table.unsigned();
  const element = new Reader(contentOf(SECTION.element));
  const changed = {
    [SECTION.table]: [...kind, ...unsigned(first + functions.length)],
    [SECTION.export]: vector(rest),
    [SECTION.element]: [...unsigned(element.unsigned() + 1), ...element.bytes.subarray(element.at), 0, ...offset(first), ...vector(functions.map(({ index }) => unsigned(index)))],
    [SECTION.dataCount]: unsigned(data.length),
    [SECTION.data]: vector(data.map(({ start, bytes }) => [0, ...offset(start), ...vector(bytes)])),
  };
  const names = [...text(FUNCTIONS), ...Buffer.from(functions.map(({ name }) => name).join(' '))];
  const out = [...sections.map(({ id, content }) => ({ id, content: id === SECTION.custom ? content : (changed[id] ?? content) })), { id: SECTION.custom, content: names }];
  return Buffer.concat([head, ...out.flatMap(({ id, content }) => [Buffer.from([id, ...unsigned(content.length)]), Buffer.from(content)])]);
}
