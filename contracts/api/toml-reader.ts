/** Reads TOML tables key by key: each key has a type, and a key that nobody asked for is an error, so that no misspelt one is passed over. */
import { parse, TomlError } from 'smol-toml';
import { ContractError, type ContractErrorReason } from '../errors.ts';

type Content = Readonly<Record<string, unknown>>;

const isTable = (value: unknown): value is Content => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

export class TomlReader {
  readonly #content: Content;
  readonly #path: string;
  readonly #reason: ContractErrorReason;
  readonly #asked = new Set<string>();

  private constructor(content: Content, path: string, reason: ContractErrorReason) {
    this.#content = content;
    this.#path = path;
    this.#reason = reason;
  }

  /** Reads a whole file with `read`. @param reason of all errors @throws ContractError */
  static read<Result>(text: string, file: string, reason: ContractErrorReason, read: (root: TomlReader) => Result): Result {
    if (typeof text !== 'string') throw new ContractError(reason, `${file}: a text expected`);
    let content: Content;
    try {
      content = parse(text, { integersAsBigInt: true });
    } catch (error) {
      // The parser is recursive: what is nested too deeply is a RangeError.
      const problem = error instanceof TomlError ? `line ${error.line}: ${error.message.split('\n')[0]}` : String(error);
      throw new ContractError(reason, `${file}: ${problem}`, { cause: error });
    }
    const root = new TomlReader(content, file, reason);
    const result = read(root);
    root.finish();
    return result;
  }

  fail(key: string, problem: string): never {
    throw new ContractError(this.#reason, `${this.#path}: ${key}: ${problem}`);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#content, key);
  }

  #get(key: string): unknown {
    this.#asked.add(key);
    return this.has(key) ? this.#content[key] : undefined;
  }

  text(key: string): string {
    const value = this.#get(key);
    if (typeof value === 'string') return value;
    return this.fail(key, value === undefined ? 'missing' : 'a string expected');
  }

  optionalText(key: string): string | undefined {
    return this.has(key) ? this.text(key) : undefined;
  }

  flag(key: string): boolean {
    const value = this.#get(key) ?? false;
    return typeof value === 'boolean' ? value : this.fail(key, 'true or false expected');
  }

  integer(key: string): bigint | undefined {
    const value = this.#get(key);
    return value === undefined || typeof value === 'bigint' ? value : this.fail(key, 'an integer expected');
  }

  texts(key: string): string[] {
    const value = this.#get(key) ?? [];
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : this.fail(key, 'an array of strings expected');
  }

  /** Tables of an array, each read with `read`. */
  tables<Result>(key: string, read: (table: TomlReader) => Result): Result[] {
    const value = this.#get(key) ?? [];
    if (!Array.isArray(value) || !value.every(isTable)) return this.fail(key, 'an array of tables expected');
    return value.map((content: Content, i) => this.#readTable(content, `${key}[${i}]`, read));
  }

  table<Result>(key: string, read: (table: TomlReader) => Result): Result {
    const value = this.#get(key);
    return isTable(value) ? this.#readTable(value, key, read) : this.fail(key, value === undefined ? 'missing' : 'a table expected');
  }

  isTable(key: string): boolean {
    return this.has(key) && isTable(this.#content[key]);
  }

  /** Keys of a table whose names are free. */
  keys(): string[] {
    return Object.keys(this.#content);
  }

  /** Passes over a key whose content is for others. */
  skip(key: string): void {
    this.#asked.add(key);
  }

  skipAll(): void {
    for (const key of this.keys()) this.skip(key);
  }

  #readTable<Result>(content: Content, name: string, read: (table: TomlReader) => Result): Result {
    const table = new TomlReader(content, `${this.#path}: ${name}`, this.#reason);
    const result = read(table);
    table.finish();
    return result;
  }

  private finish(): void {
    const unknown = Object.keys(this.#content).find((key) => !this.#asked.has(key));
    if (unknown !== undefined) this.fail(unknown, 'there is no such key');
  }
}
