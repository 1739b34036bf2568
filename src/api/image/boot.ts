/**
 * The heap of a fresh VM with its libraries, copied in where one would be made. The package contains that of a VM with all libraries (scripts/boot-image.mjs); of other
 * choices the first VM leaves one. What must be another one in each VM is made anew: keys of hashes, random numbers, what the environment says.
 */
import { MAX_STACK_SLOTS, VM_STACK_LIMIT } from '../../bytecode/layout.ts';
import { type CoreCell, takeCell } from '../../engine/image/core-cell.ts';
import { bootBinary } from '../../engine/image/boot-binary.ts';
import { decodeOwnImage, encodeImage, type Image, WASM_PAGE } from '../../engine/image/format.ts';
import { LayeredPages, readPages } from '../../engine/image/pages.ts';
import { takeOver } from '../../engine/image/take-over.ts';
import type { Machine } from '../../engine/machine.ts';
import type { Installed } from './manifest.ts';

/** Images that are kept, of VMs with other libraries than usual. */
const MAX_IMAGES = 8;

const keyOf = ({ libraries, isSandbox, binaryChunks, without }: Installed): string => JSON.stringify([libraries, isSandbox, binaryChunks, without]);

class BootImage {
  readonly #pages: LayeredPages;
  readonly #size: number;

  constructor(image: Image) {
    this.#pages = new LayeredPages([image]);
    this.#size = image.memorySize;
  }

  newCell(): CoreCell {
    const cell = takeCell(this.#size / WASM_PAGE);
    this.#pages.writeTo(cell.memory);
    return cell;
  }
}

const images = new Map<string, BootImage>();
let isRead = false;

/** Takes the package's image, if it has one. */
function readPackage(): void {
  isRead = true;
  const bytes = bootBinary();
  if (bytes === undefined) return;
  const image = decodeOwnImage(bytes);
  images.set(keyOf(image.manifest as Installed), new BootImage(image));
}

/** The image for a VM with these libraries; undefined if there is none yet. */
export function bootImageOf(installed: Installed): BootImage | undefined {
  if (!isRead) readPackage();
  return images.get(keyOf(installed));
}

/** @param machine as libraries have just been installed */
export function encodeBootImage(machine: Machine, installed: Installed): Uint8Array<ArrayBuffer> {
  const { memory } = machine;
  machine.core.collectFull(0);
  const limit = memory.load(VM_STACK_LIMIT);
  memory.store(VM_STACK_LIMIT, MAX_STACK_SLOTS);
  const bytes = encodeImage(installed, readPages(machine), memory.size);
  memory.store(VM_STACK_LIMIT, limit);
  return bytes;
}

/** Keeps the image of a machine for the next ones. */
export function keepBootImage(machine: Machine, installed: Installed): void {
  // Compiled code is one machine's.
  if (images.size < MAX_IMAGES && machine.jit.blocks().length === 0) images.set(keyOf(installed), new BootImage(decodeOwnImage(encodeBootImage(machine, installed))));
}

/** A machine over the memory of such an image becomes one of its own. */
export function boot(machine: Machine): void {
  takeOver(machine, { blocks: [], charged: 0 });
  machine.core.reseed();
}
