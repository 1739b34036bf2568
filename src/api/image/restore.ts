/** VMs from images. */
import { VM_BUDGET, VM_TIME_UNITS } from '../../bytecode/layout.ts';
import { MoontraceError } from '../../engine/errors/errors.ts';
import type { CoreExports } from '../../engine/core-module.ts';
import { takeCell } from '../../engine/image/core-cell.ts';
import type { Memory } from '../../engine/memory.ts';
import { decodeImage, type Image, WASM_PAGE } from '../../engine/image/format.ts';
import { LayeredPages } from '../../engine/image/pages.ts';
import { isBytes } from '../../engine/host-values.ts';
import { callHost } from '../boundary.ts';
import { isObject } from '../check-options.ts';
import { planClass } from '../classes/classes.ts';
import { librariesOf, type VmOptions } from '../options.ts';
import type { HostFunction } from '../types.ts';
import type { Vm } from '../vm.ts';
import { checkManifest, type Installed, type Manifest } from './manifest.ts';
import { checkRestoreOptions, type RestoreOptions } from './options.ts';
import { type Attachment, revive, type Supply } from './revive.ts';

/** The image and its deltas, which must be made for one another. @throws MoontraceError bad-image, foreign-image */
function readImages(bytes: Uint8Array, deltas: readonly Uint8Array[]): readonly [Image, ...Image[]] {
  const whole = decodeImage(bytes);
  if (whole.base !== undefined) throw new MoontraceError('bad-image', 'it is a delta: the image it was made for comes first');
  const images: [Image, ...Image[]] = [whole];
  for (const [i, delta] of deltas.map(decodeImage).entries()) {
    if (delta.base === undefined) throw new MoontraceError('bad-image', `deltas: ${i + 1} is a whole image`);
    const known = images.findIndex(({ sum }) => sum.every((part, at) => part === delta.base?.[at]));
    if (known < 0) throw new MoontraceError('bad-image', `deltas: ${i + 1} was made for another image`);
    // It has all that is different from its base, whatever came in between.
    images.splice(known + 1, images.length, delta);
  }
  return images;
}

function checkLibraries(installed: Installed, libraries: RestoreOptions['libraries'] = 'all'): void {
  const allowed = librariesOf({ libraries });
  const others = installed.libraries.filter((name) => !allowed.includes(name));
  if (others.length > 0) throw new MoontraceError('foreign-image', `it has libraries that are not allowed: ${others.join(', ')}`);
  if (libraries === 'sandbox' && !installed.isSandbox) throw new MoontraceError('foreign-image', 'it is no sandbox');
}

const notInOrder = (cause?: unknown): MoontraceError => new MoontraceError('bad-image', 'what it holds is not in order', { cause });

/** Looks through the memory that an image was, which may come from anybody. @throws MoontraceError bad-image, RuntimeError */
function checkHeap(core: CoreExports, memory: Memory): void {
  const [budget, time] = [memory.load(VM_BUDGET), memory.load(VM_TIME_UNITS)];
  // Nobody's program pays for it.
  memory.store(VM_BUDGET, 0x7fffffff);
  const code = core.verifyHeap();
  memory.store(VM_BUDGET, budget);
  memory.store(VM_TIME_UNITS, time);
  if (code !== 0) throw notInOrder(`heap checker: ${code}`);
}

/** The function of a name in `modules`: there under the whole name, or along its parts. */
function functionIn(modules: unknown, name: string): HostFunction | undefined {
  if (!isObject(modules)) return undefined;
  const fields = modules as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(fields, name)) return typeof fields[name] === 'function' ? (fields[name] as HostFunction) : undefined;
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const first = name.slice(0, dot);
    const found = Object.hasOwn(fields, first) ? functionIn(fields[first], name.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @returns `restoreVm`. @param createVm makes a VM over a memory @internal */
export const restorer = (createVm: (options: VmOptions, attachment: Attachment) => Vm) =>
  (image: Uint8Array, given?: RestoreOptions): Vm => {
    if (!isBytes(image)) throw new MoontraceError('bad-argument', 'image: a Uint8Array expected');
    const { modules = {}, classes = [], onMissing, deltas = [], libraries, code: withCode = true, ...options } = checkRestoreOptions(given);
    const plans = callHost('bad-option', 'classes', () => classes.map(([type, classOptions]) => planClass(type, classOptions)));
    const images = readImages(image, deltas);
    const last = images.at(-1) as Image;
    const manifest: Manifest = checkManifest(last.manifest, options.core === undefined);
    checkLibraries(manifest.installed, libraries);
    const cell = takeCell(last.memorySize / WASM_PAGE, options.core);
    new LayeredPages(images).writeTo(cell.memory);
    const code = withCode && last.code.length > 0 ? last.code : undefined;
    const supply: Supply = { functionOf: ({ name }) => callHost('bad-option', 'modules', () => functionIn(modules, name)), objectOf: () => undefined, onMissing, classes: plans };
    try {
      return createVm(options, { cell, installed: manifest.installed, fuel: manifest.fuel, check: checkHeap, revive: (parts) => revive(parts, manifest, supply, code) });
    } catch (error) {
      const isOfCore = [error, (error as Error).cause].some((cause) => cause instanceof WebAssembly.RuntimeError) || (error instanceof MoontraceError && error.code === 'core-failure');
      throw isOfCore ? notInOrder(error) : error;
    }
  };
