// A sheet of cells whose formulas are Lua: `=A1 * 2`, `=sum(A1, A2, A3)`, `=A1 > 10 and 'many' or 'few'`. Used by index.html; runs anywhere.

/** What all formulas find besides other cells. */
const FUNCTIONS = `
  function sum(...)
    local total = 0
    for _, value in ipairs { ... } do total = total + value end
    return total
  end
  function average(...) return sum(...) / select('#', ...) end
  setmetatable(_G, { __index = function(_, name) if name:find('^%u%d+$') then return cell(name) end end })`;

export class Spreadsheet {
  #sandbox;
  #texts = new Map();
  #values = new Map();
  /** Cells that are being computed: one that is met again is in a circle. */
  #open = new Set();

  /** @param createSandbox of moontrace */
  constructor(createSandbox) {
    this.#sandbox = createSandbox({ timeout: 1000, memoryLimit: 16 << 20, globals: { cell: (name) => this.#compute(name) } });
  }

  set(name, text) {
    this.#texts.set(name, text);
    this.#values.clear();
  }

  /** What a cell shows: its value, or `#` and what is wrong. */
  show(name) {
    try {
      return String(this.#compute(name) ?? '');
    } catch (error) {
      return `#${error.message.replace(/^.*?:\d+: /, '')}`;
    }
  }

  #compute(name) {
    if (this.#values.has(name)) return this.#values.get(name);
    if (this.#open.has(name)) throw new Error('circle');
    this.#open.add(name);
    try {
      const value = this.#evaluate(this.#texts.get(name) ?? '', name);
      this.#values.set(name, value);
      return value;
    } finally {
      this.#open.delete(name);
    }
  }

  #evaluate(text, name) {
    if (!text.startsWith('=')) return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    return this.#sandbox.run(`${FUNCTIONS}\nreturn ${text.slice(1)}`, `=${name}`)[0];
  }

  close() {
    this.#sandbox.close();
  }
}
