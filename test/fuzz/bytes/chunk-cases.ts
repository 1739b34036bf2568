/**
 * Damaged binary chunks: as bytes, and as well-formed images of functions whose instructions, constants and counts are wrong; interpreted, or compiled
 * with everything that runs twice.
 */
import { createJit } from '../../../jit/index.ts';
import type { Prototype } from '../../support/prototype.ts';
import { LuaError } from '../../../src/engine/errors/errors.ts';
import type { Vm } from '../../../src/api/vm.ts';
import { compileSource, withChecksum, writeBinaryChunk } from '../../support/binary-chunk.ts';
import { EAGER } from '../../support/engine.ts';
import type { Random } from '../random.ts';
import { createCheckedVm, engineFailure, heapProblem, stress } from './checked-vm.ts';
import { mutate } from './mutate.ts';

/** Work one damaged chunk may do; less where every allocation collects. */
const FUEL = 20_000;
const STRESSED_FUEL = 300;

/** Functions of the corpus that compile. */
export function compileCorpus(corpus: readonly Uint8Array[]): Prototype[] {
  return corpus.flatMap((source) => {
    try {
      return [compileSource(source, '=corpus')];
    } catch (error) {
      if (error instanceof LuaError) return [];
      throw error;
    }
  });
}

const OPERANDS = [0, 1, 2, 3, 8, 16, 24, 32, 48, 64, 160, 4080, 4096, 0x7fff, 0x8000, 0xfff0, 0xffff];

/** A copy in which one thing is different, here or in a nested function. */
function damage(random: Random, prototype: Prototype): Prototype {
  if (prototype.prototypes.length > 0 && random.chance(0.6)) {
    const chosen = random.integer(0, prototype.prototypes.length - 1);
    return { ...prototype, prototypes: prototype.prototypes.map((nested, i) => (i === chosen ? damage(random, nested) : nested)) };
  }
  const code = prototype.code.slice();
  const at = random.integer(0, code.length - 1);
  const word = code[at] as number;
  switch (random.integer(0, 9)) {
    case 0: // opcode or k
      code[at] = random.chance(0.7) ? ((word & ~0xff) | random.integer(0, 100)) >>> 0 : word ^ (random.integer(0, 3) << 8);
      return { ...prototype, code };
    case 1:
    case 2:
    case 3: { // one of the 16-bit operands
      const shift = random.pick([0, 16]);
      const value = random.chance(0.5) ? random.pick(OPERANDS) : random.integer(0, 12) * 16;
      code[at] = ((word & ~(0xffff << shift)) | (value << shift)) >>> 0;
      return { ...prototype, code };
    }
    case 4: // two words change places
    case 5: {
      const other = random.integer(0, code.length - 1);
      code[at] = code[other] as number;
      code[other] = word;
      return { ...prototype, code };
    }
    case 6:
      return { ...prototype, maxStack: random.integer(0, 255) };
    case 7:
      return random.chance(0.5) ? { ...prototype, isVararg: !prototype.isVararg } : { ...prototype, parameterCount: random.integer(0, 5) };
    case 8:
      return { ...prototype, constants: random.chance(0.5) ? prototype.constants.slice(1) : prototype.constants.toReversed() };
    default:
      return { ...prototype, upvalues: prototype.upvalues.map((upvalue) => ({ ...upvalue, index: random.integer(0, 20), fromStack: random.chance(0.5) })) };
  }
}

/** Loads a chunk and runs it a little. @param onLoad called if the engine takes it */
function tryChunk(vm: Vm, chunk: Uint8Array, fuel: number, onLoad: () => void): string | undefined {
  return engineFailure(() => {
    const main = vm.load(chunk, '=damaged');
    onLoad();
    vm.fuel = fuel;
    main.call(1, 'two', 3.5);
  });
}

/** @returns problems, with the chunk in base64 */
export function runChunkCases(random: Random, prototypes: readonly Prototype[], count: number): string[] {
  const problems: string[] = [];
  const chunks = prototypes.map((prototype) => writeBinaryChunk(prototype, false));
  const isStressed = random.chance(0.2);
  const isCompiled = random.chance(0.6);
  const start = (): Vm => {
    const fresh = createCheckedVm([], random.integer(0, 0x7fffffff), { fuel: FUEL, binaryChunks: true, ...(isCompiled && { jit: createJit(EAGER.jit) }) });
    if (isStressed) stress(fresh);
    return fresh;
  };
  let vm = start();
  let loaded = 0;
  for (let i = 0; i < count && problems.length < 5; i++) {
    const index = random.integer(0, prototypes.length - 1);
    let chunk: Uint8Array;
    if (random.chance(0.75)) {
      let prototype = prototypes[index] as Prototype;
      for (let left = random.integer(1, 3); left > 0; left--) prototype = damage(random, prototype);
      chunk = writeBinaryChunk(prototype, random.chance(0.2));
    } else {
      chunk = mutate(random, chunks[index] as Uint8Array, chunks);
      if (random.chance(0.9) && chunk.length > 45) chunk = withChecksum(chunk);
    }
    const problem = tryChunk(vm, chunk, isStressed ? STRESSED_FUEL : FUEL, () => loaded++) ?? (i % 25 === 0 || i === count - 1 ? heapProblem(vm) : undefined);
    if (problem === undefined) continue;
    problems.push(`${problem}\n  chunk ${Buffer.from(chunk).toString('base64')}`);
    vm.close();
    vm = start();
  }
  vm.close();
  if (loaded === 0) problems.push('the engine takes none of the chunks, so none was tried');
  return problems;
}
