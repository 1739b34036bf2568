/**
 * The command behind `node test/fuzz/transfer.mjs`: random programs that are compiled at once, and again and again go on in a fork or a restored VM, with their code.
 *
 *   --count N   programs (500)      --seed S   seed (random, printed)      --from I   first program (0)
 */
import { parseArgs } from 'node:util';
import { createVm, LuaError, restoreVm, type Vm, type VmOptions } from '../../../src/api/index-node.ts';
import { machineOf } from '../../../src/api/engine-port.ts';
import { createJit } from '../../../jit/index.ts';
import { debugCore, INTERPRETED } from '../../support/engine.ts';
import { firstDifference } from '../compare.ts';
import { generateProgram } from '../generate.ts';
import { PRELUDE } from '../prelude.ts';
import { programSeed } from '../random.ts';
import { runEngine } from '../sides.ts';
import { printBlock } from '../tree.ts';
import { drawOf } from './draw.ts';

/** Moves of one program; it ends where it is then. */
const MAX_MOVES = 60;
/** The collector works wherever a trace is entered or left (core/memory/heap.ts). */
const STRESS = 3;
const REPORT_EVERY = 100;
let [moves, restored, grown] = [0, 0, 0];

/** @param index half of the programs run on the checked core, a quarter under stress, a third lose trees at any time */
function runMoving(program: string, index: number, draw: (n: number) => number): string {
  const isChecked = index % 2 === 0;
  const tunables = { share: 100, hotloop: 1 + draw(3), hotexit: 1 + draw(4), penaltystart: 2, penaltyfactor: 2, ...(draw(2) === 0 && { loopbudget: 9 }), ...(draw(2) === 0 && { hotfunction: 0 }) };
  let output = '';
  const stdout = (bytes: Uint8Array): void => {
    output += Buffer.from(bytes).toString('latin1');
  };
  const options = (): VmOptions => ({
    stdout, stderr: stdout, ...(isChecked && { core: debugCore() }), jit: createJit({ tunables, checkSlots: true, optimisations: { verify: true }, dropTrees: index % 3 === 0 }),
  });
  const setStress = (vm: Vm, isOn: boolean): void => machineOf(vm).core.setCollectorStress(isOn && index % 4 === 0 ? STRESS : 0);
  let vm = createVm(options());
  try {
    vm.doString(Buffer.from(PRELUDE, 'latin1'), '=prelude');
    let execution = vm.start(vm.load(Buffer.from(program, 'latin1'), '=fuzz'));
    for (let move = 0; ; move++) {
      setStress(vm, true);
      const { state } = execution.step(100 + draw([300, 3000, 20_000][draw(3)] as number));
      setStress(vm, false);
      if (isChecked && machineOf(vm).core.verifyHeap() !== 0) throw new Error('the heap is not sound');
      if (state === 'done') break;
      if (move >= MAX_MOVES) continue;
      const { restored: had, compiled } = vm.stats();
      vm = draw(2) === 0 ? vm.fork(options()) : restoreVm(vm.snapshot({ code: true }), options());
      moves++;
      if (vm.stats().restored > 0) restored++;
      if (had > 0 && compiled > 0) grown++;
      if (draw(4) === 0) vm.collect();
      execution = vm.executions[0] as typeof execution;
    }
    vm.close();
    return output;
  } catch (error) {
    return error instanceof LuaError ? `${output}error\t${error.message}\n` : `${output}${(error as Error).stack}`;
  } finally {
    setStress(vm, false);
  }
}

const { values: options } = parseArgs({ options: { count: { type: 'string', default: '500' }, from: { type: 'string', default: '0' }, seed: { type: 'string' } } });
const seed = options.seed === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(options.seed);
const [count, from] = [Number(options.count), Number(options.from)];
let failed = 0;
console.log(`seed ${seed}: ${count} programs from ${from}, that move with their code`);
for (let index = from; index < from + count && failed < 5; index++) {
  const program = printBlock(generateProgram(programSeed(seed, index)));
  const expected = runEngine(program, INTERPRETED);
  const actual = runMoving(program, index, drawOf(programSeed(seed, index)));
  if (actual !== expected) {
    failed++;
    console.log(`program ${index}: ${firstDifference(expected, actual)}`);
  }
  if ((index + 1 - from) % REPORT_EVERY === 0) console.error(`${index + 1 - from} programs, ${moves} moves, ${restored} with code, ${grown} behind which it had grown, ${failed} failures`);
}
console.log(failed === 0 ? `no difference in ${count} programs and ${moves} moves (seed ${seed})` : `${failed} failures (seed ${seed})`);
process.exitCode = failed === 0 ? 0 : 1;
