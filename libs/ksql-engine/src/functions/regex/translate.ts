import { translateClass } from './character-class.js';
import { PatternReader } from './pattern-reader.js';

/**
 * Translates a java.util.regex pattern to a JavaScript one with the flag `v`. What means the same is copied, what means
 * something else is rewritten (`\s`, `$`, `\b`, flags), and what JavaScript cannot do (possessive quantifiers, atomic groups,
 * \G, \X) is refused by name.
 */
export interface TranslatedPattern {
  readonly source: string;
  readonly groupCount: number;
  /** Numbers of the named groups. */
  readonly groupNumbers: ReadonlyMap<string, number>;
}

const LINE_END = String.raw`(?:\r\n|[\n\r\u0085\u2028\u2029])`;
const WORD = String.raw`[\p{L}\p{Nd}_]`;

/** Escapes outside character classes that stand for a place. */
const PLACES: Readonly<Record<string, string>> = {
  b: `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`,
  B: `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`,
  A: '^',
  z: '$',
  Z: `(?=${LINE_END}?$)`,
  R: LINE_END,
};

/** @throws Error for a pattern that Java refuses, or that cannot be translated */
export function translatePattern(pattern: string): TranslatedPattern {
  return new Translation(pattern).run();
}

class Translation {
  readonly #reader: PatternReader;
  readonly #groupTotal: number;
  readonly #names = new Map<string, number>();
  #groups = 0;
  /** Whether `$` and `^` mean lines: the flag m. */
  #isMultiline = false;

  constructor(pattern: string) {
    this.#reader = new PatternReader(pattern);
    this.#groupTotal = countGroups(pattern);
  }

  run(): TranslatedPattern {
    const source = this.#alternatives();
    if (!this.#reader.isAtEnd) throw this.#reader.error('a parenthesis is closed that was not opened');
    return { source, groupCount: this.#groups, groupNumbers: this.#names };
  }

  /** Up to a closing parenthesis or the end. Flags set here end here. */
  #alternatives(): string {
    const wasMultiline = this.#isMultiline;
    let source = '';
    while (!this.#reader.isAtEnd && this.#reader.peek() !== ')') {
      if (this.#reader.take('|')) source += '|';
      else {
        const flagged = this.#flagsForTheRest();
        source += flagged ?? this.#quantified(this.#atom());
      }
    }
    this.#isMultiline = wasMultiline;
    return source;
  }

  /** `(?i)` sets flags up to the end of the group. */
  #flagsForTheRest(): string | undefined {
    const match = this.#reader.match(/\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?\)/y);
    if (!match) return undefined;
    const opening = this.#flagGroup(match[1] ?? '', match[2] ?? '');
    return `${opening}${this.#alternatives()})`;
  }

  #flagGroup(on: string, off: string): string {
    for (const flag of on + off) {
      if (!'imsuU'.includes(flag)) throw this.#reader.error(`the flag ${flag} is not supported`);
    }
    if (on.includes('m')) this.#isMultiline = true;
    if (off.includes('m')) this.#isMultiline = false;
    const keep = (flags: string) => [...new Set(flags)].filter((flag) => flag === 'i' || flag === 's').join('');
    const [set, unset] = [keep(on), keep(off)];
    return set + unset === '' ? '(?:' : `(?${set}${unset === '' ? '' : `-${unset}`}:`;
  }

