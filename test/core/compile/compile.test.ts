/** Code of the main constructs, as listings. Longer than 500 lines because listings are; each test stands alone. */
import { describe, expect, it } from 'vitest';
import { disassemble } from '../../support/disassembler.ts';
import { findDefect } from '../../support/binary-chunk.ts';
import { compileText, listCode } from './compile-text.ts';

/** Listing of a source whose code is valid. */
function verifiedCode(source: string): string {
  expect(findDefect(compileText(source))).toBeUndefined();
  return listCode(source);
}

describe('expressions', () => {
  it('arithmetic with registers and constants', () => {
    expect(verifiedCode('local a, b; return a + b * 2 - 1 // b')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 1
      2 MULK 2 1 K0 ; 2
      3 ADD 2 0 2
      4 LOADI 3 1
      5 IDIV 3 3 1
      6 SUB 2 2 3
      7 RETURN 2 2 1
      8 RETURN 0 1 1"
    `);
  });

  it('constants on the left are loaded', () => {
    expect(verifiedCode('local a; return 2 * a, 1 - a')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 LOADI 1 2
      3 MUL 1 1 0
      4 LOADI 2 1
      5 SUB 2 2 0
      6 RETURN 1 3 1
      7 RETURN 0 1 1"
    `);
  });

  it('bitwise constants are integers', () => {
    expect(verifiedCode('local a; return a & 1, a & 1.5, a << 2')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 BANDK 1 0 K0 ; 1
      3 LOADK 2 K1 ; 1.5
      4 BAND 2 0 2
      5 SHLK 3 0 K2 ; 2
      6 RETURN 1 4 1
      7 RETURN 0 1 1"
    `);
  });

  it('folding', () => {
    expect(verifiedCode('return 1 + 2 * 3, 7 // 2, 7 % -3, 2 ^ 10, 1 << 62, ~0, -(-3), 3 | 4.0, not nil, "a" and 1, false or 2')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADI 0 7
      2 LOADI 1 3
      3 LOADI 2 -2
      4 LOADF 3 1024
      5 LOADK 4 K0 ; 4611686018427387904
      6 LOADI 5 -1
      7 LOADI 6 3
      8 LOADI 7 7
      9 LOADTRUE 8
      10 LOADI 9 1
      11 LOADI 10 2
      12 RETURN 0 12 1
      13 RETURN 0 1 1"
    `);
  });

  it('what is not folded', () => {
    expect(verifiedCode('return 1 / 0, 0 / 0, 1 // 0, 1 % 0, 0.0 * 1, -0.0, 1 & 1.5, "1" + 1, nil and 1')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADI 0 1
      2 DIVK 0 0 K0 ; 0
      3 LOADI 1 0
      4 DIVK 1 1 K0 ; 0
      5 LOADI 2 1
      6 IDIVK 2 2 K0 ; 0
      7 LOADI 3 1
      8 MODK 3 3 K0 ; 0
      9 LOADF 4 0
      10 MULK 4 4 K1 ; 1
      11 LOADF 5 0
      12 UNM 5 5
      13 LOADK 6 K2 ; 1.5
      14 LOADI 7 1
      15 BAND 6 7 6
      16 LOADK 7 K3 ; "1"
      17 ADDK 7 7 K1 ; 1
      18 LOADNIL 8 0
      19 TEST 8 ->21
      20 LOADI 8 1
      21 RETURN 0 10 1
      22 RETURN 0 1 1"
    `);
  });

  it('concatenation is one instruction', () => {
    expect(verifiedCode('local a, b; return a .. b .. 1 .. "x"')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 1
      2 MOVE 2 0
      3 MOVE 3 1
      4 LOADI 4 1
      5 LOADK 5 K0 ; "x"
      6 CONCAT 2 4
      7 RETURN 2 2 1
      8 RETURN 0 1 1"
    `);
  });

  it('comparisons with constants in either order', () => {
    expect(verifiedCode('local a; return a < 1, 1 < a, a <= 1.5, 2 >= a, a > 3, a == nil, "x" ~= a')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 LTK 0 K0 ->4 k ; 1
      3 LFALSESKIP 1
      4 LOADTRUE 1
      5 GTK 0 K0 ->7 k ; 1
      6 LFALSESKIP 2
      7 LOADTRUE 2
      8 LEK 0 K1 ->10 k ; 1.5
      9 LFALSESKIP 3
      10 LOADTRUE 3
      11 LEK 0 K2 ->13 k ; 2
      12 LFALSESKIP 4
      13 LOADTRUE 4
      14 GTK 0 K3 ->16 k ; 3
      15 LFALSESKIP 5
      16 LOADTRUE 5
      17 EQK 0 K4 ->19 k ; nil
      18 LFALSESKIP 6
      19 LOADTRUE 6
      20 EQK 0 K5 ->22 ; "x"
      21 LFALSESKIP 7
      22 LOADTRUE 7
      23 RETURN 1 8 1
      24 RETURN 0 1 1"
    `);
  });

  it('comparison of constants', () => {
    expect(verifiedCode('return 1 < 2, "a" == "a"')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADI 0 2
      2 LOADI 1 1
      3 LT 1 0 ->5 k
      4 LFALSESKIP 0
      5 LOADTRUE 0
      6 LOADK 1 K0 ; "a"
      7 EQK 1 K0 ->9 k ; "a"
      8 LFALSESKIP 1
      9 LOADTRUE 1
      10 RETURN 0 3 1
      11 RETURN 0 1 1"
    `);
  });

  it('unary operators', () => {
    expect(verifiedCode('local a; return -a, ~a, #a, not a')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 UNM 1 0
      3 BNOT 2 0
      4 LEN 3 0
      5 NOT 4 0
      6 RETURN 1 5 1
      7 RETURN 0 1 1"
    `);
  });

  it('calls and varargs', () => {
    expect(verifiedCode('local f = ...; f(1, ...); return f(f()), (f())')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 VARARG 0 2
      2 MOVE 1 0
      3 LOADI 2 1
      4 VARARG 3 0
      5 CALL 1 0 1
      6 MOVE 1 0
      7 MOVE 2 0
      8 CALL 2 1 0
      9 CALL 1 0 2
      10 MOVE 2 0
      11 CALL 2 1 2
      12 RETURN 1 3 1
      13 RETURN 0 1 1"
    `);
  });

  it('methods', () => {
    expect(verifiedCode('local a; a:name(1, 2):other "x"')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 SELF 1 0 K0 ; "name"
      4 LOADI 3 1
      5 LOADI 4 2
      6 CALL 1 4 2
      7 SELF 1 1 K1 ; "other"
      9 LOADK 3 K2 ; "x"
      10 CALL 1 3 1
      11 RETURN 0 1 1"
    `);
  });

  it('method with a long name', () => {
    expect(verifiedCode('local a; a:a_name_that_is_too_long_for_a_short_string(1)')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 MOVE 2 0
      3 LOADK 1 K0 ; "a_name_that_is_too_long_for_a_short_string"
      4 GETTABLE 1 2 1
      5 LOADI 3 1
      6 CALL 1 3 1
      7 RETURN 0 1 1"
    `);
  });

  it('fields', () => {
    expect(verifiedCode('local a; a.x.y = a[1] + a[65535]; a[65536] = a["z"]; a[-1], a[1.5] = true, nil')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 GETFIELD 1 0 K0 ; "x"
      4 GETI 2 0 1
      5 GETI 3 0 65535
      6 ADD 2 2 3
      7 SETFIELD 1 K1 2 ; "y"
      9 LOADI 1 65536
      10 GETFIELD 2 0 K2 ; "z"
      12 SETTABLE 0 1 2
      13 LOADI 1 -1
      14 LOADK 2 K3 ; 1.5
      15 LOADTRUE 3
      16 SETTABLE 0 2 K4 ; nil
      17 SETTABLE 0 1 3
      18 RETURN 0 1 1"
    `);
  });

  it('long string keys', () => {
    expect(verifiedCode('local a; a.a_name_that_is_too_long_for_a_short_string = another_name_too_long_for_a_short_string')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 LOADK 1 K0 ; "a_name_that_is_too_long_for_a_short_string"
      3 GETTABUP 2 U0 K1 ; _ENV "another_name_too_long_for_a_short_string"
      5 SETTABLE 0 1 2
      6 RETURN 0 1 1"
    `);
  });

  it('globals and upvalue tables', () => {
    expect(verifiedCode('local t; function f() x = t.y; t.z = 1; return t[1] end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 CLOSURE 1 P0
      3 SETTABUP U0 K0 1 ; _ENV "f"
      5 RETURN 0 1 1 k

      function
      0 GETTABUP 0 U1 K1 ; t "y"
      2 SETTABUP U0 K0 0 ; _ENV "x"
      4 SETTABUP U1 K2 K3 ; t "z" 1
      6 GETUPVAL 0 U1 ; t
      7 GETI 0 0 1
      8 RETURN1 0
      9 RETURN0"
    `);
  });

  it('parentheses take one value', () => {
    expect(verifiedCode('return (...), (f()), (1)')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 VARARG 0 2
      2 GETTABUP 1 U0 K0 ; _ENV "f"
      4 CALL 1 1 2
      5 LOADI 2 1
      6 RETURN 0 4 1
      7 RETURN 0 1 1"
    `);
  });
});

describe('and, or, not', () => {
  it('values', () => {
    expect(verifiedCode('local a, b, c; local d = a and b or c; c = a or b')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 2
      2 TEST 0 ->4
      3 TESTSET 3 1 ->5 k
      4 MOVE 3 2
      5 TESTSET 2 0 ->7 k
      6 MOVE 2 1
      7 RETURN 0 1 1"
    `);
  });

  it('a variable or itself', () => {
    expect(verifiedCode('local a; a = a or 1; local b = a and a.x')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 TEST 0 ->4 k
      3 LOADI 0 1
      4 TESTSET 1 0 ->7
      5 GETFIELD 1 0 K0 ; "x"
      7 RETURN 0 1 1"
    `);
  });

  it('conditions as values', () => {
    expect(verifiedCode('local a, b = ...; local c = a < b; local d = not (a == b or a > 1)')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 VARARG 0 3
      2 LT 0 1 ->4 k
      3 LFALSESKIP 2
      4 LOADTRUE 2
      5 EQ 0 1 ->7 k
      6 GTK 0 K0 ->8 ; 1
      7 LFALSESKIP 3
      8 LOADTRUE 3
      9 RETURN 0 1 1"
    `);
  });

  it('conditions and values mixed', () => {
    expect(verifiedCode('local a, b = ...; local c = a < b and a or b')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 VARARG 0 3
      2 LT 0 1 ->4
      3 TESTSET 2 0 ->5 k
      4 MOVE 2 1
      5 RETURN 0 1 1"
    `);
  });

  it('negated tests', () => {
    expect(verifiedCode('local a, b; if not a and not (b or a) then f() end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 1
      2 TEST 0 ->8 k
      3 TEST 1 ->8 k
      4 TEST 0 ->8 k
      5 GETTABUP 2 U0 K0 ; _ENV "f"
      7 CALL 2 1 1
      8 RETURN 0 1 1"
    `);
  });

  it('globals', () => {
    expect(verifiedCode('local x = a and b and c')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 GETTABUP 0 U0 K0 ; _ENV "a"
      3 TEST 0 ->9
      4 GETTABUP 0 U0 K1 ; _ENV "b"
      6 TEST 0 ->9
      7 GETTABUP 0 U0 K2 ; _ENV "c"
      9 RETURN 0 1 1"
    `);
  });
});

describe('statements', () => {
  it('multiple assignment', () => {
    expect(verifiedCode('local a, b, c; a, b = b, a; a, b, c = f(); a, b = 1; a, b = 1, 2, 3')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 2
      2 MOVE 3 1
      3 MOVE 1 0
      4 MOVE 0 3
      5 GETTABUP 3 U0 K0 ; _ENV "f"
      7 CALL 3 1 4
      8 MOVE 2 5
      9 MOVE 1 4
      10 MOVE 0 3
      11 LOADI 3 1
      12 LOADNIL 4 0
      13 MOVE 1 4
      14 MOVE 0 3
      15 LOADI 3 1
      16 LOADI 4 2
      17 LOADI 5 3
      18 MOVE 1 4
      19 MOVE 0 3
      20 RETURN 0 1 1"
    `);
  });

  it('conflicts in assignments', () => {
    expect(verifiedCode('local a, i; a[i], a.x, i, a = 1, 2, 3, 4')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 1
      2 MOVE 2 1
      3 MOVE 3 0
      4 LOADI 4 1
      5 LOADI 5 2
      6 LOADI 6 3
      7 LOADI 0 4
      8 MOVE 1 6
      9 SETFIELD 3 K0 5 ; "x"
      11 SETTABLE 3 2 4
      12 RETURN 0 1 1"
    `);
  });

  it('conflict with an upvalue', () => {
    expect(verifiedCode('local t; function f() t.x, t = 1, 2 end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 CLOSURE 1 P0
      3 SETTABUP U0 K0 1 ; _ENV "f"
      5 RETURN 0 1 1 k

      function
      0 GETUPVAL 0 U0 ; t
      1 LOADI 1 1
      2 LOADI 2 2
      3 SETUPVAL 2 U0 ; t
      4 SETFIELD 0 K0 1 ; "x"
      6 RETURN0"
    `);
  });

  it('nils are merged', () => {
    expect(verifiedCode('local a; local b, c; local d = nil')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 3
      2 RETURN 0 1 1"
    `);
  });

  it('if and else', () => {
    expect(verifiedCode('local a; if a then f() elseif a == 1 then g() else h() end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 TEST 0 ->7
      3 GETTABUP 1 U0 K0 ; _ENV "f"
      5 CALL 1 1 1
      6 JMP ->15
      7 EQK 0 K1 ->12 ; 1
      8 GETTABUP 1 U0 K2 ; _ENV "g"
      10 CALL 1 1 1
      11 JMP ->15
      12 GETTABUP 1 U0 K3 ; _ENV "h"
      14 CALL 1 1 1
      15 RETURN 0 1 1"
    `);
  });

  it('blocks that leave need no jump', () => {
    expect(verifiedCode('local a; if a then return 1 elseif f then goto done else g() end ::done::')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 TEST 0 ->5
      3 LOADI 1 1
      4 RETURN 1 2 1
      5 GETTABUP 1 U0 K0 ; _ENV "f"
      7 TEST 1 ->11 k
      8 GETTABUP 1 U0 K1 ; _ENV "g"
      10 CALL 1 1 1
      11 RETURN 0 1 1"
    `);
  });

  it('while', () => {
    expect(verifiedCode('local a; while a < 10 do a = a + 1 end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 LTK 0 K0 ->6 ; 10
      3 ADDK 0 0 K1 ; 1
      4 LOOP ->2
      6 RETURN 0 1 1"
    `);
  });

  it('endless loop with break', () => {
    expect(verifiedCode('while true do if f() then break end end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 GETTABUP 0 U0 K0 ; _ENV "f"
      3 CALL 0 1 2
      4 TEST 0 ->7 k
      5 LOOP ->1
      7 RETURN 0 1 1"
    `);
  });

  it('repeat', () => {
    expect(verifiedCode('local a; repeat local b = f() until b == a')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 GETTABUP 1 U0 K0 ; _ENV "f"
      4 CALL 1 1 2
      5 EQ 1 0 ->8 k
      6 LOOP ->2
      8 RETURN 0 1 1"
    `);
  });

  it('numeric for', () => {
    expect(verifiedCode('for i = 1, 10 do f(i) end for i = a, b, -1 do end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADI 0 1
      2 LOADI 1 10
      3 LOADI 2 1
      4 FORPREP 0 ->11
      5 GETTABUP 4 U0 K0 ; _ENV "f"
      7 MOVE 5 3
      8 CALL 4 2 1
      9 FORLOOP 0 ->5
      11 GETTABUP 0 U0 K1 ; _ENV "a"
      13 GETTABUP 1 U0 K2 ; _ENV "b"
      15 LOADI 2 -1
      16 FORPREP 0 ->19
      17 FORLOOP 0 ->17
      19 RETURN 0 1 1"
    `);
  });

  it('generic for', () => {
    expect(verifiedCode('for k, v in pairs(t) do if v then break end end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 GETTABUP 0 U0 K0 ; _ENV "pairs"
      3 GETTABUP 1 U0 K1 ; _ENV "t"
      5 CALL 0 2 5
      6 TFORPREP 0 ->8
      7 TEST 5 ->11 k
      8 TFORCALL 0 2
      9 TFORLOOP 0 ->7
      11 CLOSE 0
      12 RETURN 0 1 1"
    `);
  });

  it('goto forwards and back', () => {
    expect(verifiedCode('local i = 1 ::top:: i = i + 1; if i < 5 then goto top end if i == 7 then goto done end f() ::done::')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADI 0 1
      2 ADDK 0 0 K0 ; 1
      3 LTK 0 K1 ->6 ; 5
      4 LOOP ->2
      6 EQK 0 K2 ->10 k ; 7
      7 GETTABUP 1 U0 K3 ; _ENV "f"
      9 CALL 1 1 1
      10 RETURN 0 1 1"
    `);
  });

  it('continue', () => {
    expect(verifiedCode('for i = 1, 3 do if i == 2 then goto continue end f(i) ::continue:: end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADI 0 1
      2 LOADI 1 3
      3 LOADI 2 1
      4 FORPREP 0 ->12
      5 EQK 3 K0 ->10 k ; 2
      6 GETTABUP 4 U0 K1 ; _ENV "f"
      8 MOVE 5 3
      9 CALL 4 2 1
      10 FORLOOP 0 ->5
      12 RETURN 0 1 1"
    `);
  });

  it('return', () => {
    expect(verifiedCode('local f; if f then return end if f then return f end return f, 1')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 TEST 0 ->4
      3 RETURN 0 1 1
      4 TEST 0 ->6
      5 RETURN 0 2 1
      6 MOVE 1 0
      7 LOADI 2 1
      8 RETURN 1 3 1
      9 RETURN 0 1 1"
    `);
  });

  it('tail calls', () => {
    expect(verifiedCode('local function f(x) return f(x - 1) end return f(...)')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 CLOSURE 0 P0
      2 MOVE 1 0
      3 VARARG 2 0
      4 TAILCALL 1 0 1 k
      5 RETURN 1 0 1 k
      6 RETURN 0 1 1 k

      function
      0 GETUPVAL 1 U0 ; f
      1 SUBK 2 0 K0 ; 1
      2 TAILCALL 1 2 0
      3 RETURN 1 0 0
      4 RETURN0"
    `);
  });

  it('no tail call from a to-be-closed scope', () => {
    expect(verifiedCode('local x <close> = nil; return f()')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 TBC 0
      3 GETTABUP 1 U0 K0 ; _ENV "f"
      5 CALL 1 1 0
      6 RETURN 1 0 1 k
      7 RETURN 0 1 1 k"
    `);
  });

  it('functions and methods', () => {
    expect(verifiedCode('local t; function t.f(a, b) return b end function t:g(...) return self, ... end local function h() return h end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 CLOSURE 1 P0
      3 SETFIELD 0 K0 1 ; "f"
      5 CLOSURE 1 P1
      6 SETFIELD 0 K1 1 ; "g"
      8 CLOSURE 1 P2
      9 RETURN 0 1 1 k

      function
      0 RETURN1 1
      1 RETURN0

      function
      0 VARARGPREP 1
      1 MOVE 1 0
      2 VARARG 2 0
      3 RETURN 1 0 2
      4 RETURN 0 1 2

      function
      0 GETUPVAL 0 U0 ; h
      1 RETURN1 0
      2 RETURN0"
    `);
  });
});

describe('scopes', () => {
  it('constants are not variables', () => {
    expect(verifiedCode('local a <const>, b <const> = 1, "x"; local c <const> = 2 + b; local d <const> = 7; return a, b, c, d * 2')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADI 0 1
      2 LOADK 1 K0 ; "x"
      3 LOADI 2 2
      4 ADD 1 2 1
      5 MOVE 2 0
      6 LOADK 3 K0 ; "x"
      7 MOVE 4 1
      8 LOADI 5 14
      9 RETURN 2 5 1
      10 RETURN 0 1 1"
    `);
  });

  it('constants in nested functions', () => {
    expect(verifiedCode('local a <const> = 5; function f() return function() return a end end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 CLOSURE 0 P0
      2 SETTABUP U0 K0 0 ; _ENV "f"
      4 RETURN 0 1 1

      function
      0 CLOSURE 0 P0
      1 RETURN1 0
      2 RETURN0

      function
      0 LOADI 0 5
      1 RETURN1 0
      2 RETURN0"
    `);
  });

  it('constant tables are variables', () => {
    expect(verifiedCode('local a <const> = {}; return a')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 NEWTABLE 0 0 0
      2 RETURN 0 2 1
      3 RETURN 0 1 1"
    `);
  });

  it('close at the end of a block', () => {
    expect(verifiedCode('do local a; function f() return a end end g()')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 CLOSURE 1 P0
      3 SETTABUP U0 K0 1 ; _ENV "f"
      5 CLOSE 0
      6 GETTABUP 0 U0 K1 ; _ENV "g"
      8 CALL 0 1 1
      9 RETURN 0 1 1

      function
      0 GETUPVAL 0 U0 ; a
      1 RETURN1 0
      2 RETURN0"
    `);
  });

  it('close before the next iteration', () => {
    expect(verifiedCode('while x do local a; f = function() return a end end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 GETTABUP 0 U0 K0 ; _ENV "x"
      3 TEST 0 ->11
      4 LOADNIL 0 0
      5 CLOSURE 1 P0
      6 SETTABUP U0 K1 1 ; _ENV "f"
      8 CLOSE 0
      9 LOOP ->1
      11 RETURN 0 1 1

      function
      0 GETUPVAL 0 U0 ; a
      1 RETURN1 0
      2 RETURN0"
    `);
  });

  it('close in repeat', () => {
    expect(verifiedCode('repeat local a; f = function() return a end; if a then break end until a')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 CLOSURE 1 P0
      3 SETTABUP U0 K0 1 ; _ENV "f"
      5 TEST 0 ->11 k
      6 TEST 0 ->10 k
      7 CLOSE 0
      8 LOOP ->1
      10 CLOSE 0
      11 CLOSE 0
      12 RETURN 0 1 1

      function
      0 GETUPVAL 0 U0 ; a
      1 RETURN1 0
      2 RETURN0"
    `);
  });

  it('close when a goto leaves', () => {
    expect(verifiedCode('::top:: do local a; f = function() return a end; if a then goto top end end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 CLOSURE 1 P0
      3 SETTABUP U0 K0 1 ; _ENV "f"
      5 TEST 0 ->9
      6 CLOSE 0
      7 LOOP ->1
      9 CLOSE 0
      10 RETURN 0 1 1

      function
      0 GETUPVAL 0 U0 ; a
      1 RETURN1 0
      2 RETURN0"
    `);
  });

  it('captured loop variables', () => {
    expect(verifiedCode('for i = 1, 2 do f = function() return i end end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADI 0 1
      2 LOADI 1 2
      3 LOADI 2 1
      4 FORPREP 0 ->11
      5 CLOSURE 4 P0
      6 SETTABUP U0 K0 4 ; _ENV "f"
      8 CLOSE 3
      9 FORLOOP 0 ->5
      11 RETURN 0 1 1

      function
      0 GETUPVAL 0 U0 ; i
      1 RETURN1 0
      2 RETURN0"
    `);
  });

  it('return with open upvalues', () => {
    expect(verifiedCode('local function f(a) local g = function() return a end if g then return g end return g() end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 CLOSURE 0 P0
      2 RETURN 0 1 1

      function
      0 CLOSURE 1 P0
      1 TEST 1 ->3
      2 RETURN 1 2 0 k
      3 MOVE 2 1
      4 TAILCALL 2 1 0 k
      5 RETURN 2 0 0 k
      6 RETURN 0 1 0 k

      function
      0 GETUPVAL 0 U0 ; a
      1 RETURN1 0
      2 RETURN0"
    `);
  });

  it('to-be-closed', () => {
    expect(verifiedCode('do local x <close>, y = f(); g(x) end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 GETTABUP 0 U0 K0 ; _ENV "f"
      3 CALL 0 1 3
      4 TBC 0
      5 GETTABUP 2 U0 K1 ; _ENV "g"
      7 MOVE 3 0
      8 CALL 2 2 1
      9 CLOSE 0
      10 RETURN 0 1 1"
    `);
  });

  it('local _ENV', () => {
    expect(verifiedCode('local _ENV = {}; x = 1; local function f() return y end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 NEWTABLE 0 0 0
      2 SETFIELD 0 K0 K1 ; "x" 1
      4 CLOSURE 1 P0
      5 RETURN 0 1 1 k

      function
      0 GETTABUP 0 U0 K0 ; _ENV "y"
      2 RETURN1 0
      3 RETURN0"
    `);
  });

  it('constant _ENV', () => {
    expect(verifiedCode('local _ENV <const> = nil; return x')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 GETFIELD 0 0 K0 ; "x"
      4 RETURN 0 2 1
      5 RETURN 0 1 1"
    `);
  });

  it('parameter _ENV', () => {
    expect(verifiedCode('local function f(_ENV) x = y end')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 CLOSURE 0 P0
      2 RETURN 0 1 1

      function
      0 GETFIELD 1 0 K1 ; "y"
      2 SETFIELD 0 K0 1 ; "x"
      4 RETURN0"
    `);
  });
});

describe('tables', () => {
  it('fields and items', () => {
    expect(verifiedCode('local k; return { 1, 2, x = 1, ["y"] = k, [k] = 2, [5] = nil, 3 }')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 LOADNIL 0 0
      2 NEWTABLE 1 4 3
      3 LOADI 2 1
      4 LOADI 3 2
      5 SETFIELD 1 K0 K1 ; "x" 1
      7 SETFIELD 1 K2 0 ; "y"
      9 SETTABLE 1 0 K3 ; 2
      10 SETI 1 5 K4 ; nil
      11 LOADI 4 3
      12 SETLIST 1 4 [0]
      14 RETURN 1 2 1
      15 RETURN 0 1 1"
    `);
  });

  it('open items', () => {
    expect(verifiedCode('return { 1, f() }, { ... }, { (...) }')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 NEWTABLE 0 0 1
      2 LOADI 1 1
      3 GETTABUP 2 U0 K0 ; _ENV "f"
      5 CALL 2 1 0
      6 SETLIST 0 0 [0]
      8 NEWTABLE 1 0 0
      9 VARARG 2 0
      10 SETLIST 1 0 [0]
      12 NEWTABLE 2 0 1
      13 VARARG 3 2
      14 SETLIST 2 2 [0]
      16 RETURN 0 4 1
      17 RETURN 0 1 1"
    `);
  });

  it('nested', () => {
    expect(verifiedCode('return { { 1 }, { a = {} } }')).toMatchInlineSnapshot(`
      "main
      0 VARARGPREP 0
      1 NEWTABLE 0 0 2
      2 NEWTABLE 1 0 1
      3 LOADI 2 1
      4 SETLIST 1 2 [0]
      6 NEWTABLE 2 1 0
      7 NEWTABLE 3 0 0
      8 SETFIELD 2 K0 3 ; "a"
      10 SETLIST 0 3 [0]
      12 RETURN 0 2 1
      13 RETURN 0 1 1"
    `);
  });
});

describe('comparisons as keys', () => {
  // PUC before 5.4.8 fetches a table that is an upvalue between the comparison and what makes a value of it.
  it.each(['t[a < b]', 't[not (a < b)]', 't[a and b]', 't[a == b or b]'])('%s', (key) => {
    const source = `local t, a, b; return function() return ${key} end`;
    expect(findDefect(compileText(source))).toBeUndefined();
    const lines = listCode(source).split('\n').filter((line) => /LT|EQ|TEST|LOADTRUE|GETUPVAL|GETTABLE/.test(line));
    expect(lines.at(-1)).toMatch(/GETTABLE/);
    expect(lines.at(-2)).toMatch(/GETUPVAL \d U0/);
  });
});

describe('long lists', () => {
  it('are stored in portions', () => {
    const listing = verifiedCode(`return {${'1, '.repeat(120)}...}`);
    expect(listing.split('\n').filter((line) => /NEWTABLE|SETLIST|VARARG /.test(line)).join('\n')).toMatchInlineSnapshot(`
      "1 NEWTABLE 0 0 120
      52 SETLIST 0 51 [0]
      104 SETLIST 0 51 [50]
      126 VARARG 21 0
      127 SETLIST 0 0 [100]"
    `);
  });
});

describe('debug data', () => {
  it('tells the life of variables in bytes', () => {
    const source = 'local a = 1; do local b = a; f(b) end for i = 1, 2 do local c end for k, v in p do end local function g() end';
    expect(compileText(source).locals.map((local) => Object.values(local).join(' ')).join('\n')).toMatchInlineSnapshot(`
      "a 0 16 192
      b 1 24 56
      (for state) 1 80 112
      (for state) 2 80 112
      (for state) 3 80 112
      i 4 88 96
      c 5 96 96
      (for state) 1 136 176
      (for state) 2 136 176
      (for state) 3 136 176
      (for state) 4 136 176
      k 5 144 144
      v 6 144 144
      g 1 184 192"
    `);
  });

  it('names and describes upvalues', () => {
    const [f] = compileText('local a; local b <const> = f(); local c <close> = nil; function f() return a, b, c, x, function() return b end end').prototypes;
    expect(f!.upvalues.map((upvalue) => Object.values(upvalue).join(' '))).toMatchInlineSnapshot(`
      [
        "a true 0 0",
        "b true 1 1",
        "c true 2 2",
        "_ENV false 0 0",
      ]
    `);
    expect(f!.prototypes[0]!.upvalues).toEqual([{ name: 'b', fromStack: false, index: 1, kind: 1 }]);
  });

  it('describes the main function and its functions', () => {
    const main = compileText('\nfunction f(a, b)\n\nend');
    expect(main).toMatchObject({ source: '=c', lineDefined: 0, lastLineDefined: 0, parameterCount: 0, isVararg: true, maxStack: 2 });
    expect(main.upvalues).toEqual([{ name: '_ENV', fromStack: true, index: 0, kind: 0 }]);
    expect(main.prototypes[0]).toMatchObject({ lineDefined: 2, lastLineDefined: 4, parameterCount: 2, isVararg: false });
  });

  it('gives calls the line of their parenthesis, operators their own', () => {
    const source = 'local a = f\n(\n1,\n2\n)\n+\nb\n.\nc';
    expect(disassemble(compileText(source)).split('\n').slice(1).join('\n')).toMatchInlineSnapshot(`
      "    0 [1]    VARARGPREP   0
          1 [1]    GETTABUP     0 U0 K0          ; _ENV "f"
          3 [3]    LOADI        1 1
          4 [5]    LOADI        2 2
          5 [2]    CALL         0 3 2
          6 [7]    GETTABUP     1 U0 K1          ; _ENV "b"
          8 [9]    GETFIELD     1 1 K2           ; "c"
         10 [6]    ADD          0 0 1
         11 [9]    RETURN       0 1 1"
    `);
  });
});
