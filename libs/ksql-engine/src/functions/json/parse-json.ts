import type { JsonNode } from './json-node.js';

/** Deeper nesting than this is refused, so that no text exhausts the stack. */
const DEPTH_MAX = 1000;

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORDS: readonly (readonly [string, JsonNode])[] = [
  ['true', { kind: 'boolean', value: true }],
  ['false', { kind: 'boolean', value: false }],
  ['null', { kind: 'null' }],
];
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * The first JSON value of a text; what follows it is not looked at. Undefined for a text of nothing but blanks.
 * @throws Error when the text begins with no JSON value, or nests deeper than 1000
 */
export function parseJson(text: string): JsonNode | undefined {
  return new JsonParser(text).parse();
}

class JsonParser {
  #at = 0;

  constructor(private readonly text: string) {}

  parse(): JsonNode | undefined {
    this.#skipBlanks();
    return this.#at === this.text.length ? undefined : this.#value(0);
  }

  #value(depth: number): JsonNode {
    if (depth > DEPTH_MAX) throw this.#error(`nesting deeper than ${DEPTH_MAX}`);
    switch (this.text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return { kind: 'string', value: this.#string() };
      default:
        return this.#word() ?? this.#number();
    }
  }

  #object(depth: number): JsonNode {
    const fields = new Map<string, JsonNode>();
    this.#at++;
    if (this.#closes('}')) return { kind: 'object', fields };
    do {
      this.#skipBlanks();
      if (this.text[this.#at] !== '"') throw this.#error('expected a field name in double quotes');
      const name = this.#string();
      this.#skipBlanks();
      if (this.text[this.#at++] !== ':') throw this.#error('expected a colon after the field name');
      this.#skipBlanks();
      fields.set(name, this.#value(depth + 1));
    } while (this.#continues('}'));
    return { kind: 'object', fields };
  }

  #array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.#at++;
    if (this.#closes(']')) return { kind: 'array', items };
    do {
      this.#skipBlanks();
      items.push(this.#value(depth + 1));
    } while (this.#continues(']'));
    return { kind: 'array', items };
  }

  #closes(bracket: string): boolean {
    this.#skipBlanks();
    if (this.text[this.#at] !== bracket) return false;
    this.#at++;
    return true;
  }

  #continues(bracket: string): boolean {
    this.#skipBlanks();
    const next = this.text[this.#at++];
    if (next !== ',' && next !== bracket) throw this.#error(`expected a comma or ${bracket}`);
    return next === ',';
  }

  #string(): string {
    let value = '';
    let from = ++this.#at;
    for (;;) {
      const unit = this.text.charCodeAt(this.#at);
      if (unit === 0x22) return value + this.text.slice(from, this.#at++);
      if (unit === 0x5c) {
        value += this.text.slice(from, this.#at) + this.#escape();
        from = this.#at;
      } else if (unit < 0x20 || Number.isNaN(unit)) {
        throw this.#error('a string is not closed, or holds a control character');
      } else {
        this.#at++;
      }
    }
  }

  #escape(): string {
    const letter = this.text[this.#at + 1] ?? '';
    const plain = ESCAPES[letter];
    if (plain !== undefined) {
      this.#at += 2;
      return plain;
    }
    const hex = this.text.slice(this.#at + 2, this.#at + 6);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(hex)) throw this.#error('unknown escape');
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #word(): JsonNode | undefined {
    for (const [word, node] of WORDS) {
      if (this.text.startsWith(word, this.#at)) {
        this.#at += word.length;
        this.#expectEnd();
        return node;
      }
    }
    return undefined;
  }

  #number(): JsonNode {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.text);
    if (!match) throw this.#error('expected a JSON value');
    this.#at = NUMBER.lastIndex;
    this.#expectEnd();
    return { kind: 'number', text: match[0], isInteger: match[1] === undefined && match[2] === undefined };
  }

  /** A word or number ends at a blank, a comma, a bracket or the end of the text. */
  #expectEnd(): void {
    const next = this.text[this.#at];
    if (next !== undefined && !/[\s,\]}]/.test(next)) throw this.#error(`unexpected character '${next}'`);
  }

  #skipBlanks(): void {
    while (/[ \t\n\r]/.test(this.text[this.#at] ?? '')) this.#at++;
  }

  #error(what: string): Error {
    return new Error(`not JSON: ${what} (position ${Math.min(this.#at, this.text.length) + 1})`);
  }
}
