import { oneOf, randomBytes, type Pick } from './random.js';

const SCRAPS = [
  '',
  '\0',
  '\r\n',
  '\r\n\r\n',
  '//',
  '%00',
  '%zz',
  '..',
  '"',
  "'",
  '\\',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  ';',
  '(',
  ')',
].concat(
  [
    '-1',
    '0',
    '1e999',
    '99999999999999999999',
    'null',
    'true',
    '\ud800',
    'é',
    '🙂',
    '\u2028',
    '__proto__',
    'constructor',
  ],
  ['SELECT', 'EMIT CHANGES', 'CASE WHEN', 'NOT', 'ARRAY[', 'STRUCT<', '${v}', '/*', '--', '`', '*', '->', '=>'],
);

/** A text with a few places changed. */
export function mutateText(text: string, pick: Pick): string {
  let mutated = text;
  for (let changes = pick(4); changes > 0; changes--) {
    const at = pick(mutated.length + 1);
    const end = at + pick(8);
    switch (pick(5)) {
      case 0:
        mutated = mutated.slice(0, at) + oneOf(pick, SCRAPS) + mutated.slice(end);
        break;
      case 1:
        mutated = mutated.slice(0, at) + mutated.slice(at, end).repeat(pick(200)) + mutated.slice(end);
        break;
      case 2:
        mutated = mutated.slice(0, at) + mutated.slice(end);
        break;
      case 3:
        mutated = mutated.slice(0, at) + oneOf(pick, SCRAPS).repeat(pick(2_000)) + mutated.slice(at);
        break;
      default:
        mutated = mutated.slice(0, at);
    }
  }
  return mutated;
}

/** Bytes with a few of them changed, cut off, put in or doubled. */
export function mutateBytes(bytes: Buffer, pick: Pick): Buffer {
  let mutated = Buffer.from(bytes);
  for (let changes = pick(4); changes > 0; changes--) {
    const at = pick(mutated.length + 1);
    switch (pick(4)) {
      case 0:
        if (at < mutated.length) mutated[at] = pick(256);
        break;
      case 1:
        mutated = Buffer.concat([mutated.subarray(0, at), randomBytes(pick, pick(16)), mutated.subarray(at)]);
        break;
      case 2:
        mutated = mutated.subarray(0, at);
        break;
      default:
        mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(Math.max(0, at - pick(64)))]);
    }
  }
  return mutated;
}
