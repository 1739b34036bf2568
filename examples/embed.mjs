// A VM inside a program: host functions, values both ways, errors, limits. Usage: npm run build && node examples/embed.mjs
import { createVm, LuaError } from 'moontrace';

const vm = createVm({ libraries: 'sandbox', memoryLimit: 16 * 1024 * 1024 });

vm.register({ add: (a, b) => a + b, now: () => new Date().toISOString() }, 'host');
vm.setGlobal('limits', vm.newTable({ retries: 3, names: vm.newTable(['a', 'b']) }));

const [sum, when] = vm.doString('return host.add(40, 2), host.now()');
console.log(sum, when);

const [greet] = vm.doString("return function(name) return 'hello, ' .. name end");
console.log(greet.call1('world'));

try {
  vm.doString('local list = {} while true do list[#list + 1] = string.rep("x", 1000) .. #list end', '=greedy');
} catch (error) {
  if (!(error instanceof LuaError)) throw error;
  console.log(error.code, '-', error.message);
}

try {
  vm.doString('local config = nil\nreturn config.retries', '=script');
} catch (error) {
  console.log(error.message);
  console.log(error.traceback);
}
vm.close();
