import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { KsqlTestDriver } from './topology-driver.js';

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

describe('the example of the README', () => {
  it('is short, and its last line gives what its comment says', () => {
    const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    const lines = code.trimEnd().split('\n');
    expect(lines.filter((line) => line !== '').length).toBeLessThanOrEqual(10);
    const [, last = '', answer = ''] = /^(.*);\s*\/\/ (.*)$/.exec(lines.at(-1) ?? '') ?? [];
    const body = lines.slice(0, -1).filter((line) => !line.startsWith('import '));
    const run = new Function('KsqlTestDriver', `${body.join('\n')}\nreturn [${last}, ${answer}];`) as (
      driver: typeof KsqlTestDriver,
    ) => [unknown, unknown];
    const [actual, promised] = run(KsqlTestDriver);
    expect(actual).toEqual(promised);
  });
});
