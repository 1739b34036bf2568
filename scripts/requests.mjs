// A million requests of one handler under 64 MB: asynchronous ones, plain ones with tasks in between, and in one loop within scopes; then a thousand VMs, created and closed.
// The memory of the process stays where it is.
// Usage: node scripts/requests.mjs [requests] [VMs]   (needs `npm run build`)

import { setImmediate as nextTask } from 'node:timers/promises';
import { createVm } from '../dist/node.js';
import { createJit } from '../dist/jit.js';

const requests = Number(process.argv[2] ?? 1_000_000);
const vms = Number(process.argv[3] ?? 1000);
const SAMPLES = 10;
const HANDLER = 'local request = ... local rows = {} for i = 1, 1000 do rows[i] = i end return log(rows) + #request.path';

/** Repeats an action, and tells what the process takes meanwhile. @param each may give a promise */
async function repeat(name, count, each) {
  const start = process.cpuUsage();
  const samples = [];
  for (let i = 1; i <= count; i++) {
    const pending = each(i);
    if (pending !== undefined) await pending;
    if (i % Math.ceil(count / SAMPLES) === 0) samples.push(process.memoryUsage().rss >> 20);
  }
  const { user, system } = process.cpuUsage(start);
  console.log(`${name}: ${count}, ${((user + system) / count).toFixed(1)} us of processor time each, MB of the process: ${samples.join(' ')}`);
}

function serve(log) {
  const vm = createVm({ memoryLimit: 64 << 20, jit: createJit() });
  vm.setGlobal('log', log);
  return { vm, handler: vm.load(HANDLER) };
}

async function run(name, log, each) {
  const { vm, handler } = serve(log);
  await repeat(name, requests, (i) => each(vm, handler, i));
  vm.close();
}

const length = (rows) => rows.length;
await run('requests that wait', async (rows) => length(rows), (vm, handler, i) => {
  const done = handler.callAsync(vm.newTable({ path: '/' }));
  return i % 100 === 0 ? done.then(() => nextTask()) : done;
});
await run('requests with tasks in between', length, (vm, handler, i) => {
  handler.call(vm.newTable({ path: '/' }));
  return i % 100 === 0 ? nextTask() : undefined;
});
await run('requests in one loop, within scopes', length, (vm, handler) => void vm.scope(() => handler.call(vm.newTable({ path: '/' }))));
await repeat('VMs created and closed', vms, (i) => {
  const { vm, handler } = serve(length);
  if (handler.call1(vm.newTable({ path: '/' })) !== 1001) throw new Error('wrong result');
  vm.close();
  return i % 10 === 0 ? nextTask() : undefined;
});
