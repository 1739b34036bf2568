/** Prototypes survive the way through bytes. */
import { expect, test } from 'vitest';
import { compileChunk } from '../../src/syntax/compile.ts';
import { parsePrototypeImage, serialisePrototype } from '../../src/engine/load/prototype-image.ts';
import { encodeText } from '../../src/engine/text.ts';

test('a chunk with everything in it', () => {
  const source = `local a <const>, b = 1, -2.5
    local s = "text\\xff" .. ("long"):rep(3)
    local function f(x, ...) for i = 1, 10 do b = b + i end return a, b, s, ... end
    return f, {nil, true, false, 9223372036854775807, 1e300, k = function() return b end}`;
  const prototype = compileChunk(encodeText(source), '@name.lua');
  expect(parsePrototypeImage(serialisePrototype(prototype))).toEqual(prototype);
});
