import type { FunctionContext } from '../function.js';
import { parseTranslated, waysToRead } from './pattern-tree.js';
import { SteadyMatcher } from './steady-matcher.js';
import { translatePattern } from './translate.js';

/** Ways to read a text that JavaScript's matcher, which may try them all, goes through in no time. */
const WAYS_MAX = 10_000_000;
/** log2 of the characters that count as one step where each is looked at once, looked at again and again, and is a fork's place. */
const READ_SHIFT = 6;
const REREAD_SHIFT = 3;
const FORK_SHIFT = 8;
/** What holds for a text of this length holds for every one that fits into a record. */
const LENGTH_MAX = 5_000_000;

export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  /** Group 0 is the whole match; a group that took no part is null. */
  readonly groups: readonly (string | null)[];
}

/**
 * A java.util.regex pattern that finds as Java does: `.` is a code point, but empty matches go from unit to unit. No pattern takes for
 * ever: texts that could be read in too many ways are left to a matcher that tries none of them twice.
 */
export class JavaRegex {
  readonly groupCount: number;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #expression: RegExp;
  /** The longest text that JavaScript's matcher gets. */
  readonly #quickLength: number;
  readonly #steady: SteadyMatcher | undefined;
  #steadyText: string | undefined;

  /** @throws Error for an invalid or untranslatable pattern */
  constructor(
    private readonly pattern: string,
    /** What searches take is paid there, see `EvaluationBudget`. */
    private readonly payer: Pick<FunctionContext, 'spend'> = {},
  ) {
    const translated = translatePattern(pattern);
    this.groupCount = translated.groupCount;
    this.#numbers = translated.groupNumbers;
    try {
      this.#expression = new RegExp(translated.source, 'gv');
    } catch (error) {
      throw new Error(`invalid regular expression '${pattern}'`, { cause: error });
    }
    const tree = parseTranslated(translated.source);
    this.#quickLength = longest((length) => (length + 1) * waysToRead(tree, length) <= WAYS_MAX);
    this.#steady = this.#quickLength < Infinity ? SteadyMatcher.of(tree, translated.groupCount) : undefined;
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
    const readable = base === 0 ? text : text.slice(base);
    if (readable.length > this.#quickLength) return this.#findSteadily(readable, from - base, base);
    this.#expression.lastIndex = from - base;
    const match = this.#expression.exec(readable);
    // With a pattern that can be read in many ways each search may go to the end and back.
    const read = (match === null ? text.length : match.index + base + match[0].length) - from;
    this.payer.spend?.(
      this.#quickLength === Infinity ? 1 + (read >> READ_SHIFT) : 1 + ((text.length - from) >> REREAD_SHIFT),
    );
    if (!match) return undefined;
    const start = match.index + base;
    return {
      start,
      end: start + match[0].length,
      groups: Array.from(match, (group: string | undefined) => group ?? null),
    };
  }

  /** @throws Error when nothing is sure to find an answer in time */
  #findSteadily(text: string, from: number, base: number): RegexMatch | undefined {
    if (this.#steady?.takes(text) !== true) {
      throw new Error(
        `the pattern ${this.pattern} may be matched in too many ways by a text of ${text.length} characters: simplify it`,
      );
    }
    // Searches of one text share what was tried.
    this.payer.spend?.(text === this.#steadyText ? 1 : 1 + (this.#steady.workOf(text) >> FORK_SHIFT));
    this.#steadyText = text;
    const slots = this.#steady.find(text, from);
    if (!slots) return undefined;
    const groups: (string | null)[] = [];
    for (let slot = 0; slot < slots.length; slot += 2) {
      const [start, end] = [slots[slot] as number, slots[slot + 1] as number];
      groups.push(start < 0 || end < 0 ? null : text.slice(start, end));
    }
    return { start: (slots[0] as number) + base, end: (slots[1] as number) + base, groups };
  }
}

/** The greatest length for which something holds that holds for all smaller ones, Infinity where it holds for every record. */
function longest(holds: (length: number) => boolean): number {
  if (holds(LENGTH_MAX)) return Infinity;
  let [low, high] = [0, LENGTH_MAX];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;
