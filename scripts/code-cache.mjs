/**
 * Makes the code caches of the command's scripts (src/cli/load-script.ts): runs a program that has some of everything, and stores what V8 has compiled
 * by then beside the scripts. Does nothing where V8 takes the caches that are there. Usage: node scripts/code-cache.mjs   (scripts/build.mjs runs it)
 */
import { renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Loops, calls, tables and strings, so that the JIT's functions are there, too. */
const PROGRAM = `
  local Point = {} Point.__index = Point
  function Point.new(x) return setmetatable({ x = x, list = {} }, Point) end
  function Point:add(n) self.x = self.x + n self.list[#self.list + 1] = n return self end
  local words, sum = {}, 0
  for round = 1, 3 do
    local p = Point.new(round)
    for i = 1, 3000 do
      p:add(i % 7)
      if i % 3 == 0 then sum = sum + p.x * 0.5 else sum = sum - i // 2 end
      local key = 'k' .. i % 20
      words[key] = (words[key] or 0) + 1
    end
    for k, v in pairs(words) do sum = sum + v + #k end
    for i, v in ipairs(p.list) do sum = sum + i * v end
    table.sort(p.list)
    sum = sum + #string.format('%d %s', round, ('text'):rep(3):upper():sub(2, 5))
  end
  pcall(error, 'x')`;

const loader = join(root, 'build/load-script.mjs');
await build({ entryPoints: [join(root, 'src/cli/load-script.ts')], bundle: true, format: 'esm', platform: 'node', outfile: loader, logLevel: 'error' });
const { scriptLoader } = await import(pathToFileURL(loader).href);

const scripts = [];
const loadScript = scriptLoader(join(root, 'dist'), (path, script) => scripts.push([path.replace(/\.\w+$/, '.cache'), script]));
const { main } = loadScript('command.cjs');
const status = await main('moontrace', ['-e', PROGRAM], loadScript);
// All or none: their functions were compiled by one program.
if (scripts.some(([, script]) => script.cachedDataRejected !== false)) {
  for (const [cache, script] of scripts) {
    const temporary = `${cache}.${process.pid}`;
    writeFileSync(temporary, script.createCachedData());
    renameSync(temporary, cache);
  }
}
process.exit(status);
