/** Paths of environments that have one folder, which is the current one and the root. */

/** A path without `.` and `..`, and where it starts. */
export function normalised(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
