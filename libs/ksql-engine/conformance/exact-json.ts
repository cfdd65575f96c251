/**
 * JSON with numbers kept as written (`1.10` is not `1.1`) and comments allowed, as the case files need. Objects are Maps.
 */
export type ExactJson = null | boolean | string | JsonNumber | readonly ExactJson[] | ReadonlyMap<string, ExactJson>;

export class JsonNumber {
  constructor(readonly text: string) {}
  get isInteger(): boolean {
    return !/[.eE]/.test(this.text);
  }
}

/** A number that was a double before: compared by value, not by its digits. */
export class JsonDouble extends JsonNumber {}

export function parseExactJson(text: string): ExactJson {
  const reader = new Reader(text);
  const value = reader.value();
  reader.end();
  return value;
}

/** The text of a tree, compact. */
export function printExactJson(value: ExactJson): string {
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map((item: ExactJson) => printExactJson(item)).join(',')}]`;
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, ExactJson>)];
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${printExactJson(item)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

export const isObject = (value: ExactJson | undefined): value is ReadonlyMap<string, ExactJson> => value instanceof Map;
export const isArray = (value: ExactJson | undefined): value is readonly ExactJson[] => Array.isArray(value);

const escapeControl = (char: string): string =>
  char < ' ' ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : char;

class Reader {
  #at = 0;
  constructor(private readonly text: string) {}

  end(): void {
    this.#space();
    if (this.#at < this.text.length) this.#fail('text after the value');
  }

  value(): ExactJson {
    this.#space();
    const char = this.text[this.#at];
    if (char === '{') return this.#object();
    if (char === '[') return this.#array();
    if (char === '"') return this.#string();
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (this.text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    number.lastIndex = this.#at;
    const match = number.exec(this.text);
    if (!match) return this.#fail('no value');
    this.#at = number.lastIndex;
    return new JsonNumber(match[0]);
  }

  #object(): ExactJson {
    const fields = new Map<string, ExactJson>();
    this.#at++;
    this.#space();
    if (this.#take('}')) return fields;
    do {
      this.#space();
      const key = this.#string();
      this.#space();
      if (!this.#take(':')) this.#fail('no colon');
      fields.set(key, this.value());
      this.#space();
    } while (this.#take(','));
    if (!this.#take('}')) this.#fail('no closing brace');
    return fields;
  }

  #array(): ExactJson {
    const items: ExactJson[] = [];
    this.#at++;
    this.#space();
    if (this.#take(']')) return items;
    do {
      items.push(this.value());
      this.#space();
    } while (this.#take(','));
    if (!this.#take(']')) this.#fail('no closing bracket');
    return items;
  }

  #string(): string {
    const string = /"(?:[^"\\]|\\.)*"/suy;
    string.lastIndex = this.#at;
    const match = string.exec(this.text);
    if (!match) return this.#fail('no string');
    this.#at = string.lastIndex;
    // Case files hold raw line breaks and tabs inside strings, which JSON forbids.
    return JSON.parse([...match[0]].map(escapeControl).join('')) as string;
  }

  #take(char: string): boolean {
    if (this.text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    const space = /(?:\s+|\/\/[^\n]*|\/\*.*?\*\/)*/suy;
    space.lastIndex = this.#at;
    space.exec(this.text);
    this.#at = Math.max(this.#at, space.lastIndex);
  }

  #fail(what: string): never {
    throw new Error(`JSON: ${what} at ${this.#at}: ${this.text.slice(this.#at, this.#at + 40)}`);
  }
}
