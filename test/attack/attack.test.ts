/** The table of attack programs is complete. `npm run attack` runs them. */
import { describe, expect, it } from 'vitest';
import { createJit } from '../../jit/index.ts';
import { OPCODES } from '../../src/bytecode/opcode-table.ts';
import { createDefaultEnvironment, createVm, Interrupt, LuaError, MoontraceError } from '../../src/api/index-node.ts';
import { compileSource } from '../support/binary-chunk.ts';
import { decodeInstructions } from '../support/disassembler.ts';
import type { Prototype } from '../support/prototype.ts';
import { BODIES, inLoop, RUNTIME_FORMS } from './kinds/operators.ts';
import type { Package } from './program.ts';
import { allKinds } from './programs.ts';

const moontrace: Package = { createVm, createJit, createDefaultEnvironment, Interrupt, LuaError, MoontraceError };
const kinds = allKinds(moontrace);
describe('the table', () => {
  it('has at least 150 programs, each with a name of its own', () => {
    const names = kinds.flatMap(({ name, programs }) => programs.map((program) => `${name}: ${program.name}`));
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(150);
  });

  it.each(OPCODES.map(({ name }) => name).filter((name) => !RUNTIME_FORMS.test(name)))('has a program about %s, which is in its code', (name) => {
    const body = BODIES[name];
    expect(body).toBeDefined();
    const opcodesOf = (prototype: Prototype): string[] => [...decodeInstructions(prototype).map(({ description }) => description.name as string), ...prototype.prototypes.flatMap(opcodesOf)];
    const empty = opcodesOf(compileSource(inLoop('')));
    const count = (list: string[]): number => list.filter((one) => one === name).length;
    expect(count(opcodesOf(compileSource(inLoop(body!))))).toBeGreaterThan(name === 'LOOP' || name === 'VARARGPREP' ? 0 : count(empty));
  });
});
