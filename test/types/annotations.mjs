/**
 * What a strict TypeScript program adds to the examples of the README and the guide, which are JavaScript: by page, text of an example and what stands in its place. Each must occur.
 * What a program gives has the type that whoever asks for it says, so most say that.
 */
export const ANNOTATIONS = {
  'async.md': [
    ['async (name) =>', 'async (name: string) =>'], ["('sleep', (ms) => new Promise((resolve) =>", "('sleep', (ms: number) => new Promise<void>((resolve) =>"], ["const [count] = vm.doString(", 'const [count] = vm.doString<[LuaFunction]>('],
  ],
  'browsers.md': [['function write(text) {', 'function write(text: string) {']],
  'checked.md': [["import { number, string } from './schemas.mjs';", "declare const number: StandardSchema<number>, string: StandardSchema<string>;"], ['const [table] = vm.doString(', 'const [table] = vm.doString<[LuaTable]>(']],
  'classes.md': [
    ['class Vec3 {', 'class Vec3 {\n  x: number;\n  y: number;'], ['set: (self, x) =>', 'set: (self, x: number) =>'], ['__add: (a, b) =>', '__add: (a, b: Vec3) =>'], ["const [made] = vm.doString('", "const [made] = vm.doString<[Vec3]>('"],
    ['  send(text) {', '  send(text: string) {'],
  ],
  'contracts.md': [
    ['new BundleLoader({', "new BundleLoader<{ 'geometry.Shape': { outline(size: number): { x: number; y: number }[] } }, { 'host.logger': { log(message: string): void } }>({"],
    ['outline(2)[2]);', 'outline(2)[2]!);'],
  ],
  'files.md': [['save: async (changes) =>', 'save: async (changes: FileChanges) =>'], ['getenv: (name) =>', 'getenv: (name: string) =>']],
  'first-script.md': [['  price(name) {', '  price(name: string) {']],
  'install.md': [["{ libraries: 'many' }", "{ libraries: 'many' as never }"]],
  'limits.md': [['function attempt(source) {', 'function attempt(source: string) {']],
  'modules.md': [['const files = {', 'const files: Record<string, string> = {']],
  'pool.md': [
    ['const onProgress = (n) =>', 'const onProgress = (n: unknown) =>'], ['let last;', 'let last: Uint8Array | undefined;'], ['const save = (image) =>', 'const save = (image: Uint8Array) =>'], ['resume(last)', 'resume(last!)'],
  ],
  'sandbox.md': [['(name) => name.length', '(name: string) => name.length'], ['async (name) => (await', 'async (name: string) => (await'], ["globals.get('onHit')", "globals.get<LuaFunction>('onHit')"], ["globals.get('onLoop')", "globals.get<LuaFunction>('onLoop')"]],
  'snapshots.md': [
    ['  constructor(x, y) {', '  x: number;\n  y: number;\n  constructor(x: number, y: number) {'], ['const options = {', 'const options: ClassOptions<Vec> = {'], ['load: ([x, y]) =>', 'load: ([x, y]: [number, number]) =>'],
    ['log: (text) =>', 'log: (text: string) =>'], ['read: (name) =>', 'read: (name: string) =>'], ['async (name) =>', 'async (name: string) =>'],
  ],
  'threads.md': [
    ['async function run(source, stopAfter) {', 'async function run(source: string, stopAfter: number) {'], ['lookUp: (word) =>', 'lookUp: (word: string) =>'], ["vm.getGlobal('n')", "vm.getGlobal<number>('n')"], ["vm.getGlobal('balance')", "vm.getGlobal<number>('balance')"],
    ['other.read(structuredClone(ticket)).toJS()', 'other.read<LuaTable>(structuredClone(ticket))!.toJS()'],
  ],
  'troubleshooting.md': [
    ['const lines = [];', 'const lines: string[] = [];'],
    ['const codeOf = (action) => {', 'const codeOf = (action: () => void): string => {'], ['    action();', "    action();\n    return '';"], ["Symbol('s'))", "Symbol('s') as never)"], ['createVm({ timout: 5 })', 'createVm({ timout: 5 } as never)'],
  ],
  'values.md': [
    ['(text) => text.split', '(text: string) => text.split'], ['(a, b) => results', '(a: number, b: number) => results'], ['const [table] = vm.doString(', 'const [table] = vm.doString<[LuaTable]>('],
    ['const [data] = vm.doString(', 'const [data] = vm.doString<[LuaTable]>('], ['const proxy = data.proxy();', 'const proxy = data.proxy<{ size: { w: number } }>();'], ['const [mixed] = vm.doString(', 'const [mixed] = vm.doString<[LuaTable]>('],
    ['  constructor(name) {', '  name: string;\n  constructor(name: string) {'], ['(user) => user.name', '(user: User) => user.name'], ['const kept = [];', 'const kept: LuaFunction[] = [];'], ['(callback) => {', '(callback: LuaFunction) => {'],
    ['kept[0].', 'kept[0]!.'],
  ],
  'README.md': [['(name) => prices', '(name: string) => prices'], ['async (url) =>', 'async (url: string) =>']],
};

/** What an example relies on that is not its own. */
export const SURROUNDINGS = `declare const prices: Map<string, number>, signal: AbortSignal, urls: string[], source: string;
declare const fetchPrice: (name: string) => number;`;