  #atom(): string {
    const reader = this.#reader;
    const character = reader.next();
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return translateClass(reader);
      case '\\':
        return this.#escape();
      case '.':
        return '.';
      case '^':
        return this.#isMultiline ? String.raw`(?<=^|[\n\r\u0085\u2028\u2029])` : '^';
      case '$':
        return this.#isMultiline ? `(?=${LINE_END}|$)` : `(?=${LINE_END}?$)`;
      case '*':
      case '+':
      case '?':
        throw reader.error(`nothing stands before the quantifier ${character}`);
      case '{':
        throw reader.error('{ needs a quantity, or a backslash before it');
      default:
        return escapeLiteral(character);
    }
  }

  #quantified(atom: string): string {
    const quantifier = this.#reader.match(/[*+?]|\{\d+(?:,\d*)?\}/y)?.[0];
    if (quantifier === undefined) return atom;
    const [low, high] = quantifier.slice(1, -1).split(',').map(Number);
    if (high && (low as number) > high) throw this.#reader.error('the bounds of a quantifier are out of order');
    if (this.#reader.take('+')) {
      throw this.#reader.error('possessive quantifiers (*+, ++, ?+) are not supported: leave out the second +');
    }
    // Java lets places be repeated.
    const isPlace = /^(?:[$^]|\(\?<?[=!])/.test(atom);
    const lazy = this.#reader.take('?') ? '?' : '';
    return `${isPlace || atom === '' ? `(?:${atom})` : atom}${quantifier}${lazy}`;
  }

  #group(): string {
    const reader = this.#reader;
    let opening = '(';
    if (reader.take('?')) {
      const named = reader.match(/<([a-zA-Z][a-zA-Z0-9]*)>/y);
      const flags = named ? null : reader.match(/([a-zA-Z]*)(?:-([a-zA-Z]*))?:/y);
      const look = named || flags ? null : reader.match(/<?[=!]/y);
      if (named) {
        const name = named[1] as string;
        if (this.#names.has(name)) throw reader.error(`the group name ${name} is used twice`);
        this.#names.set(name, ++this.#groups);
        opening = `(?<${name}>`;
      } else if (flags) {
        const wasMultiline = this.#isMultiline;
        opening = this.#flagGroup(flags[1] ?? '', flags[2] ?? '');
        const inner = this.#closed();
        this.#isMultiline = wasMultiline;
        return `${opening}${inner})`;
      } else if (look) {
        opening = `(?${look[0]}`;
      } else if (reader.peek() === '>') {
        throw reader.error('atomic groups (?>…) are not supported: use (?:…)');
      } else {
        throw reader.error('unknown kind of group');
      }
    } else {
      this.#groups++;
    }
    return `${opening}${this.#closed()})`;
  }

  #closed(): string {
    const source = this.#alternatives();
    if (!this.#reader.take(')')) throw this.#reader.error('a group is not closed');
    return source;
  }

  #escape(): string {
    const reader = this.#reader;
    if (reader.isAtEnd) throw reader.error('a backslash ends the pattern');
    if (reader.take('Q')) return [...reader.upTo('\\E')].map(escapeLiteral).join('');
    const place = PLACES[reader.peek()];
    if (place !== undefined) {
      reader.next();
      return place;
    }
    const named = reader.match(/k<([a-zA-Z][a-zA-Z0-9]*)>/y);
    if (named) {
      if (!this.#names.has(named[1] as string)) throw reader.error(`there is no group ${named[1]}`);
      return `\\k<${named[1]}>`;
    }
    if (/[1-9]/.test(reader.peek())) return this.#backReference();
    return reader.classEscape() ?? escapeLiteral(reader.characterEscape());
  }

  /** As many digits as name a group. */
  #backReference(): string {
    let digits = this.#reader.next();
    while (/\d/.test(this.#reader.peek()) && Number(digits + this.#reader.peek()) <= this.#groupTotal) {
      digits += this.#reader.next();
    }
    // A group that does not exist matches nothing.
    return Number(digits) > this.#groupTotal ? '(?!)' : `(?:\\${digits})`;
  }
}

/** Capturing groups of the whole pattern: back references may come first. */
function countGroups(pattern: string): number {
  const bare = pattern.replace(/\\Q[\s\S]*?(?:\\E|$)/g, '').replace(/\\[\s\S]/g, '');
  let depth = 0;
  let count = 0;
  for (let i = 0; i < bare.length; i++) {
    if (bare[i] === '[') depth++;
    else if (bare[i] === ']') depth = Math.max(0, depth - 1);
    else if (bare[i] === '(' && depth === 0 && (bare[i + 1] !== '?' || /^\?<[a-zA-Z]/.test(bare.slice(i + 1)))) count++;
  }
  return count;
}

/** A character that means itself. */
function escapeLiteral(character: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
