/** How places of a profile are called. */
import type { ProfileFrame } from '../../../api/profile-port.ts';
import type { ProfileOptions } from './profile-options.ts';

const pathOf = ({ source, chunk }: ProfileFrame, showsPath: boolean): string => {
  if (showsPath) return chunk.startsWith('@') ? chunk.slice(1) : source;
  return source.startsWith('[') ? source : (source.split(/[\\/]/).at(-1) as string);
};

/** `script.lua:12` */
export const lineLabel = (frame: ProfileFrame, showsPath = false): string => `${pathOf(frame, showsPath)}:${frame.line}`;

/** `name`, `script.lua` for a chunk, or `script.lua:12` for the function that begins in line 12. */
export function functionLabel(frame: ProfileFrame, withChunk = false, showsPath = false): string {
  const { name, source, lineDefined } = frame;
  if (source === '') return name ?? '?';
  const path = pathOf(frame, showsPath);
  if (lineDefined === 0) return path;
  if (name === undefined) return `${path}:${lineDefined}`;
  return withChunk ? `${path}:${name}` : name;
}

/** A place as the options want it. */
export function labelOf(frame: ProfileFrame, { unit, showsPaths }: Pick<ProfileOptions, 'unit' | 'showsPaths'>): string {
  if (unit === 'line') return frame.source === '' ? functionLabel(frame) : lineLabel(frame, showsPaths);
  return functionLabel(frame, unit === 'chunk-function', showsPaths);
}
