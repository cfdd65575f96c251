/** A translated pattern as a tree, for a matcher that never tries a place twice. */
export type PatternNode =
  /** One code point; `literal` where it is that character alone. */
  | { readonly kind: 'one'; readonly source: string; readonly literal: string | undefined }
  /** A condition on the place: an anchor, a look around. */
  | { readonly kind: 'place'; readonly source: string }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | { readonly kind: 'group'; readonly index: number; readonly body: PatternNode }
  | {
      readonly kind: 'repeat';
      readonly body: PatternNode;
      readonly low: number;
      readonly high: number;
      readonly isLazy: boolean;
    }
  /** What depends on more than the place: a back reference, a look around that captures or repeats. */
  | { readonly kind: 'other' };

/** Reads the output of `translatePattern`. */
export function parseTranslated(source: string): PatternNode {
  return new TreeReader(source).choice();
}

class TreeReader {
  #at = 0;
  #groups = 0;
  /** The modifiers around the present place, as they are written before an atom. */
  #modifiers: readonly string[] = [];

  constructor(private readonly source: string) {}

  choice(): PatternNode {
    const options = [this.#sequence()];
    while (this.#take('|')) options.push(this.#sequence());
    return options.length === 1 ? (options[0] as PatternNode) : { kind: 'choice', options };
  }

  #sequence(): PatternNode {
    const items: PatternNode[] = [];
    while (this.#at < this.source.length && !'|)'.includes(this.source[this.#at] as string)) {
      items.push(this.#repeated(this.#atom()));
    }
    return items.length === 1 ? (items[0] as PatternNode) : { kind: 'sequence', items };
  }

  #repeated(body: PatternNode): PatternNode {
    const quantifier = this.#match(/[*+?]|\{(\d+)(,?)(\d*)\}/y);
    if (quantifier === null) return body;
    const isLazy = this.#take('?');
    const [text, least = '0', comma, most = ''] = quantifier;
    if (text === '*') return { kind: 'repeat', body, low: 0, high: Infinity, isLazy };
    if (text === '+') return { kind: 'repeat', body, low: 1, high: Infinity, isLazy };
    if (text === '?') return { kind: 'repeat', body, low: 0, high: 1, isLazy };
    const low = Number(least);
    return { kind: 'repeat', body, low, high: comma === '' ? low : most === '' ? Infinity : Number(most), isLazy };
  }

  #atom(): PatternNode {
    const from = this.#at;
    if (this.#take('(')) return this.#group(from);
    if (this.#take('[')) {
      this.#skipClass();
      return this.#one(from, undefined);
    }
    if (this.#take('\\')) {
      if (this.#match(/k<\w+>|[1-9]\d*/y)) return { kind: 'other' };
      const set = this.#match(/[pP]\{[^}]*\}|u\{[^}]*\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[A-Za-z]|[dDwWsStnrfv0]/y);
      const escaped = set === null ? this.#next() : undefined;
      return this.#one(from, escaped);
    }
    if (this.#take('^') || this.#take('$')) return this.#place(from);
    const character = this.#next();
    return this.#one(from, character === '.' ? undefined : character);
  }

  #group(from: number): PatternNode {
    if (this.#match(/\?<?[=!]/y)) {
      const groupsBefore = this.#groups;
      const body = this.choice();
      this.#take(')');
      const isPlain = this.#groups === groupsBefore && isBounded(body);
      return isPlain ? this.#place(from) : { kind: 'other' };
    }
    const flags = this.#match(/\?([is]*(?:-[is]+)?):/y);
    if (flags) {
      const outer = this.#modifiers;
      if (flags[1] !== '') this.#modifiers = [...outer, flags[1] as string];
      const body = this.choice();
      this.#take(')');
      this.#modifiers = outer;
      return body;
    }
    this.#match(/\?<\w+>/y);
    const index = ++this.#groups;
    const body = this.choice();
    this.#take(')');
    return { kind: 'group', index, body };
  }

  #skipClass(): void {
    for (let depth = 1; depth > 0 && this.#at < this.source.length;) {
      const character = this.#next();
      if (character === '\\') this.#next();
      else if (character === '[') depth++;
      else if (character === ']') depth--;
    }
  }

  #one(from: number, literal: string | undefined): PatternNode {
    return { kind: 'one', source: this.#modified(from), literal: this.#modifiers.length === 0 ? literal : undefined };
  }

  #place(from: number): PatternNode {
    return { kind: 'place', source: this.#modified(from) };
  }

  #modified(from: number): string {
    const atom = this.source.slice(from, this.#at);
    return this.#modifiers.reduceRight((inner, flags) => `(?${flags}:${inner})`, atom);
  }

  #next(): string {
    const character = String.fromCodePoint(this.source.codePointAt(this.#at) as number);
    this.#at += character.length;
    return character;
  }

  #take(text: string): boolean {
    if (!this.source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.source);
    if (match) this.#at += match[0].length;
    return match;
  }
}

/** Whether a part reads no more than a few characters. */
function isBounded(node: PatternNode): boolean {
  switch (node.kind) {
    case 'repeat':
      return node.high <= 1 && isBounded(node.body);
    case 'sequence':
      return node.items.every(isBounded);
    case 'choice':
      return node.options.every(isBounded);
    case 'group':
      return isBounded(node.body);
    case 'other':
      return false;
    default:
      return true;
  }
}

/** No fewer than the ways in which a matcher that goes back may read a text of `length` characters from one start. */
export function waysToRead(node: PatternNode, length: number): number {
  switch (node.kind) {
    case 'sequence':
      return node.items.reduce((product, item) => product * waysToRead(item, length), 1);
    case 'choice':
      return node.options.reduce((sum, option) => sum + waysToRead(option, length), 0);
    case 'group':
      return waysToRead(node.body, length);
    case 'repeat': {
      const each = waysToRead(node.body, length);
      const counts = Math.min(node.high - node.low, length) + 1;
      if (each === 1) return counts;
      return each ** Math.min(node.low, length) * (counts === 1 ? 1 : counts === 2 ? each + 1 : each ** counts);
    }
    default:
      return 1;
  }
}
