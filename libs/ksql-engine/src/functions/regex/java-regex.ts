import { translatePattern } from './translate.js';

export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  /** Group 0 is the whole match; a group that took no part is null. */
  readonly groups: readonly (string | null)[];
}

/** A java.util.regex pattern that finds as Java does: `.` is a code point, but empty matches go from unit to unit. */
export class JavaRegex {
  readonly groupCount: number;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #expression: RegExp;

  /** @throws Error for an invalid or untranslatable pattern */
  constructor(pattern: string) {
    const translated = translatePattern(pattern);
    this.groupCount = translated.groupCount;
    this.#numbers = translated.groupNumbers;
    try {
      this.#expression = new RegExp(translated.source, 'gv');
    } catch (error) {
      throw new Error(`invalid regular expression '${pattern}'`, { cause: error });
    }
  }

  first(text: string): RegexMatch | undefined {
    return this.#find(text, 0);
  }

  *all(text: string): Generator<RegexMatch> {
    let from = 0;
    while (from <= text.length) {
      const match = this.#find(text, from);
      if (match === undefined) return;
      yield match;
      from = match.end > match.start ? match.end : match.end + 1;
    }
  }

  /** The number of a named group, or undefined. */
  groupNumber(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  #find(text: string, from: number): RegexMatch | undefined {
    const isInPair = from > 0 && isLowSurrogate(text.charCodeAt(from)) && isHighSurrogate(text.charCodeAt(from - 1));
    // JavaScript would step back to the start of the pair; the half is looked at by itself.
    const base = isInPair ? from : 0;
    this.#expression.lastIndex = from - base;
    const match = this.#expression.exec(base === 0 ? text : text.slice(base));
    if (!match) return undefined;
    const start = match.index + base;
    return {
      start,
      end: start + match[0].length,
      groups: Array.from(match, (group: string | undefined) => group ?? null),
    };
  }
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;
