/** The attack programs without a clock: how they end, and that the VM is as good as before. `npm run attack` measures time and memory, too. */
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
import { Runner } from './run.ts';

const moontrace: Package = { createVm, createJit, createDefaultEnvironment, Interrupt, LuaError, MoontraceError };
const kinds = allKinds(moontrace);
/** Kinds of which all programs are run; of the others each fifth: the command runs them all, in three modes. */
const WHOLE = new Set(['JIT', 'ways out of the sandbox', 'misuse of the API']);

describe.each(kinds)('$name', ({ name, programs }) => {
  const chosen = programs.filter((_, i) => WHOLE.has(name) || i % 5 === 0);
  it.each(chosen.map((program) => [program.name, program] as const))('%s', (_, program) => {
    for (const { what, problem } of new Runner(moontrace, 'eager').run(program, ['fuel'])) expect(problem, what).toBeUndefined();
  });
});

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
