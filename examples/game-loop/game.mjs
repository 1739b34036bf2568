// A game loop: what things do is Lua, each a coroutine that waits for frames. The host draws, and ends what hangs.
// Usage: npm run build && node examples/game-loop/game.mjs [frames]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSandbox, LuaError } from 'moontrace';
import { createJit } from 'moontrace/jit';

const WIDTH = 40;
const FRAME = 1 / 60;
const frames = Number(process.argv[2] ?? 120);

let row = [];
const sandbox = createSandbox({
  timeout: 1000, // what takes longer will never end
  jit: createJit(),
  globals: {
    width: WIDTH,
    draw(x, sign) {
      row[Math.min(Math.max(Math.round(x), 0), WIDTH - 1)] = sign;
    },
    say: (text) => console.log(text),
  },
});
const { main, globals } = sandbox.load(readFileSync(join(import.meta.dirname, 'things.lua')), '@things.lua');
main.call();
const tick = globals.get('tick');

for (let frame = 1; frame <= frames; frame++) {
  row = new Array(WIDTH).fill('.');
  try {
    tick.call(FRAME);
  } catch (error) {
    if (!(error instanceof LuaError)) throw error;
    console.log(`frame ${frame}: ${error.code}`);
  }
  if (frame % 20 === 0) console.log(row.join(''));
  if (process.stdout.isTTY) await new Promise((resolve) => setTimeout(resolve, 1000 * FRAME));
}
sandbox.close();
