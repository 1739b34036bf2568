// A million requests of one handler under 64 MB, with tasks in between and in one loop within scopes: memory stays where it is.
// Usage: node scripts/requests.mjs [requests]   (needs `npm run build`)

import { setImmediate as nextTask } from 'node:timers/promises';
import { createVm } from '../dist/node.js';
import { createJit } from '../dist/jit.js';

const requests = Number(process.argv[2] ?? 1_000_000);
const SAMPLES = 10;

/** @param each does one request */
async function run(name, each) {
  const vm = createVm({ memoryLimit: 64 << 20, jit: createJit() });
  vm.setGlobal('log', (rows) => rows.length);
  const handler = vm.load('local request = ... local rows = {} for i = 1, 1000 do rows[i] = i end return log(rows) + #request.path');
  const start = performance.now();
  const samples = [];
  for (let i = 1; i <= requests; i++) {
    each(vm, handler);
    if (name === 'tasks' && i % 100 === 0) await nextTask();
    if (i % Math.ceil(requests / SAMPLES) === 0) samples.push(process.memoryUsage().rss >> 20);
  }
  console.log(`${name}: ${requests} requests, ${((performance.now() - start) * 1000 / requests).toFixed(1)} us each, MB of the process: ${samples.join(' ')}`);
  vm.close();
}

await run('tasks', (vm, handler) => handler.call(vm.newTable({ path: '/' })));
await run('scopes', (vm, handler) => vm.scope(() => handler.call(vm.newTable({ path: '/' }))));
