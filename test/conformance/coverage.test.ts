/**
 * The conformance scripts cover all of the language's library and all metamethods: shown by breaking one thing at a time, a field of a library,
 * a metamethod, and finding a script that then prints something else; and by notes of the options that calls which succeeded had.
 *
 * Why not a search for names in the scripts: a name is no use, and a use is no test if nothing that is printed depends on it.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { METAMETHODS } from '../../src/bytecode/metamethods.ts';
import { enumerateFields, type Field, type Notes, needs, needsField, needsMetamethod, takeNotes } from './evidence/breaking.ts';
import { OPTIONS } from './evidence/options.ts';
import { findScripts, type Script } from './scripts.ts';

/** Not a script's to test, and where it is tested. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'os.exit': 'test/cli/cli.test.ts: it ends the process',
};

/** Breaks tables of metamethods where they are set: Lua code that drops an `__index` or `__newindex` of one type. */
const dropping = (event: string, type: string): string => `
  local set, setAny, type, rawget, rawset = setmetatable, debug.setmetatable, type, rawget, rawset
  local function drop(metatable)
    if type(metatable) == 'table' and type(rawget(metatable, '${event}')) == '${type}' then rawset(metatable, '${event}', nil) end
    return metatable
  end
  function setmetatable(t, metatable) return set(t, drop(metatable)) end
  function debug.setmetatable(value, metatable) return setAny(value, drop(metatable)) end`;

/** The last part of a field's name: what a script that uses it must have in its text. */
const keyOf = ({ name }: Field): string => name.replace(/^.*\./, '');

let notes: Notes[] = [];
let scripts: Script[] = [];

beforeAll(() => {
  notes = findScripts().map(takeNotes);
  // The quick ones first.
  notes.sort((a, b) => a.duration - b.duration);
  scripts = notes.map(({ script }) => script);
}, 300_000);

const withText = (text: string): Script[] => scripts.filter(({ source }) => source.includes(text));

describe('every field of every library is needed by a script', () => {
  test.each(enumerateFields().filter(({ name }) => !(name in ELSEWHERE)).map((field) => [field.name, field] as const))('%s', (name, field) => {
    const called = notes.filter((taken) => taken.notes.has(name)).map(({ script }) => script);
    const candidates = new Set([...called, ...withText(keyOf(field))]);
    expect([...candidates].find((script) => needsField(script, name))?.path).toBeDefined();
  });
});

describe('every metamethod is needed by a script', () => {
  test.each(METAMETHODS)('__%s', (event) => {
    // Some scripts put the name together.
    const candidates = new Set([...withText(`__${event}`), ...withText("'__' .. ")]);
    expect([...candidates].find((script) => needsMetamethod(script, event))?.path).toBeDefined();
  });

  test.each([
    ['__index', 'function'], ['__index', 'table'], ['__newindex', 'function'], ['__newindex', 'table'], ['__call', 'table'],
    ['__add', 'table'], ['__name', 'string'], ['__mode', 'string'],
  ])('%s that is a %s', (event, type) => {
    // That setmetatable is another function must not be what makes the difference.
    const candidates = withText(event).filter((script) => !needs(script, dropping('no such event', type)));
    expect(candidates.find((script) => needs(script, dropping(event, type)))?.path).toBeDefined();
  });
});

describe('every option is used by a call that succeeds', () => {
  test.each(Object.entries(OPTIONS))('%s', (name, options) => {
    const used = new Set(notes.flatMap((taken) => [...taken.notes]));
    expect(options.filter((option) => !used.has(`${name}: ${option}`))).toEqual([]);
  });
});
