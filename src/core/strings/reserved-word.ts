/** The reserved words. Their strings are made with the string table and say so in their flags (STRING_RESERVED), so that the compiler needs no look-up. */

export const RESERVED_WORD_COUNT: u32 = 22;

/** A word by number; token kinds follow the same order. */
export function reservedWord(index: u32): string {
  switch (index) {
    case 0: return 'and';
    case 1: return 'break';
    case 2: return 'do';
    case 3: return 'else';
    case 4: return 'elseif';
    case 5: return 'end';
    case 6: return 'false';
    case 7: return 'for';
    case 8: return 'function';
    case 9: return 'goto';
    case 10: return 'if';
    case 11: return 'in';
    case 12: return 'local';
    case 13: return 'nil';
    case 14: return 'not';
    case 15: return 'or';
    case 16: return 'repeat';
    case 17: return 'return';
    case 18: return 'then';
    case 19: return 'true';
    case 20: return 'until';
    default: return 'while';
  }
}
