/**
 * Values of enum variants: literals (decimal, 0x, 0b), names of variants above, `|`, `<<`, `~`, parentheses. `<<` binds tighter than `|`, `~` tightest;
 * `~` is within the bits of the enum's representation.
 */

const TOKEN = /\s*(?:(0[xX][0-9a-fA-F_]+|0[bB][01_]+|\d[\d_]*)|([A-Za-z_]\w*)|(<<|[|~()]))/y;

/**
 * @param bits of the enum's representation
 * @param known values of the variants above, by name
 * @returns the value, or a text that says what is wrong
 */
export function evaluateVariant(expression: string, bits: number, known: ReadonlyMap<string, bigint>): bigint | string {
  let position = 0;
  let token = '';
  let problem = '';
  const fail = (text: string): bigint => {
    problem ||= text;
    token = '';
    return 0n;
  };
  const next = (): void => {
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(expression);
    token = match === null ? '' : match[0].trim();
    if (match === null && expression.slice(position).trim() !== '') fail(`unexpected '${expression.slice(position).trim()}'`);
    position = match === null ? expression.length : TOKEN.lastIndex;
  };
  const within = (value: bigint): bigint => (BigInt.asUintN(bits, value) === value ? value : fail(`${value} does not fit ${bits} bits`));

  const parsePrimary = (depth: number): bigint => {
    if (depth > 100) return fail('nested too deeply');
    const current = token;
    next();
    if (current === '~') return BigInt.asUintN(bits, ~parsePrimary(depth + 1));
    if (current === '(') {
      const value = parseUnion(depth + 1);
      if (token !== ')') return fail("')' expected");
      next();
      return value;
    }
    if (/^\d/.test(current)) return within(BigInt(current.replaceAll('_', '')));
    return known.get(current) ?? fail(current === '' ? 'a value expected' : `'${current}' is no variant above`);
  };
  const parseShift = (depth: number): bigint => {
    let value = parsePrimary(depth);
    while (token === '<<') {
      next();
      const distance = parsePrimary(depth);
      value = distance >= bits ? fail(`a shift by ${distance}`) : within(value << distance);
    }
    return value;
  };
  const parseUnion = (depth: number): bigint => {
    let value = parseShift(depth);
    while (token === '|') {
      next();
      value |= parseShift(depth);
    }
    return value;
  };

  next();
  const value = parseUnion(0);
  if (token !== '') fail(`unexpected '${token}'`);
  return problem === '' ? value : problem;
}
