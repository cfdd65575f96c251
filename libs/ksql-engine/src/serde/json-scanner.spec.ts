import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '../testing/seeded-random.js';
import { JsonScanner } from './json-scanner.js';
import { readAsText } from './json-text.js';

const SAMPLES = [
  '{"a":[1,-2.5e3,true,false,null,"x\\u00e4\\n\\"",{"b":{}}],"c":[]}',
  ' [ 0 , "" , {"":0.1} , [[]] ] ',
  '"text with \\\\ and \\/ and é😀"',
  '-0.5E-7',
];
const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u',
  '0',
  '1',
  '-',
  '.',
  'e',
  '+',
  't',
  'true',
  'null',
  ' ',
  '\n',
  'é',
];

function mutated(random: SeededRandom): string {
  let text = random.pick(SAMPLES);
  for (let n = random.below(4); n > 0; n--) {
    const at = random.below(text.length + 1);
    text = text.slice(0, at) + (random.next() < 0.5 ? random.pick(PIECES) : '') + text.slice(at + random.below(3));
  }
  return text;
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

describe('the JSON scanner', () => {
  it('accepts exactly what JSON.parse accepts, and reads the same', () => {
    const random = new SeededRandom(20);
    const scanner = new JsonScanner();
    for (let i = 0; i < 6_000; i++) {
      // Half a surrogate pair has no UTF-8.
      const bytes = Buffer.from(mutated(random));
      const text = bytes.toString();
      const expected = parsed(text);
      const attempt = (work: () => unknown) => {
        scanner.start(bytes);
        const result = work();
        scanner.finish();
        return scanner.failure === undefined ? { result } : undefined;
      };
      const skipped = attempt(() => scanner.skipValue());
      const read = attempt(() =>
        scanner.peek() === 'string' ? JSON.stringify(scanner.takeString()) : readAsText(scanner),
      );
      if ((skipped !== undefined) !== (expected !== undefined)) throw new Error(`skips wrongly: ${text}`);
      if ((read !== undefined) !== (expected !== undefined)) throw new Error(`reads wrongly: ${text}`);
      if (read !== undefined) expect(JSON.parse(String(read.result))).toEqual(withoutNegativeZero(expected?.value));
    }
  });
});

/** The compact text is that of Java, where zero has no sign. */
function withoutNegativeZero(value: unknown): unknown {
  if (typeof value === 'number') return value + 0;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutNegativeZero(item)]));
}
