/**
 * The command behind `node test/fuzz/images.mjs`: random programs that are stopped anywhere, made an image, and go on in another process.
 *
 *   --count N   programs (1000)      --seed S   seed (random, printed)      --from I   first program (0)
 */
import { type ChildProcess, fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { INTERPRETED } from '../../support/engine.ts';
import { firstDifference } from '../compare.ts';
import { generateProgram } from '../generate.ts';
import { programSeed } from '../random.ts';
import { runEngine } from '../sides.ts';
import { printBlock } from '../tree.ts';
import { KINDS, runSlice, type Slice, type Start } from './slices.ts';
import { drawOf } from './draw.ts';

interface Request {
  readonly start: Start;
  readonly kind: number;
  readonly seed: number;
}

const REPORT_EVERY = 100;
const isChild = process.argv.includes('--child');

if (isChild) {
  process.on('message', ({ start, kind, seed }: Request) => {
    runSlice(start, KINDS[kind]!, drawOf(seed)).then((slice) => process.send?.({ slice }), (error: Error) => process.send?.({ failure: error.stack }));
  });
} else await run();

/** Asks the other process for a slice. */
function ask(child: ChildProcess, request: Request): Promise<Slice> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`the process has ended: ${code}`));
    child.once('exit', onExit);
    child.once('message', ({ slice, failure }: { slice?: Slice; failure?: string }) => {
      child.off('exit', onExit);
      if (slice === undefined) reject(new Error(failure));
      else resolve(slice);
    });
    child.send(request);
  });
}

async function run(): Promise<void> {
  const { values: options } = parseArgs({ options: { count: { type: 'string', default: '1000' }, from: { type: 'string', default: '0' }, seed: { type: 'string' } } });
  const seed = options.seed === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(options.seed);
  const [count, from] = [Number(options.count), Number(options.from)];
  const child = fork(process.argv[1]!, ['--child'], { serialization: 'advanced' });
  console.log(`seed ${seed}: ${count} programs from ${from}, in slices and in one go`);
  let [failed, images, bytes] = [0, 0, 0];
  for (let index = from; index < from + count && failed < 5; index++) {
    const program = printBlock(generateProgram(programSeed(seed, index)));
    const draw = drawOf(programSeed(seed, index));
    const kinds = KINDS.flatMap((each, i) => (each.isChecked === KINDS[index % KINDS.length]!.isChecked ? [i] : []));
    const expected = runEngine(program, INTERPRETED);
    let actual = '';
    let start: Start | undefined = { program };
    try {
      for (let part = 0; start !== undefined; part++) {
        const request: Request = { start, kind: kinds[draw(kinds.length)]!, seed: draw(0x7fffffff) };
        const { output, image, base, error }: Slice = part % 2 === 1 ? await ask(child, request) : await runSlice(start, KINDS[request.kind]!, drawOf(request.seed));
        actual += error === undefined ? output : `${output}error\t${error}\n`;
        start = image === undefined ? undefined : { image, base };
        if (image !== undefined) [images, bytes] = [images + 1, bytes + image.length];
      }
    } catch (error) {
      actual += String((error as Error).stack);
    }
    if (actual !== expected) {
      failed++;
      console.log(`program ${index}: ${firstDifference(expected, actual)}`);
    }
    if ((index + 1 - from) % REPORT_EVERY === 0) console.error(`${index + 1 - from} programs, ${images} images of ${Math.round(bytes / images / 1024)} KB, ${failed} failures`);
    await new Promise(setImmediate);
  }
  child.kill();
  console.log(failed === 0 ? `no difference in ${count} programs and ${images} images (seed ${seed})` : `${failed} failures (seed ${seed})`);
  process.exitCode = failed === 0 ? 0 : 1;
}
