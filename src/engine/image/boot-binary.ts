/**
 * The image of a fresh VM with all libraries (src/api/image/boot.ts), where the package has one: the command (src/cli/boot-binary.ts). As a part of the module it would be
 * half of it, to save the first VM of a process some milliseconds; the others have the image that the first one leaves.
 */
export const bootBinary = (): Uint8Array<ArrayBuffer> | undefined => undefined;
