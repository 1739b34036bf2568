/**
 * Random operations of several threads on one VM (test/api/shared/operations.ts), and threads that are terminated in the middle of theirs.
 *
 *   --threads 4          how many at a time
 *   --operations 100000  of all together
 *   --kills 0            threads that are terminated, one after the other, while the others go on
 *   --jit                the VM compiles, and so do all threads but one, everything that runs twice
 *   --checked            on the debug core, which looks at its heap now and then (node scripts/build.mjs --test)
 *   --seed 1
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createJit } from '../../../jit/index.ts';
import { useSharedCore } from '../../../src/engine/shared/core.ts';
import { MoontraceError, SharedVm } from '../../../src/api/index-node.ts';
import { differences, type Done, OPERATIONS, PROGRAM } from '../../api/shared/operations.ts';
import { Thread } from '../../api/shared/threads.ts';

const { values } = parseArgs({
  options: { threads: { type: 'string', default: '4' }, operations: { type: 'string', default: '100000' }, kills: { type: 'string', default: '0' }, seed: { type: 'string', default: '1' }, jit: { type: 'boolean', default: false }, checked: { type: 'boolean', default: false } },
});
const [threads, operations, kills, seed] = [values.threads, values.operations, values.kills, values.seed].map(Number) as [number, number, number, number];

if (values.checked) useSharedCore(readFileSync('build/core.debug.wasm'));
const EAGER = { tunables: { share: 100, hotloop: 2, hotexit: 2, penaltystart: 4, penaltyfactor: 2 } };
const newVm = (): SharedVm => {
  const shared = SharedVm.from(values.jit ? { jit: createJit(EAGER) } : {});
  shared.eval(PROGRAM);
  return shared;
};
/** A thread; the first of several has no JIT. */
const newThread = (handle: SharedVm['handle'], place: number): Thread => new Thread(handle, values.jit && place > 0 ? EAGER : undefined);

let entered = 0;

/** @returns the threads' own accounts */
async function run(shared: SharedVm): Promise<Done[]> {
  const all = Array.from({ length: threads }, (_, place) => newThread(shared.handle, place));
  for (const { worker } of all) shared.watch(worker);
  const done = await Promise.all(all.map((thread, place) => thread.run(OPERATIONS, Math.ceil(operations / threads), seed + 7919 * (place + 1))));
  entered = shared.traceDispatchedCount;
  await Promise.all(all.map((thread) => thread.end()));
  return done as Done[];
}

const start = performance.now();
const seconds = (): string => ((performance.now() - start) / 1000).toFixed(1);
let shared = newVm();
const done = await run(shared);
const problems = differences(shared, done);
const total = (kind: keyof Done): number => done.reduce((sum, counts) => sum + counts[kind], 0);
console.log(`${operations} operations of ${threads} threads in ${seconds()} s: ${total('transfer') + total('note')} changes, ${total('interrupt')} interrupts, ${total('fuel')} out of fuel, code that is there was entered ${entered} times`);

for (const problem of problems) console.error(problem);
const found = problems.length;

let refused = 0;
for (let kill = 0; kill < kills; kill++) {
  const [victim, other] = [newThread(shared.handle, kill % 2), newThread(shared.handle, 1)];
  for (const { worker } of [victim, other]) shared.watch(worker);
  await Promise.all([victim.run(''), other.run('')]);
  victim.run(OPERATIONS, 1e9, seed + kill).catch(() => {});
  const working = other.run(OPERATIONS, 300, seed - kill - 2).then(() => undefined, (error: { code?: string }) => error);
  await new Promise((resolve) => void setTimeout(resolve, (kill * 7) % 23));
  await victim.end();
  const failure = await working;
  await other.end();
  try {
    if (failure !== undefined && failure.code !== 'abandoned') problems.push(`beside a thread that was terminated: ${JSON.stringify(failure)}`);
    shared.interrupt.take();
    shared.eval('collectgarbage() digest()');
  } catch (error) {
    if (!(error instanceof MoontraceError && error.code === 'abandoned')) problems.push(`after a thread was terminated: ${String(error)}`);
    refused++;
    shared = newVm();
  }
}
if (kills > 0) console.log(`${kills} threads terminated: the VM was used on ${kills - refused} times, refused ${refused} times, in ${seconds()} s`);
for (const problem of problems.slice(found)) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
