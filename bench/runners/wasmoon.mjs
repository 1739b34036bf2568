// Runs a Lua file under wasmoon with the given script arguments: node wasmoon.mjs <script.lua> [args]
// The script and every argument that names a .lua file are copied into wasmoon's own file system.

import { readFileSync } from 'node:fs'
import { LuaFactory } from 'wasmoon'

const [script, ...args] = process.argv.slice(2)
const factory = new LuaFactory()
for (const path of [script, ...args]) {
  if (path.endsWith('.lua')) await factory.mountFile(path, readFileSync(path, 'utf8'))
}
const lua = await factory.createEngine()
lua.global.set('arg', args)
await lua.doFile(script)
