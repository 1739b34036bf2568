// Micro benchmarks of what an embedder pays: a new VM, compiling and running small chunks, crossing between host and Lua.
// Usage: node bench/micro/run.mjs [milliseconds per task]   (needs `npm run build`)

import { Bench } from 'tinybench';
import { createVm } from '../../dist/node.js';

const bench = new Bench({ time: Number(process.argv[2] ?? 500) });
const vm = createVm();
vm.register({ add: (a, b) => a + b, nothing: () => undefined });
vm.doString(`
  function identity(x) return x end
  function callHost(n) local s = 0 for i = 1, n do s = add(s, i) end return s end
  function callNothing(n) for i = 1, n do nothing() end end
  point = { x = 1, y = 2 }
`);
const identity = vm.getGlobal('identity');
const callHost = vm.getGlobal('callHost');
const callNothing = vm.getGlobal('callNothing');
const point = vm.getGlobal('point');
const chunk = vm.load('return 1 + 1');

bench
  .add('create and close a VM', () => createVm().close())
  .add('compile and run "return 1 + 1"', () => vm.doString('return 1 + 1'))
  .add('run a compiled chunk', () => chunk.call())
  .add('call Lua from the host, number', () => identity.call(42))
  .add('call Lua from the host, string of 20 bytes', () => identity.call('twenty bytes of text'))
  .add('1000 calls of a host function, two numbers', () => callHost.call(1000))
  .add('1000 calls of a host function, nothing', () => callNothing.call(1000))
  .add('get a global', () => vm.getGlobal('point'))
  .add('get a field', () => point.get('x'))
  .add('set a field', () => point.set('y', 3));

await bench.run();
console.table(bench.table());
