/** The tables that docs/jit.md is made from say what the JIT's core does. */
import { expect, test } from 'vitest';
import { JitCore } from '../../../jit/core-module.ts';
import { HOW_RECORDED, howRecorded } from '../../../jit/record/builtins/how-recorded.ts';
import { RECORDED_GROUPS } from '../../../jit/record/opcodes/how-recorded.ts';
import { BUILTINS, fullName } from '../../../src/bytecode/builtin-table.ts';
import { OPCODES } from '../../../src/bytecode/opcode-table.ts';

const core = new JitCore().exports as unknown as { howBuiltinIsRecorded(id: number): number; isRecordedOpcode(op: number): number };

test('builtins', () => {
  const names = BUILTINS.map(fullName);
  expect(names.map((name) => [name, howRecorded(name)])).toEqual(names.map((name, index) => [name, HOW_RECORDED[core.howBuiltinIsRecorded(index + 1)]]));
  expect(core.howBuiltinIsRecorded(0)).toBe(HOW_RECORDED.indexOf('called in place'));
});

test('opcodes', () => {
  const named = new Set(RECORDED_GROUPS.flatMap(({ names }) => names));
  const recorded = OPCODES.filter((_, op) => core.isRecordedOpcode(op) === 1).map(({ name }) => name);
  expect([...named].sort()).toEqual([...recorded].sort());
});
