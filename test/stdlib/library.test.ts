/** The core's library functions against lua5.4: each script beside this file prints the same under both. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { INTERPRETED, runLua } from '../support/engine.ts';
import { runLua54 } from '../support/lua54.ts';
import { LUA54 } from '../support/needs.ts';

const folder = dirname(fileURLToPath(import.meta.url));
const scripts = readdirSync(folder).filter((name) => name.endsWith('.lua'));

describe.skipIf(LUA54.isMissing)(LUA54.title('like lua5.4'), () => {
  test.each(scripts)('%s', (name) => {
    const path = join(folder, name);
    const { stdout, error } = runLua([[readFileSync(path, 'latin1'), `@${path}`]], INTERPRETED);
    expect(error).toBeUndefined();
    expect(stdout.split('\n')).toEqual(runLua54(path).split('\n'));
  });
});
