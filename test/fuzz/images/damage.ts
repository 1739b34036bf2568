/**
 * The command behind `node test/fuzz/damaged-images.mjs`: images with bytes changed and the checksum put right, restored and run for a while in a process of its own.
 *
 *   --count N   images (500)      --seed S   seed (random, printed)
 *
 * A forged image may break its own VM: a LuaError, `core-failure`, or a hang, which are counted. It must not bring any other error to the host, or end the process.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { createVm, LuaError, MoontraceError, restoreVm } from '../../../src/api/index-node.ts';
import { createJit } from '../../../jit/index.ts';
import { checksum } from '../../../src/engine/image/checksum.ts';
import { programSeed } from '../random.ts';
import { drawOf } from './draw.ts';

const eager = () => createJit({ tunables: { share: 100, hotloop: 2, hotexit: 5 } });

const PATIENCE = 10_000;
const PROGRAM = `
  local t = { 1, 2, 3, x = 1, [1.5] = 2 } setmetatable(t, { __index = function(_, k) return k end, __gc = function() end })
  object = t text = ("x"):rep(60) names = { [text] = 1 }
  co = coroutine.wrap(function() for i = 1, 100 do coroutine.yield(i) end end) co()
  function work() local s = 0 for i = 1, 100 do s = s + #tostring(i) + (t.x or 0) end return s, t.y, co() end`;
const USE = 'work() for k, v in pairs(_G) do tostring(v) end collectgarbage() work() pcall(error, {}) string.format("%s", object) table.sort({ 3, 1, 2 }) return load("return 1 + 1")()';

function makeImage(): Uint8Array {
  const vm = createVm({ libraries: 'sandbox', jit: eager() });
  vm.doString(PROGRAM);
  vm.start(vm.load('local n = 0 for i = 1, 1000 do n = n + work() end return n')).step(50);
  return vm.snapshot({ code: true });
}

function forge(image: Uint8Array, draw: (n: number) => number): Uint8Array {
  const words = new Uint32Array(image.slice().buffer);
  const pages = Math.ceil((52 + 4 * (words[7]! + words[8]!) + words[6]!) / 16) * 4;
  // Half of them have their compiled code changed.
  const start = draw(2) === 0 ? pages : pages + words[7]! * 1024;
  for (let changes = 1 + draw(4); changes > 0; changes--) {
    let at = start + draw(words.length - start);
    for (let tries = 0; words[at] === 0 && tries < 20; tries++) at = start + draw(words.length - start);
    words[at] = draw(3) === 0 ? words[start + draw(words.length - start)]! : draw(2) === 0 ? (words[at]! ^ (1 << draw(32))) >>> 0 : (draw(0x7fffffff) * 2) >>> 0;
  }
  words.set(checksum(words.subarray(6)), 4);
  return new Uint8Array(words.buffer);
}

/** What comes of an image: a kind of end, or a finding. */
function tryImage(image: Uint8Array): string {
  try {
    const vm = restoreVm(image, { libraries: 'sandbox', jit: eager(), timeout: 500, memoryLimit: 64 << 20, fuel: 1e7, stdout() {}, stderr() {} });
    for (const action of [() => vm.doString(USE), () => vm.executions[0]?.step(1000), () => vm.collect(), () => vm.snapshot()]) {
      try {
        action();
      } catch (error) {
        if (!(error instanceof LuaError) && !(error instanceof MoontraceError)) throw error;
        if (error.code === 'core-failure') return 'core-failure';
      }
    }
    return 'ran';
  } catch (error) {
    if (error instanceof MoontraceError || error instanceof LuaError) return error.code;
    return `FOUND ${(error as Error).stack}`;
  }
}

if (process.argv.includes('--child')) process.on('message', (image: Uint8Array) => process.send?.(tryImage(image)));
else await run();

async function run(): Promise<void> {
  const { values: options } = parseArgs({ options: { count: { type: 'string', default: '500' }, seed: { type: 'string' } } });
  const seed = options.seed === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(options.seed);
  const image = makeImage();
  const start = (): ChildProcess => fork(process.argv[1]!, ['--child'], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'ignore', 'ipc'] });
  let child = start();
  const ends = new Map<string, number>();
  console.log(`seed ${seed}: ${options.count} forged images of ${image.length} bytes`);
  for (let i = 0; i < Number(options.count); i++) {
    const end = await ask(child, forge(image, drawOf(programSeed(seed, i))));
    if (end === 'hang' || end.startsWith('process')) child = start();
    if (end.startsWith('FOUND') || end.startsWith('process')) console.log(`image ${i}: ${end}`);
    const kind = end.split(' ')[0]!;
    ends.set(kind, (ends.get(kind) ?? 0) + 1);
  }
  child.kill();
  console.log([...ends].map(([kind, count]) => `${kind}: ${count}`).join(', '));
  process.exitCode = ends.has('FOUND') || ends.has('process') ? 1 : 0;
}

function ask(child: ChildProcess, image: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const end = (text: string): void => {
      clearTimeout(timer);
      child.removeAllListeners();
      resolve(text);
    };
    const timer = setTimeout(() => {
      child.removeAllListeners();
      child.kill('SIGKILL');
      resolve('hang');
    }, PATIENCE);
    child.once('message', end);
    child.once('exit', (code, signal) => end(`process has ended: ${code ?? signal}`));
    child.send(image);
  });
}
