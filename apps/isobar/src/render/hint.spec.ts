import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { asTyped } from './hint.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const folders = ['apps/isobar/src', 'libs/local-stack/src'];
const command =
  /(?<!npx )(?<!`)\bisobar (up|down|status|logs|sql|reset|doctor|setup|city|dlq|queries|people|connectors)\b/;

/** The lines of our sources that speak of a command, without what only programmers read. */
function linesWithHints(): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
      .flatMap((name) => readFileSync(join(root, folder, name), 'utf8').split('\n'))
      .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line) && line.includes('isobar ')),
  );
}

describe('a command in what we say', () => {
  it('is one that works in a fresh clone', () => {
    expect(linesWithHints().length).toBeGreaterThan(20);
    expect(linesWithHints().filter((line) => command.test(line))).toEqual([]);
  });

  it('finds a stack whose home was given', () => {
    expect(asTyped('see npx isobar logs kafka', '/tmp/home')).toBe('see npx isobar logs --home /tmp/home kafka');
    expect(asTyped('see npx isobar logs kafka', undefined)).toBe('see npx isobar logs kafka');
  });
});
