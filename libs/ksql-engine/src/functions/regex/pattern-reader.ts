/** Classes by their Java escape, as JavaScript classes without the brackets. ASCII only, other than JavaScript's `\s`. */
const SPACES = String.raw` \t\n\v\f\r`;
const CLASSES: Readonly<Record<string, string>> = {
  d: String.raw`\d`,
  D: String.raw`\D`,
  w: 'A-Za-z0-9_',
  s: SPACES,
  h: String.raw` \t\u00a0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000`,
  v: String.raw`\n\v\f\r\u0085\u2028\u2029`,
};

/** `\p{…}` names of Java that JavaScript does not know, as the inside of a class. */
const PROPERTIES: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: String.raw`\x00-\x7f`,
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: String.raw`!-\/:-@\[-\x60\{-~`,
  Graph: '!-~',
  Print: ' -~',
  Blank: String.raw` \t`,
  Cntrl: String.raw`\x00-\x1f\x7f`,
  XDigit: '0-9a-fA-F',
  Space: SPACES,
  javaLowerCase: String.raw`\p{Lowercase}`,
  javaUpperCase: String.raw`\p{Uppercase}`,
  javaWhitespace: String.raw`\t-\r\x1c-\x1f\p{Zs}`,
  IsAlphabetic: String.raw`\p{Alphabetic}`,
  IsLetter: String.raw`\p{L}`,
  IsDigit: String.raw`\p{Nd}`,
  IsLowercase: String.raw`\p{Lowercase}`,
  IsUppercase: String.raw`\p{Uppercase}`,
  IsPunctuation: String.raw`\p{P}`,
  IsWhite_Space: String.raw`\p{White_Space}`,
  IsIdeographic: String.raw`\p{Ideographic}`,
};

const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', a: '\u0007', e: '\u001b' };

/** Reads a Java pattern character by character (code points), with the escapes that are the same in and out of classes. */
export class PatternReader {
  #at = 0;

  constructor(readonly pattern: string) {}

  get isAtEnd(): boolean {
    return this.#at >= this.pattern.length;
  }

  /** The next character, or an empty text at the end. */
  peek(): string {
    const code = this.pattern.codePointAt(this.#at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  next(): string {
    const character = this.peek();
    this.#at += character.length;
    return character;
  }

  take(text: string): boolean {
    if (!this.pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** Takes what a sticky expression finds here. */
  match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.pattern);
    if (match) this.#at += match[0].length;
    return match;
  }

  lookingAt(expression: RegExp): boolean {
    expression.lastIndex = this.#at;
    return expression.test(this.pattern);
  }

  /** Takes the text before `end` and `end` itself, or all that is left. */
  upTo(end: string): string {
    const found = this.pattern.indexOf(end, this.#at);
    const text = this.pattern.slice(this.#at, found < 0 ? undefined : found);
    this.#at = found < 0 ? this.pattern.length : found + end.length;
    return text;
  }

  /** Behind a backslash: `\d`, `\p{L}` … as JavaScript class, or undefined when it is something else. */
  classEscape(): string | undefined {
    const letter = this.peek();
    if (letter === 'p' || letter === 'P') {
      this.next();
      return this.#property(letter === 'P');
    }
    const inside = CLASSES[letter] ?? CLASSES[letter.toLowerCase()];
    if (inside === undefined) return undefined;
    this.next();
    if (letter.toLowerCase() === 'd') return inside;
    return CLASSES[letter] === undefined ? `[^${inside}]` : `[${inside}]`;
  }

  #property(isNegated: boolean): string {
    const braced = this.match(/\{(\^?)([^{}]+)\}/y);
    const name = braced ? (braced[2] as string) : this.next();
    if (name === '') throw this.error('\\p needs a property');
    const inside = PROPERTIES[name] ?? this.#unicodeProperty(name);
    return `[${isNegated !== (braced?.[1] === '^') ? '^' : ''}${inside}]`;
  }

  #unicodeProperty(name: string): string {
    const [, key, value] = /^(\w+)=(\w+)$/.exec(name) ?? [];
    const candidates =
      key === undefined
        ? [name, name.replace(/^Is/, ''), `Script=${name.replace(/^Is/, '')}`]
        : [
            `${{ sc: 'Script', script: 'Script', gc: 'General_Category', general_category: 'General_Category' }[key.toLowerCase()] ?? key}=${value}`,
          ];
    for (const candidate of candidates) {
      try {
        new RegExp(`\\p{${candidate}}`, 'v');
        return `\\p{${candidate}}`;
      } catch {
        // The next spelling may be known.
      }
    }
    throw this.error(`the property ${name} is unknown or not supported`);
  }

  /** Behind a backslash: the one character that the escape stands for. */
  characterEscape(): string {
    const coded =
      this.match(/u([0-9a-fA-F]{4})/y) ?? this.match(/x([0-9a-fA-F]{2})/y) ?? this.match(/x\{([0-9a-fA-F]{1,6})\}/y);
    if (coded) return String.fromCodePoint(Number.parseInt(coded[1] as string, 16));
    const octal = this.match(/0([0-3]?[0-7]{1,2})/y);
    if (octal) return String.fromCharCode(Number.parseInt(octal[1] as string, 8));
    const control = this.match(/c([\s\S])/y);
    if (control) return String.fromCharCode((control[1] as string).charCodeAt(0) ^ 64);
    const letter = this.next();
    const known = CONTROLS[letter];
    if (known !== undefined) return known;
    if (letter === '' || /[A-Za-z0-9]/.test(letter))
      throw this.error(`the escape \\${letter} is unknown or not supported`);
    return letter;
  }

  error(what: string): Error {
    return new Error(`invalid regular expression '${this.pattern}': ${what} (position ${this.#at})`);
  }
}
