import { expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';

const folder = import.meta.dirname;

it('every test beside the files has its file', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const orphans = files
    .filter((file) => file.endsWith('.spec.ts') && file.includes('/'))
    .filter((file) => !files.includes(file.replace(/\.spec\.ts$/, '.sql')));
  expect(orphans).toEqual([]);
});
