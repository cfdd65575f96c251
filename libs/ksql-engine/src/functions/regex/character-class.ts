import type { PatternReader } from './pattern-reader.js';

/**
 * The inside of `[…]`, behind the opening bracket: characters, ranges, escapes, nested classes (their union) and `&&`
 * (intersection), which the flag `v` writes in the same way once each side is a class of its own.
 */
export function translateClass(reader: PatternReader): string {
  const isNegated = reader.take('^');
  const sides: string[] = [''];
  let isFirst = true;
  for (;;) {
    if (reader.isAtEnd) throw reader.error('a character class is not closed');
    if (reader.peek() === ']' && !isFirst) {
      reader.next();
      break;
    }
    if (reader.take('&&')) sides.push('');
    else sides[sides.length - 1] += member(reader);
    isFirst = false;
  }
  const parts = sides.filter((side) => side !== '');
  const inside = parts.length > 1 ? parts.map((side) => `[${side}]`).join('&&') : (parts[0] ?? '');
  return `[${isNegated ? '^' : ''}${inside}]`;
}

function member(reader: PatternReader): string {
  if (reader.take('[')) return translateClass(reader);
  if (reader.take('\\Q')) return [...reader.upTo('\\E')].map(escapeMember).join('');
  const set = classEscape(reader);
  if (set !== undefined) return set;
  const low = character(reader);
  if (reader.peek() !== '-' || !isRange(reader)) return escapeMember(low);
  reader.next();
  const high = character(reader);
  if ((low.codePointAt(0) as number) > (high.codePointAt(0) as number)) {
    throw reader.error(`the range ${low}-${high} is out of order`);
  }
  return `${escapeMember(low)}-${escapeMember(high)}`;
}

/** Whether the minus ahead has an end that is one character. */
function isRange(reader: PatternReader): boolean {
  return reader.lookingAt(/-(?:[^\]\\[&]|&(?!&)|\\[^dDwWsSpPhHvVQ])/y);
}

function classEscape(reader: PatternReader): string | undefined {
  if (!reader.lookingAt(/\\[dDwWsSpPhHvV]/y)) return undefined;
  reader.next();
  return reader.classEscape();
}

function character(reader: PatternReader): string {
  return reader.take('\\') ? reader.characterEscape() : reader.next();
}

/** Punctuation is escaped: the flag `v` gives doubled characters a meaning. */
function escapeMember(text: string): string {
  return /[\^$\\.*+?()[\]{}|/\-&!#%,:;<=>@`~]/.test(text) ? `\\${text}` : text;
}
